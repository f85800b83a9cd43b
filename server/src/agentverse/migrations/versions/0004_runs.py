"""Runs and their stored files."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0004_runs"
down_revision = "0003_populations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_runs()
    _create_artifacts()
    for table in ("runs", "run_artifacts"):
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


def _create_runs() -> None:
    op.create_table(
        "runs",
        *_tenant_columns(),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("launch_id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Uuid()),
        sa.Column("population_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False, server_default="queued"),
        sa.Column(
            "cancel_requested", sa.Boolean(), nullable=False, server_default=sa.text("false")
        ),
        sa.Column("tick", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("horizon", sa.Integer(), nullable=False),
        sa.Column("replicates", sa.Integer(), nullable=False),
        sa.Column("personas", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("event_scripts", postgresql.JSONB(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("engine_version", sa.String(), nullable=False),
        sa.Column("scenario_digest", sa.String()),
        sa.Column("digest", sa.String()),
        sa.Column("compute_seconds", sa.Float()),
        sa.Column("telemetry_bytes", sa.BigInteger()),
        sa.Column("summary", postgresql.JSONB()),
        sa.Column("problem", postgresql.JSONB()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["tenant_id", "population_id"], ["populations.tenant_id", "populations.id"]
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="status"
        ),
        sa.CheckConstraint(
            "variant IN ('with_social_rules', 'without_social_rules')", name="variant"
        ),
        sa.CheckConstraint("tick >= 0 AND tick <= horizon", name="tick"),
        sa.CheckConstraint("status <> 'succeeded' OR digest IS NOT NULL", name="digest"),
        sa.Index("ix_runs_tenant_id_node_id_id", "tenant_id", "node_id", "id"),
        sa.Index("ix_runs_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
        sa.Index("ix_runs_tenant_id_launch_id", "tenant_id", "launch_id"),
    )


def _create_artifacts() -> None:
    op.create_table(
        "run_artifacts",
        *_tenant_columns(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("format_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], ondelete="CASCADE"
        ),
        sa.CheckConstraint("kind IN ('series', 'keyframes', 'deltas')", name="kind"),
        sa.Index(
            "uq_run_artifacts_tenant_id_run_id_kind", "tenant_id", "run_id", "kind", unique=True
        ),
    )


def downgrade() -> None:
    op.drop_table("run_artifacts")
    op.drop_table("runs")
