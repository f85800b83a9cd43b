"""Checkpoints of running runs, and the tick at which a run was taken up again."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security

revision = "0008_checkpoints"
down_revision = "0007_branches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("resumed_tick", sa.Integer()))
    op.create_table(
        "run_checkpoints",
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
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("first_replicate", sa.Integer(), nullable=False),
        sa.Column("replicates", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], ondelete="CASCADE"
        ),
        sa.UniqueConstraint("tenant_id", "run_id", "first_replicate"),
    )
    row_security.protect(op, "run_checkpoints")


def downgrade() -> None:
    op.drop_table("run_checkpoints")
    op.drop_column("runs", "resumed_tick")
