"""Tenants as the platform realm sees them: listed, suspended, resumed."""

from uuid import UUID

from agentverse import audit
from agentverse.identity import key_authentication, repository
from agentverse.identity.schemas import Tenant, TenantSuspend
from agentverse.platform.db.administration import PlatformSession, administered_tenant
from agentverse.platform.pagination import Page
from agentverse.platform.scope import PlatformScope


def list_tenants(db: PlatformSession, *, cursor: str | None, limit: int) -> Page[Tenant]:
    found, next_cursor = repository.list_tenants(db, cursor=cursor, limit=limit)
    return Page(items=found, next_cursor=next_cursor)


def suspend(scope: PlatformScope, tenant_id: UUID, request: TenantSuspend) -> None:
    """Nobody of the tenant gets in, and its work ends, within seconds."""
    _turn(scope, tenant_id, "suspended", reason=request.reason)


def resume(scope: PlatformScope, tenant_id: UUID) -> None:
    _turn(scope, tenant_id, "active", reason=None)


def _turn(scope: PlatformScope, tenant_id: UUID, status: str, *, reason: str | None) -> None:
    with administered_tenant(scope, tenant_id) as db:
        before = repository.lock_tenant_status(db)
        if before == status:
            return
        repository.set_tenant_status(db, status)
        audit.record(
            db,
            action="tenant.suspend" if status == "suspended" else "tenant.resume",
            resource_type="tenant",
            resource_id=tenant_id,
            before={"status": before},
            after={"status": status, **({} if reason is None else {"reason": reason})},
        )
        db.call_after_commit(key_authentication.forget)
