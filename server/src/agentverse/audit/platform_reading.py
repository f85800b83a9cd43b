"""The platform realm in a tenant's audit: it may read any, and leaves an entry there itself."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from agentverse.audit import repository
from agentverse.audit.errors import AuditStreamNotFound
from agentverse.audit.recording import INSTALLATION, record
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import PlatformScope, Scope


def scope_in(platform: PlatformScope, tenant_id: UUID) -> Scope:
    """The administrator inside one tenant, with the one permission that reading needs."""
    return Scope(
        tenant_id=tenant_id,
        actor=platform.actor,
        permissions=frozenset({"audit:read", "audit:export"}),
        credential=platform.credential,
        request_id=platform.request_id,
    )


@contextmanager
def audited_session(platform: PlatformScope, tenant_id: UUID) -> Generator[TenantSession]:
    """A session in the tenant's audit; its owners see in it that it was opened."""
    with tenant_session(scope_in(platform, tenant_id)) as db:
        refuse_unknown_stream(db, tenant_id)
        record(db, action="audit.read", resource_type="audit", resource_id=None)
        yield db


def refuse_unknown_stream(db: TenantSession, tenant_id: UUID) -> None:
    """Every tenant has an entry, of its own making; what has none is no tenant.

    Raises AuditStreamNotFound.
    """
    if tenant_id != INSTALLATION and not repository.list_entries(
        db, repository.Filters(), before=None, limit=1
    ):
        raise AuditStreamNotFound("There is no tenant with this id.")
