"""Projects say who may read their questions, and questions keep who was to read them.

Nobody allowed a model in a project that is there already: its questions stay with the rules.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034_compilers"
down_revision = "0033_administrators"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("projects", "asks"):
        column = sa.Column("compiler", sa.String(), nullable=False, server_default="rules")
        op.add_column(table, column)
        op.create_check_constraint(
            op.f(f"ck_{table}_compiler"), table, "compiler IN ('rules', 'model', 'both')"
        )


def downgrade() -> None:
    raise NotImplementedError("Restore the dump made before the upgrade.")
