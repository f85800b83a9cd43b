"""Questions keep the change that a person confirmed in place of what was read of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030_confirmed"
down_revision = "0029_turns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("asks", sa.Column("confirmed", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("Restore the dump made before the upgrade.")
