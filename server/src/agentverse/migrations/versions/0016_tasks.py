"""Tasks, the life of work that a job does, and Idempotency-Keys of requests that start it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from agentverse.platform.db import row_security

revision = "0016_tasks"
down_revision = "0015_llm_router"
branch_labels = None
depends_on = None

STATUSES = "'queued', 'running', 'succeeded', 'failed', 'cancelled'"


def upgrade() -> None:
    op.create_table(
        "tasks",
        *_tenant_owned(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("project_id", sa.Uuid()),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False, server_default="queued"),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"),
        sa.Column(
            "cancel_requested", sa.Boolean(), nullable=False, server_default=sa.text("false")
        ),
        sa.Column("done", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("total", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("label", sa.String(), nullable=False, server_default=""),
        sa.Column("problem", postgresql.JSONB()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="status"),
        sa.CheckConstraint("(status = 'failed') = (problem IS NOT NULL)", name="failed_says_why"),
        sa.CheckConstraint(
            "(status IN ('queued', 'running')) = (finished_at IS NULL)", name="ended_says_when"
        ),
        sa.CheckConstraint("done >= 0 AND total >= 1", name="progress"),
    )
    for columns in (
        ("kind", "status", "id"),
        ("actor", "kind", "status", "id"),
        ("subject_id", "id"),
        ("group_id",),
    ):
        name = "_".join(("ix_tasks_tenant_id", *columns))
        op.create_index(name, "tasks", ["tenant_id", *columns])
    row_security.protect(op, "tasks")
    op.create_table(
        "idempotency_keys",
        *_tenant_owned(),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("tenant_id", "actor", "key"),
        sa.Index(
            "ix_idempotency_keys_tenant_id_actor_expires_at", "tenant_id", "actor", "expires_at"
        ),
    )
    row_security.protect(op, "idempotency_keys")


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("tasks")


def _tenant_owned() -> tuple[sa.Column[object], ...]:
    return (
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
    )
