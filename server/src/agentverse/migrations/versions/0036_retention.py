"""How long an organization keeps what it may do without."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security

revision = "0036_retention"
down_revision = "0035_privacy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention_policies",
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id"), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("now()"),
        ),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.UniqueConstraint("tenant_id", "resource"),
        sa.CheckConstraint("resource IN ('audit_words')", name="resource"),
        sa.CheckConstraint("days BETWEEN 30 AND 3650", name="days"),
    )
    row_security.protect(op, "retention_policies")


def downgrade() -> None:
    op.drop_table("retention_policies")
