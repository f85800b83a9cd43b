"""HTTP door of the audit: owners and admins read what happened in their own tenant."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from agentverse.audit import exporting, reading
from agentverse.audit.exporting import MEDIA_TYPES, ExportFormat
from agentverse.audit.permissions import AuditExporter, ReadAudit
from agentverse.audit.repository import Filters
from agentverse.audit.schemas import AuditCount, AuditEntry, AuditEntryDetail, AuditStats
from agentverse.platform.http.router import ContextRouter, audits
from agentverse.platform.pagination import Page

router = ContextRouter("audit", prefix="/api/v1/admin/audit-logs")

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


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}},
)
@audits("audit.export")
def export_audit_logs(
    standing: AuditExporter,
    filters: Filtered,
    format: ExportFormat = "csv",  # noqa: A002 - the parameter's public name
) -> StreamingResponse:
    """Every entry that the filters leave, newest first, as it is read. Recorded itself."""
    return StreamingResponse(
        exporting.export(standing.scope, filters, format),
        media_type=MEDIA_TYPES[format],
        headers={
            "Content-Disposition": f'attachment; filename="audit-log.{format}"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/{log_id}")
def get_audit_log(db: ReadAudit, log_id: UUID) -> AuditEntryDetail:
    return reading.get_entry(db, log_id)
