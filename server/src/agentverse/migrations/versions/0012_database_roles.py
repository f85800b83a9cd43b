"""Policies name the app role instead of everybody, so that other roles can stand beside it."""

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0012_database_roles"
down_revision = "0011_any_checkpoints"
branch_labels = None
depends_on = None

POLICIES = sa.text(
    "SELECT quote_ident(policyname), quote_ident(tablename) FROM pg_policies "
    "WHERE schemaname = 'public' AND 'public' = ANY(roles)"
)


def upgrade() -> None:
    app = row_security.quoted_app_role(op)
    for policy, table in op.get_bind().execute(POLICIES).all():
        op.execute(sa.text(f"ALTER POLICY {policy} ON {table} TO {app}, CURRENT_USER"))
    row_security.admit(op, "tenants", DatabaseRole.PLATFORM, rights="SELECT")


def downgrade() -> None:
    platform = row_security.quoted_role(op, DatabaseRole.PLATFORM)
    op.execute(sa.text("DROP POLICY tenants_platform ON tenants"))
    op.execute(sa.text(f"REVOKE ALL ON tenants FROM {platform}"))
