"""TenantSession: the type and query rings."""

import pytest
from sqlalchemy import select

from agentverse.identity.models import OrganizationRow
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope


def test_tenant_session_of_one_tenant_does_not_see_another(
    scope: Scope, other_scope: Scope
) -> None:
    with tenant_session(scope) as db:
        seen = db.scalars(select(OrganizationRow)).all()
    assert [row.tenant_id for row in seen] == [scope.tenant_id]


def test_tenant_session_without_a_scope_is_refused(database: object) -> None:
    with pytest.raises(TypeError):
        TenantSession(None, None)  # type: ignore[arg-type]
