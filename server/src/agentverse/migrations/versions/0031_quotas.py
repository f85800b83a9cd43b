"""How much work a tenant may have, where it is not what every tenant may."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0031_quotas"
down_revision = "0030_confirmed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant_quotas",
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
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tasks", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("tenant_id", "name"),
        sa.CheckConstraint("name IN ('unfinished_tasks', 'tasks_per_day')", name="name"),
        sa.CheckConstraint("tasks >= 0", name="tasks"),
    )
    # A tenant reads its own; only the platform realm sets them.
    row_security.protect(op, "tenant_quotas", rights="SELECT")
    row_security.share(op, "tenant_quotas", DatabaseRole.PLATFORM, rights="SELECT, INSERT, DELETE")
    op.create_index(
        "ix_tasks_unfinished",
        "tasks",
        ["tenant_id"],
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    )


def downgrade() -> None:
    op.drop_index("ix_tasks_unfinished", "tasks")
    op.drop_table("tenant_quotas")
