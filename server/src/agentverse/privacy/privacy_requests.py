"""Ask for an export or a deletion, look at what was asked for, take a finished export away."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from agentverse import audit, tasks
from agentverse.identity import departing, organizations
from agentverse.identity.authentication import ERASE
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Actor, Scope, system_scope
from agentverse.platform.storage import artifact_store
from agentverse.privacy import repository
from agentverse.privacy.errors import (
    ExportGone,
    ExportNotReady,
    NameDoesNotMatch,
    PrivacyRequestNotFound,
)
from agentverse.privacy.models import PrivacyRequestRow
from agentverse.privacy.schemas import (
    BuildExport,
    DataCategory,
    EraseOrganization,
    EraseUser,
    PrivacyRequest,
    Subject,
)
from agentverse.privacy.table_catalogue import TABLES
from agentverse.tasks import Task, TaskKind, TaskPayload

OF_ALL: Final = "privacy:write"


def _declared(name: str, noun: str, payload: type[TaskPayload]) -> TaskKind:
    return tasks.declare(
        TaskKind(
            name=name,
            subject_type=name,
            noun=noun,
            payload=payload,
            read_permission=OF_ALL,
            write_permission=OF_ALL,
            entered=None,
        )
    )


EXPORTS: Final = _declared("privacy_export", "export", BuildExport)
DELETIONS: Final = _declared("organization_deletion", "deletion", EraseOrganization)
ERASURES: Final = _declared("user_erasure", "erasure", EraseUser)


def export_organization(db: TenantSession) -> PrivacyRequest:
    """Queue an export of everything the organization keeps. Raises QuotaReached."""
    return _export(db, "organization")


def export_own_data(scope: Scope) -> PrivacyRequest:
    """Queue an export of what is kept of the signed-in person. Raises QuotaReached."""
    with tenant_session(scope) as db:
        return _export(db, "user")


def delete_organization(db: TenantSession, name: str) -> PrivacyRequest:
    """Queue its end; until the job begins it may be cancelled like other work.

    Raises NameDoesNotMatch, QuotaReached.
    """
    current = organizations.name_of(db)
    if name.strip() != current:
        raise NameDoesNotMatch(f"To delete this organization, give its name: {current!r}.")
    row = _new_request(db, "deletion", "organization")
    audit.record(db, action="organization.delete", resource_type="organization", resource_id=row.id)
    scope = _working(db.scope, erases=True)
    tasks.enter(db, DELETIONS, row.id, title="deletion of the organization", scope=scope)
    return views(db, [row])[0]


def delete_own_data(scope: Scope, password: str) -> None:
    """The person leaves every organization and is forgotten; a job erases their words.

    Raises SignInFailed, LastOwner, SessionEnded.
    """
    person_id = departing.person_of(scope)
    for place in departing.prove_departure(scope, password):
        departing.depart(place)
        if place.actor.id is None:
            continue
        with tenant_session(system_scope(place.tenant_id, request_id=scope.request_id)) as db:
            audit.record(
                db,
                action="privacy.erase",
                resource_type="user",
                resource_id=place.actor.id,
            )
            tasks.enter(db, ERASURES, place.actor.id, title="erasure of a member who left")
    departing.forget_own_person(scope, person_id)


def list_requests(scope: Scope, *, cursor: str | None, limit: int) -> Page[PrivacyRequest]:
    """One's own; every one of the organization for who has `privacy:write`."""
    user_id = None if scope.allows(OF_ALL) else scope.actor.id
    with tenant_session(scope, read_only=True) as db:
        page = repository.page_requests(db, user_id=user_id, cursor=cursor, limit=limit)
        return Page(items=views(db, page.items), next_cursor=page.next_cursor)


def open_export(scope: Scope, request_id: UUID) -> Path:
    """The archive of a finished export. Recorded.

    Raises PrivacyRequestNotFound, ExportNotReady, ExportGone.
    """
    with tenant_session(scope) as db:
        row = repository.get_request(db, request_id)
        if row.user_id != scope.actor.id and not (
            row.subject == "organization" and scope.allows(OF_ALL)
        ):
            raise PrivacyRequestNotFound("Look up its id in GET /api/v1/privacy/requests.")
        if row.kind != "export" or row.expires_at is None:
            raise ExportNotReady("It is being written. Ask again in a moment.")
        if row.file_key is None or row.expires_at <= now():
            raise ExportGone("Exports are kept for a week. Ask for a new one.")
        audit.record(db, action="privacy.download", resource_type="privacy", resource_id=row.id)
        return artifact_store().path(scope.tenant_id, row.file_key)


def data_categories() -> list[DataCategory]:
    return [
        DataCategory(
            table=name,
            holds=entry.holds,
            of_user=bool(entry.users),
            after_deletion="kept without words" if entry.kept else "erased",
        )
        for name, entry in TABLES.items()
    ]


def views(db: TenantSession, rows: Sequence[PrivacyRequestRow]) -> list[PrivacyRequest]:
    newest = tasks.latest(db, [row.id for row in rows])
    return [_view(row, newest[row.id]) for row in rows]


def _view(row: PrivacyRequestRow, task: Task) -> PrivacyRequest:
    return PrivacyRequest.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "subject": row.subject,
            "user_id": row.user_id,
            "status": task.status,
            "created_at": row.created_at,
            "size_bytes": row.size_bytes,
            "expires_at": row.expires_at,
            "problem": task.problem,
        }
    )


def _export(db: TenantSession, subject: Subject) -> PrivacyRequest:
    row = _new_request(db, "export", subject)
    audit.record(
        db,
        action="privacy.export",
        resource_type="privacy",
        resource_id=row.id,
        after={"kind": subject},
    )
    tasks.enter(db, EXPORTS, row.id, title=f"export of {subject}", scope=_working(db.scope))
    return views(db, [row])[0]


def _new_request(db: TenantSession, kind: str, subject: str) -> PrivacyRequestRow:
    row = PrivacyRequestRow(
        id=new_id(), kind=kind, subject=subject, user_id=db.scope.actor.id or new_id()
    )
    db.add(row)
    db.flush()
    return row


def _working(scope: Scope, *, erases: bool = False) -> Scope:
    """The installation's own, so that it goes on whoever leaves meanwhile."""
    return Scope(
        tenant_id=scope.tenant_id,
        actor=Actor(kind="system"),
        permissions=frozenset({ERASE}) if erases else frozenset(),
        request_id=scope.request_id,
    )
