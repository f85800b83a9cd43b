"""Projects and runs hold the roles that a template takes from columns of the file.

Older ones took nothing: their numbers stay as they are, and are called illustrative.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032_roles"
down_revision = "0031_quotas"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("projects", "runs"):
        column = sa.Column("roles", postgresql.JSONB(), nullable=False, server_default="{}")
        op.add_column(table, column)


def downgrade() -> None:
    raise NotImplementedError("Restore the dump made before the upgrade.")
