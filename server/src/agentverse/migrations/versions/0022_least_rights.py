"""The app role loses what it never needed: its tenant's status, temporary tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from agentverse.platform.db import row_security
from agentverse.platform.db.database_roles import DatabaseRole

revision = "0022_least_rights"
down_revision = "0021_llm_cache"
branch_labels = None
depends_on = None


def upgrade() -> None:
    app = row_security.quoted_app_role(op)
    platform = row_security.quoted_role(op, DatabaseRole.PLATFORM)
    for statement in (
        f"REVOKE UPDATE, DELETE ON tenants FROM {app}",
        f"GRANT UPDATE (status) ON tenants TO {platform}",
        f"REVOKE TEMPORARY ON DATABASE {_database()} FROM PUBLIC",
    ):
        op.execute(sa.text(statement))


def downgrade() -> None:
    app = row_security.quoted_app_role(op)
    platform = row_security.quoted_role(op, DatabaseRole.PLATFORM)
    for statement in (
        f"GRANT TEMPORARY ON DATABASE {_database()} TO PUBLIC",
        f"REVOKE UPDATE (status) ON tenants FROM {platform}",
        f"GRANT UPDATE, DELETE ON tenants TO {app}",
    ):
        op.execute(sa.text(statement))


def _database() -> Any:
    return op.get_bind().scalar(sa.text("SELECT quote_ident(current_database())"))
