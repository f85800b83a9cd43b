"""Checkpoints of any work that is resumed: of runs, and of the two halves of a hybrid.

The table names its owner by id alone, as runs name their node: owners lie in other contexts.
"""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security

revision = "0011_any_checkpoints"
down_revision = "0010_hybrids"
branch_labels = None
depends_on = None

CARRIED = "tenant_id, id, created_at, first_replicate, replicates, tick, key, size_bytes"


def upgrade() -> None:
    _create(
        "checkpoints",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.UniqueConstraint("tenant_id", "owner_id", "part", "first_replicate"),
    )
    _carry_over(
        f"INSERT INTO checkpoints ({CARRIED}, owner_id, part) "
        f"SELECT {CARRIED}, run_id, 'run' FROM run_checkpoints",
        "run_checkpoints",
    )
    row_security.protect(op, "checkpoints")


def downgrade() -> None:
    _create(
        "run_checkpoints",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], ondelete="CASCADE"
        ),
        sa.UniqueConstraint("tenant_id", "run_id", "first_replicate"),
    )
    _carry_over(
        f"INSERT INTO run_checkpoints ({CARRIED}, run_id) "
        f"SELECT {CARRIED}, owner_id FROM checkpoints WHERE part = 'run'",
        "checkpoints",
    )
    row_security.protect(op, "run_checkpoints")


def _create(table: str, *own: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
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
        sa.Column("first_replicate", sa.Integer(), nullable=False),
        sa.Column("replicates", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        *own,
    )


def _carry_over(statement: str, old: str) -> None:
    """Every tenant's rows, so the owner of the old table looks past its row security once."""
    op.execute(f"ALTER TABLE {old} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.drop_table(old)
