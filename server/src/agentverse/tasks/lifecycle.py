"""The life of a task: queued → running → succeeded | failed | cancelled, and nothing else.

`attempt` fences: a worker that was thought dead and comes back finds a higher attempt and stops.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from agentverse import audit
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.scope import Scope
from agentverse.tasks import quotas, repository
from agentverse.tasks.errors import TaskForbidden, TaskSuperseded
from agentverse.tasks.kinds import TaskKind, kind_of
from agentverse.tasks.models import TaskRow
from agentverse.tasks.schemas import TaskStatus

UNFINISHED: Final = ("queued", "running")
LONGEST_TITLE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One worker's hold on a task; `number` fences it against the others.

    done: what an earlier attempt had shown, in the unit of the task's total.
    """

    scope: Scope
    kind: TaskKind
    task_id: UUID
    subject_id: UUID
    number: int
    done: int


def enter(
    db: TenantSession,
    kind: TaskKind,
    subject_id: UUID,
    *,
    title: str,
    total: int | None = 1,
    label: str = "",
    project_id: UUID | None = None,
    group_id: UUID | None = None,
    lock: str | None = None,
    after: Mapping[str, Any] | None = None,
    scope: Scope | None = None,
) -> UUID:
    """Queue work for a subject: task, audit entry and job in the caller's transaction.

    The one way into the queue. Raises QuotaReached.
    total: what progress is counted up to, at least 1; None where nobody knows.
    group_id: tasks that make one result together; lock: jobs of one lock run one after the other;
    after: what the audit entry tells; scope: what the work is done with, absent: the session's.
    """
    quotas.reserve(db)
    row = TaskRow(
        id=new_id(),
        kind=kind.name,
        subject_type=kind.subject_type,
        subject_id=subject_id,
        title=title[:LONGEST_TITLE],
        project_id=project_id,
        actor=(scope or db.scope).actor.key,
        total=total,
        label=label,
    )
    row.group_id = group_id or row.id
    db.add(row)
    db.flush()
    if kind.entered is not None:
        _record(db, row, kind.entered, after=after)
    enqueue(db, kind.payload(task_id=row.id), lock=lock, scope=scope)
    return row.id


def claim(scope: Scope, task_id: UUID) -> Attempt | None:
    """Take the task for a new attempt; None when there is nothing left to do.

    A task that is already running belonged to a worker whose job was given to us: it is dead.
    Raises TaskNotFound, TaskForbidden when who entered it may do it no more.
    """
    with tenant_session(scope) as db:
        row = repository.get_task(db, task_id, for_update=True)
        if row.status not in UNFINISHED:
            return None
        refuse_lost_role(scope, kind_of(row.kind))
        if row.cancel_requested:
            close(db, row, "cancelled")
            return None
        row.attempt, row.started_at = row.attempt + 1, row.started_at or now()
        if row.status == "queued":
            _turn(db, row, "running")
        return Attempt(
            scope=scope,
            kind=kind_of(row.kind),
            task_id=row.id,
            subject_id=row.subject_id,
            number=row.attempt,
            done=row.done,
        )


def refuse_lost_role(scope: Scope, kind: TaskKind) -> None:
    """Raises TaskForbidden where a user may not do this kind of work."""
    if scope.actor.kind == "user" and not scope.allows(kind.write_permission):
        raise TaskForbidden(
            f"Who started this {kind.noun} may no longer do so. Start it again with a role that "
            "may."
        )


def owned(db: TenantSession, attempt: Attempt) -> TaskRow:
    """The locked task, if this attempt still owns it; raises TaskSuperseded."""
    row = repository.get_task(db, attempt.task_id, for_update=True)
    if row.status != "running" or row.attempt != attempt.number:
        raise superseded(attempt)
    return row


def check_owned(attempt: Attempt) -> None:
    """Raises TaskSuperseded when another attempt owns the task, or it has ended."""
    with tenant_session(attempt.scope) as db:
        owned(db, attempt)


def superseded(attempt: Attempt) -> TaskSuperseded:
    return TaskSuperseded(f"Another worker took this {attempt.kind.noun} over; its result counts.")


def close(
    db: TenantSession,
    row: TaskRow,
    status: TaskStatus,
    *,
    problem: dict[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """End a locked task that has not ended yet. A clock that jumps back makes no negative times."""
    row.problem = problem
    row.finished_at = max(now(), row.started_at or row.created_at)
    if status == "succeeded" and row.total is not None:
        row.done = row.total
    _turn(db, row, status)
    _record(
        db,
        row,
        "finish",
        after={"attempt": row.attempt, **(after or {})},
        outcome="failure" if status == "failed" else "success",
    )


def cancel(db: TenantSession, task_id: UUID) -> TaskRow:
    """Stop a task and all of its group: a part alone is no result.

    A queued one ends at once, a running one when its worker looks next. Asking twice changes
    nothing. Raises TaskNotFound, or the kind's `already_finished`.
    """
    addressed = repository.get_task(db, task_id)
    group = repository.group_of(db, addressed.group_id)
    if addressed.status not in UNFINISHED:
        kind = kind_of(addressed.kind)
        raise kind.already_finished(
            f"The {kind.noun} has already ended as “{addressed.status}”. There is nothing left to "
            "cancel."
        )
    if addressed.cancel_requested:
        return addressed
    before = addressed.status
    for row in group:
        row.cancel_requested = row.cancel_requested or row.status in UNFINISHED
    _record(db, addressed, "cancel", before={"status": before}, after={"cancel_requested": True})
    for row in group:
        if row.status == "queued":
            close(db, row, "cancelled")
    return addressed


def cancel_subject(db: TenantSession, subject_id: UUID) -> TaskRow:
    """Like `cancel`, by what the task is for; its newest task counts."""
    return cancel(db, repository.latest_of_subjects(db, [subject_id])[subject_id].id)


def forget(
    db: TenantSession, *, subject_id: UUID | None = None, project_id: UUID | None = None
) -> None:
    """Delete the tasks of what is deleted: of one subject, or of all in a project."""
    repository.delete_tasks(db, subject_id=subject_id, project_id=project_id)


def unfinished_in(db: TenantSession, project_id: UUID) -> int:
    """Return how many tasks of a project have not ended."""
    return repository.count_unfinished_in(db, project_id)


def fail(scope: Scope, task_id: UUID, error: Exception) -> None:
    """Store the problem the API would return; what has ended otherwise keeps its end."""
    if isinstance(error, TaskSuperseded):
        # The attempt that took over owns the task and its end; this job merely stops.
        return
    problem = (
        problem_document(error, scope.request_id)
        if isinstance(error, AgentVerseError)
        else unexpected_document(scope.request_id)
    )
    with tenant_session(scope) as db:
        row = repository.get_task(db, task_id, for_update=True)
        if row.status in UNFINISHED:
            close(db, row, "failed", problem=problem, after={"code": problem["code"]})


def _turn(db: TenantSession, row: TaskRow, status: TaskStatus) -> None:
    row.status = status
    db.flush()
    kind_of(row.kind).on_status(db, row.subject_id, status)


def _record(
    db: TenantSession,
    row: TaskRow,
    verb: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: audit.Outcome = "success",
) -> None:
    audit.record(
        db,
        action=f"{row.subject_type}.{verb}",
        resource_type=row.subject_type,
        resource_id=row.subject_id,
        before=before,
        after={"status": row.status, "task_id": str(row.id), **(after or {})},
        outcome=outcome,
    )
