"""Projects, nodes, edges, event scripts and questions."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0005_universe"
down_revision = "0004_runs"
branch_labels = None
depends_on = None

TABLES = ("projects", "nodes", "edges", "event_scripts", "asks")


def upgrade() -> None:
    _create_projects()
    _create_nodes()
    _create_edges()
    _create_event_scripts()
    _create_asks()
    for table in TABLES:
        row_security.protect(op, table)


def _tenant_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "tenant_id",
            sa.Uuid(),
            sa.ForeignKey("tenants.id"),
            primary_key=True,
            server_default=sa.text("app.tenant_id()"),
        ),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
    ]


def _to_node(column: str) -> sa.ForeignKeyConstraint:
    """A node of the same project: the project is part of the key."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", "project_id", column], ["nodes.tenant_id", "nodes.project_id", "nodes.id"]
    )


def _create_projects() -> None:
    op.create_table(
        "projects",
        *_tenant_columns(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("population_id", sa.Uuid(), nullable=False),
        sa.Column("horizon", sa.Integer(), nullable=False),
        sa.Column("replicates", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("outcome_alternative", sa.String(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("idempotency_key", sa.String()),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "population_id"], ["populations.tenant_id", "populations.id"]
        ),
        sa.UniqueConstraint("tenant_id", "slug"),
        sa.UniqueConstraint("tenant_id", "idempotency_key"),
        sa.CheckConstraint("horizon BETWEEN 1 AND 600", name="horizon"),
        sa.CheckConstraint("replicates BETWEEN 8 AND 200", name="replicates"),
    )


def _create_nodes() -> None:
    op.create_table(
        "nodes",
        *_tenant_columns(),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("ask_id", sa.Uuid()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("question", sa.String()),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "project_id"], ["projects.tenant_id", "projects.id"]),
        sa.UniqueConstraint("tenant_id", "project_id", "id"),
        _to_node("parent_id"),
        sa.CheckConstraint("kind IN ('root', 'branch')", name="kind"),
        sa.CheckConstraint("(kind = 'root') = (parent_id IS NULL)", name="root_has_no_parent"),
        sa.Index(
            "uq_nodes_root",
            "tenant_id",
            "project_id",
            unique=True,
            postgresql_where=sa.text("kind = 'root'"),
        ),
    )


def _create_edges() -> None:
    op.create_table(
        "edges",
        *_tenant_columns(),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        _to_node("parent_id"),
        _to_node("child_id"),
        sa.UniqueConstraint("tenant_id", "parent_id", "child_id"),
        sa.Index("ix_edges_tenant_id_project_id", "tenant_id", "project_id"),
    )


def _create_event_scripts() -> None:
    op.create_table(
        "event_scripts",
        *_tenant_columns(),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("script", postgresql.JSONB(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "node_id"], ["nodes.tenant_id", "nodes.id"]),
        sa.UniqueConstraint("tenant_id", "node_id", "position"),
    )


def _create_asks() -> None:
    op.create_table(
        "asks",
        *_tenant_columns(),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("parent_node_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid()),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("accept_partial", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("compilation", postgresql.JSONB()),
        sa.Column("problem", postgresql.JSONB()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("idempotency_key", sa.String()),
        sa.Column("request_digest", sa.String(), nullable=False),
        _to_node("parent_node_id"),
        sa.ForeignKeyConstraint(["tenant_id", "node_id"], ["nodes.tenant_id", "nodes.id"]),
        sa.UniqueConstraint("tenant_id", "idempotency_key"),
        sa.CheckConstraint(
            "status IN ('queued', 'compiling', 'needs_input', 'running', 'failed')", name="status"
        ),
        sa.CheckConstraint("(status = 'running') = (node_id IS NOT NULL)", name="running_has_node"),
        sa.Index("ix_asks_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
