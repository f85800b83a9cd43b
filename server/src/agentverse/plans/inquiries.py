"""A request that a job answers: the life that plans and hybrid runs share.

queued → running → succeeded | failed | cancelled; `attempt` fences as it does for runs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from agentverse import audit
from agentverse.plans import repository
from agentverse.plans.errors import PlanAlreadyFinished, PlanNotFound, PlanSuperseded
from agentverse.plans.models import Inquiry, PlanRow
from agentverse.platform.clock import now
from agentverse.platform.db.queries import insert
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import AgentVerseError, Conflict, NotFound
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.idempotency import check_same_request
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.scope import Scope
from agentverse.runs import checkpointing

UNFINISHED: Final = ("queued", "running")
LOOK_SECONDS: Final = 0.2

InquiryRow = TypeVar("InquiryRow", bound=Inquiry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[InquiryRow]):
    """What tells one kind of inquiry from another: its table, its name, its errors."""

    row: type[InquiryRow]
    resource: str
    words: str
    not_found: type[NotFound]
    advice: str
    already_finished: type[Conflict]
    superseded: type[Conflict]


PLANS: Final = Kind(
    row=PlanRow,
    resource="plan",
    words="search",
    not_found=PlanNotFound,
    advice="There is no plan with this id. List a project's with GET /api/v1/projects/{id}/plans.",
    already_finished=PlanAlreadyFinished,
    superseded=PlanSuperseded,
)


def get(
    db: TenantSession, kind: Kind[InquiryRow], inquiry_id: UUID, *, for_update: bool = False
) -> InquiryRow:
    return repository.get_inquiry(
        db, kind.row, inquiry_id, kind.not_found, kind.advice, for_update=for_update
    )


def known(
    db: TenantSession, kind: Kind[InquiryRow], key: str | None, digest: str
) -> InquiryRow | None:
    """The inquiry that this Idempotency-Key has made already, if it was for the same request."""
    row = None if key is None else repository.find_inquiry_by_key(db, kind.row, key)
    if row is not None:
        check_same_request(row.request_digest, digest)
    return row


def enter(db: TenantSession, kind: Kind[InquiryRow], row: InquiryRow, payload: BaseModel) -> bool:
    """Row, audit entry and job together; False when the Idempotency-Key was taken meanwhile."""
    if not insert(db, row):
        return False
    record(db, kind, row, "create")
    enqueue(db, payload)
    return True


def cancel(db: TenantSession, kind: Kind[InquiryRow], inquiry_id: UUID) -> InquiryRow:
    """A queued one ends at once; a running one when its worker looks next."""
    row = get(db, kind, inquiry_id, for_update=True)
    if row.status not in UNFINISHED:
        raise kind.already_finished(
            f"The {kind.words} has already ended as “{row.status}”. There is nothing left to "
            "cancel."
        )
    row.cancel_requested = True
    if row.status == "queued":
        row.status, row.finished_at = "cancelled", now()
    record(db, kind, row, "cancel")
    return row


def claim(db: TenantSession, kind: Kind[InquiryRow], inquiry_id: UUID) -> InquiryRow | None:
    """Take it for a new attempt; None when nothing is left to do.

    A row that is already running belonged to a worker whose job was given to us: it is dead.
    """
    row = get(db, kind, inquiry_id, for_update=True)
    if row.status not in UNFINISHED:
        return None
    if row.cancel_requested:
        close(db, kind, row, "cancelled")
        return None
    row.status, row.attempt = "running", row.attempt + 1
    row.started_at = row.started_at or now()
    return row


def owned(
    db: TenantSession, kind: Kind[InquiryRow], inquiry_id: UUID, *, attempt: int
) -> InquiryRow:
    """The locked row, if this attempt still owns it."""
    row = get(db, kind, inquiry_id, for_update=True)
    if row.status != "running" or row.attempt != attempt:
        raise kind.superseded(f"Another worker took this {kind.words} over; its result counts.")
    return row


def close(
    db: TenantSession,
    kind: Kind[InquiryRow],
    row: InquiryRow,
    status: str,
    *,
    result: BaseModel | None = None,
) -> None:
    row.status, row.finished_at = status, now()
    row.result = None if result is None else result.model_dump(mode="json")
    record(db, kind, row, "finish")


def store_failure(scope: Scope, kind: Kind[InquiryRow], inquiry_id: UUID, error: Exception) -> None:
    """Write the problem the API would return; what has ended otherwise keeps its end."""
    if isinstance(error, kind.superseded):
        # The attempt that took over owns the row and its end; this job merely stops.
        return
    problem = (
        problem_document(error, scope.request_id)
        if isinstance(error, AgentVerseError)
        else unexpected_document(scope.request_id)
    )
    with checkpointing.ending(scope, inquiry_id) as db:
        row = get(db, kind, inquiry_id, for_update=True)
        if row.status in UNFINISHED:
            row.problem = problem
            close(db, kind, row, "failed")


def record(db: TenantSession, kind: Kind[InquiryRow], row: InquiryRow, verb: str) -> None:
    db.flush()
    after: dict[str, Any] = {"status": row.status, "project_id": str(row.project_id)}
    audit.record(
        db,
        action=f"{kind.resource}.{verb}",
        resource_type=kind.resource,
        resource_id=row.id,
        after=after,
        outcome="failure" if row.status == "failed" else "success",
    )


@dataclass(slots=True, kw_only=True)
class Watch(Generic[InquiryRow]):
    """Between work and row: progress and cancellation, at most 5 times a second.

    note: writes what is done so far into the row.
    """

    scope: Scope
    kind: Kind[InquiryRow]
    inquiry_id: UUID
    attempt: int
    note: Callable[[InquiryRow], None]
    clock: Callable[[], float] = time.monotonic
    _looked: float = field(default=float("-inf"))
    _stop: bool = False

    def should_cancel(self) -> bool:
        if self._stop or self.clock() - self._looked < LOOK_SECONDS:
            return self._stop
        self._looked = self.clock()
        with tenant_session(self.scope) as db:
            row = owned(db, self.kind, self.inquiry_id, attempt=self.attempt)
            self.note(row)
            self._stop = row.cancel_requested
        return self._stop
