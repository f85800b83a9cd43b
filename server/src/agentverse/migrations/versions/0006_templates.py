"""Domain templates of projects and runs: expand, every row so far is a consumer choice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_templates"
down_revision = "0005_universe"
branch_labels = None
depends_on = None

TABLES = ("projects", "runs")
# As they were at this revision; a later template widens the constraint by a revision of its own.
NAMES = "'consumer_choice', 'adoption', 'opinion', 'election', 'contagion', 'consumption'"


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "domain_template", sa.String(), nullable=False, server_default="consumer_choice"
            ),
        )
        op.add_column(
            table,
            sa.Column("template_options", postgresql.JSONB(), nullable=False, server_default="{}"),
        )
        op.add_column(table, sa.Column("start_shares", postgresql.JSONB()))
        op.create_check_constraint(
            op.f(f"ck_{table}_domain_template"), table, f"domain_template IN ({NAMES})"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_constraint(op.f(f"ck_{table}_domain_template"), table)
        for column in ("start_shares", "template_options", "domain_template"):
            op.drop_column(table, column)
