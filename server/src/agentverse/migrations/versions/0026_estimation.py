"""Projects and runs say whether each replicate has drawn coefficients; older ones have none.

A branch is compared with its base replicate by replicate, so a project keeps what it began with.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026_estimation"
down_revision = "0025_headlines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("projects", "runs"):
        op.add_column(
            table, sa.Column("estimation", sa.Boolean(), nullable=False, server_default="false")
        )


def downgrade() -> None:
    raise NotImplementedError("Restore the dump made before the upgrade.")
