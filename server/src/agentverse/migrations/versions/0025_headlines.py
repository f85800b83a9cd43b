"""Which variant speaks first in a project, and the constants that a run's data call for.

In choice projects the social rules are an assumption that the data do not identify, so the run
without them is the headline until somebody switches them on; every other template is about them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025_headlines"
down_revision = "0024_rate_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("calibration", postgresql.JSONB()))
    op.add_column(
        "projects",
        sa.Column("social_rules", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # Every tenant's rows, so the owner of the table looks past its row security once.
    op.execute("ALTER TABLE projects NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE projects SET social_rules = true WHERE domain_template <> 'consumer_choice'")
    op.execute("ALTER TABLE projects FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_column("projects", "social_rules")
    op.drop_column("runs", "calibration")
