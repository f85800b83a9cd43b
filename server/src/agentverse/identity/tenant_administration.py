"""Tenants as the platform realm sees them: listed, suspended, resumed."""

from uuid import UUID

from agentverse import audit, tasks
from agentverse.identity import key_authentication, repository
from agentverse.identity.errors import TenantDeleted
from agentverse.identity.schemas import QuotaLimits, Tenant, TenantSuspend
from agentverse.platform.db.administration import (
    PlatformSession,
    administered_tenant,
    platform_session,
)
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Actor, Credential, PlatformScope
from agentverse.platform.versions import refuse_stale


def list_tenants(db: PlatformSession, *, cursor: str | None, limit: int) -> Page[Tenant]:
    tenants, next_cursor = repository.list_tenants(db, cursor=cursor, limit=limit)
    return Page(items=tenants, next_cursor=next_cursor)


def active_tenants() -> list[UUID]:
    """For work of the installation in each of them, oldest first."""
    scope = PlatformScope(actor=Actor(kind="system"), credential=Credential(kind="platform_token"))
    with platform_session(scope, read_only=True) as db:
        return repository.active_tenant_ids(db)


def suspend(scope: PlatformScope, tenant_id: UUID, request: TenantSuspend) -> None:
    """Nobody of the tenant gets in, and its work ends, within seconds.

    Raises TenantNotFound, TenantDeleted.
    """
    _turn(scope, tenant_id, "suspended", reason=request.reason)


def resume(scope: PlatformScope, tenant_id: UUID) -> None:
    """Raises TenantNotFound, TenantDeleted."""
    _turn(scope, tenant_id, "active", reason=None)


def _turn(scope: PlatformScope, tenant_id: UUID, status: str, *, reason: str | None) -> None:
    with administered_tenant(scope, tenant_id) as db:
        before = repository.lock_tenant_status(db)
        if before in ("deleting", "deleted"):
            raise TenantDeleted("Its members asked for it; nothing of it can be brought back.")
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


def quotas_of(scope: PlatformScope, tenant_id: UUID) -> QuotaLimits:
    """Raises TenantNotFound."""
    with administered_tenant(scope, tenant_id) as db:
        repository.lock_tenant_status(db)
        return QuotaLimits.model_validate(tasks.quota_limits_of(db))


def set_quotas(
    scope: PlatformScope, tenant_id: UUID, request: QuotaLimits, *, if_match: str | None = None
) -> QuotaLimits:
    """In force with the tenant's next task; what is left out stays, null is the installation's.

    Raises TenantNotFound, ChangedMeanwhile.
    """
    wanted: dict[tasks.QuotaName, int | None] = {}
    if "unfinished_tasks" in request.model_fields_set:
        wanted["unfinished_tasks"] = request.unfinished_tasks
    if "tasks_per_day" in request.model_fields_set:
        wanted["tasks_per_day"] = request.tasks_per_day
    with administered_tenant(scope, tenant_id) as db:
        repository.lock_tenant_status(db)
        before = tasks.quota_limits_of(db)
        refuse_stale(if_match, QuotaLimits.model_validate(before))
        tasks.set_quota_limits(db, wanted)
        after = tasks.quota_limits_of(db)
        audit.record(
            db,
            action="tenant.set_quotas",
            resource_type="tenant",
            resource_id=tenant_id,
            before={**before},
            after={**after},
        )
        return QuotaLimits.model_validate(after)
