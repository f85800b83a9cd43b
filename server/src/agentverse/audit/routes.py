"""HTTP door of the audit: owners and admins read what happened in their own tenant.

The platform realm has the same six operations on any tenant, at addresses of its own: nothing that
a tenant's member sends can name a tenant.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from agentverse.audit import exporting, platform_reading, reading
from agentverse.audit.exporting import MEDIA_TYPES, ExportFormat
from agentverse.audit.permissions import AuditExporter, PlatformReader, ReadAudit
from agentverse.audit.repository import Filters
from agentverse.audit.schemas import AuditCount, AuditEntry, AuditEntryDetail, AuditStats
from agentverse.platform.db.session import tenant_session
from agentverse.platform.http.context_router import ContextRouter, audits
from agentverse.platform.pagination import Page

router = ContextRouter("audit", prefix="/api/v1/admin/audit-logs")
platform_router = ContextRouter("audit", prefix="/api/v1/admin/tenants/{tenant_id}/audit-logs")

Short = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


def _filters(
    action: Short = None,
    resource_type: Short = None,
    resource_id: UUID | None = None,
    user_id: UUID | None = None,
    since: datetime | None = None,
    to: datetime | None = None,
    ip: Short = None,
    request_id: Short = None,
    search: Annotated[
        Short, Query(description="Words of names, questions, file names; or a request's id.")
    ] = None,
) -> Filters:
    return Filters(
        action=action,
        resource_type=resource_type,
        resource_id=resource_id,
        user_id=user_id,
        since=since,
        to=to,
        ip=ip,
        request_id=request_id,
        search=search,
    )


Filtered = Annotated[Filters, Depends(_filters)]


@router.get("")
def list_audit_logs(
    db: ReadAudit, filters: Filtered, cursor: str | None = None, limit: int = 50
) -> Page[AuditEntry]:
    return reading.list_entries(db, filters, cursor=cursor, limit=limit)


@router.get("/stats")
def get_audit_stats(
    db: ReadAudit, since: datetime | None = None, to: datetime | None = None
) -> AuditStats:
    """Counts by action, type, outcome and day; without dates: the last 30 days."""
    return reading.stats(db, since=since, to=to)


@router.get("/actions")
def list_audit_actions(db: ReadAudit) -> list[AuditCount]:
    return reading.list_actions(db)


@router.get("/resource-types")
def list_audit_resource_types(db: ReadAudit) -> list[AuditCount]:
    return reading.list_resource_types(db)


EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}
}


@router.get("/export", response_class=StreamingResponse, responses=EXPORTED)
@audits("audit.export")
def export_audit_logs(
    exporter: AuditExporter,
    filters: Filtered,
    format: ExportFormat = "csv",  # noqa: A002 - the parameter's public name
) -> StreamingResponse:
    """Every entry that the filters leave, newest first, as it is read. Recorded itself."""
    return _streamed(exporting.export(exporter.scope, filters, format), format)


def _streamed(chunks: Iterator[bytes], format_: ExportFormat) -> StreamingResponse:
    return StreamingResponse(
        chunks,
        media_type=MEDIA_TYPES[format_],
        headers={
            "Content-Disposition": f'attachment; filename="audit-log.{format_}"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/{log_id}")
def get_audit_log(db: ReadAudit, log_id: UUID) -> AuditEntryDetail:
    return reading.get_entry(db, log_id)


# --- the platform realm ------------------------------------------------------------------------


@platform_router.get("")
def list_tenant_audit_logs(
    platform: PlatformReader,
    tenant_id: UUID,
    filters: Filtered,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[AuditEntry]:
    """Any tenant's entries; zeros: the installation's own. Recorded in the tenant's log."""
    with platform_reading.audited_session(platform, tenant_id) as db:
        return reading.list_entries(db, filters, cursor=cursor, limit=limit)


@platform_router.get("/stats")
def get_tenant_audit_stats(
    platform: PlatformReader,
    tenant_id: UUID,
    since: datetime | None = None,
    to: datetime | None = None,
) -> AuditStats:
    with platform_reading.audited_session(platform, tenant_id) as db:
        return reading.stats(db, since=since, to=to)


@platform_router.get("/actions")
def list_tenant_audit_actions(platform: PlatformReader, tenant_id: UUID) -> list[AuditCount]:
    with platform_reading.audited_session(platform, tenant_id) as db:
        return reading.list_actions(db)


@platform_router.get("/resource-types")
def list_tenant_audit_resource_types(platform: PlatformReader, tenant_id: UUID) -> list[AuditCount]:
    with platform_reading.audited_session(platform, tenant_id) as db:
        return reading.list_resource_types(db)


@platform_router.get("/export", response_class=StreamingResponse, responses=EXPORTED)
@audits("audit.export")
def export_tenant_audit_logs(
    platform: PlatformReader,
    tenant_id: UUID,
    filters: Filtered,
    format: ExportFormat = "csv",  # noqa: A002 - the parameter's public name
) -> StreamingResponse:
    scope = platform_reading.scope_in(platform, tenant_id)
    with tenant_session(scope, read_only=True) as db:
        platform_reading.refuse_unknown_stream(db, tenant_id)
    return _streamed(exporting.export(lambda: scope, filters, format), format)


@platform_router.get("/{log_id}")
def get_tenant_audit_log(
    platform: PlatformReader, tenant_id: UUID, log_id: UUID
) -> AuditEntryDetail:
    with platform_reading.audited_session(platform, tenant_id) as db:
        return reading.get_entry(db, log_id)
