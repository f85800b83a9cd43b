"""HTTP door of privacy."""

from uuid import UUID

from fastapi import Response
from fastapi.responses import FileResponse

from agentverse.platform.http.context_router import ContextRouter, audits
from agentverse.platform.pagination import DEFAULT_LIMIT, Page
from agentverse.privacy import privacy_requests, retention
from agentverse.privacy.permissions import DeleteOrganization, ReadPrivacy, Self, WritePrivacy
from agentverse.privacy.schemas import (
    DataCategory,
    OrganizationDelete,
    OwnDataDelete,
    PrivacyRequest,
    Resource,
    RetentionPolicy,
    RetentionUpdate,
)

router = ContextRouter("privacy")


@router.get("/privacy/data-categories")
def list_data_categories(scope: Self) -> Page[DataCategory]:
    """What is kept, table by table, and what a deletion leaves of it."""
    return Page(items=privacy_requests.data_categories())


@router.get("/privacy/requests")
def list_requests(
    scope: Self, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[PrivacyRequest]:
    """Your exports and deletions; for owners, those of the whole organization."""
    return privacy_requests.list_requests(scope, cursor=cursor, limit=limit)


@router.post("/privacy/exports", status_code=202)
@audits("privacy.export")
def export_organization(db: WritePrivacy) -> PrivacyRequest:
    """A zip with a JSON line per row and the files; ready when its status is `succeeded`."""
    return privacy_requests.export_organization(db)


@router.post("/privacy/export-my-data", status_code=202)
@audits("privacy.export")
def export_own_data(scope: Self) -> PrivacyRequest:
    """What is kept of you, in all your organizations; ready when its status is `succeeded`."""
    return privacy_requests.export_own_data(scope)


@router.get("/privacy/exports/{export_id}/download", response_class=FileResponse)
def download_export(scope: Self, export_id: UUID) -> FileResponse:
    """The zip of a finished export, for a week."""
    path = privacy_requests.open_export(scope, export_id)
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"agentverse-export-{export_id}.zip",
        headers={"Cache-Control": "no-store"},
    )


@router.get("/privacy/retention")
def list_retention_policies(db: ReadPrivacy) -> Page[RetentionPolicy]:
    """How long the organization keeps what it may do without."""
    return Page(items=retention.policies(db))


@router.put("/privacy/retention/{resource}")
@audits("retention.update")
def set_retention_policy(
    db: WritePrivacy, resource: Resource, body: RetentionUpdate
) -> RetentionPolicy:
    """In force within the hour; what is older then is erased."""
    return retention.set_policy(db, resource, body.days)


@router.post("/privacy/delete-my-data", status_code=204)
@audits("privacy.erase")
def delete_own_data(scope: Self, body: OwnDataDelete, response: Response) -> None:
    """You leave every organization and are forgotten; what you made there stays theirs."""
    privacy_requests.delete_own_data(scope, body.current_password)


@router.delete("/organizations/current", status_code=202)
@audits("organization.delete")
def delete_organization(db: DeleteOrganization, body: OrganizationDelete) -> PrivacyRequest:
    """Everything the organization keeps is erased; nobody can bring it back."""
    return privacy_requests.delete_organization(db, body.name)
