"""Tasks as their readers see them: only kinds whose subjects the caller may read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, get_args
from uuid import UUID

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.pagination import Page, encode_cursor, page_size
from agentverse.platform.scope import Scope
from agentverse.tasks import lifecycle, repository
from agentverse.tasks.errors import TaskNotFound
from agentverse.tasks.kinds import kind_of, readable
from agentverse.tasks.lifecycle import UNFINISHED
from agentverse.tasks.models import TaskRow
from agentverse.tasks.repository import TaskFilter
from agentverse.tasks.schemas import Task, TaskProgress, TaskStatus, TaskSubject

STATUSES: Final[tuple[TaskStatus, ...]] = get_args(TaskStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """Which tasks to list; empty: of every kind or status."""

    kinds: Sequence[str] = ()
    statuses: Sequence[TaskStatus] = ()
    subject_id: UUID | None = None
    mine: bool = False


def list_tasks(
    db: TenantSession, query: TaskQuery, *, cursor: str | None, limit: int
) -> Page[Task]:
    """Newest first. Raises TaskKindUnknown, and InvalidInput for a cursor or limit of no use."""
    size = page_size(limit)
    kinds = readable(db.scope, query.kinds)
    if not kinds:
        return Page(items=[], next_cursor=None)
    wanted = TaskFilter(
        kinds=kinds,
        statuses=query.statuses or STATUSES,
        actor=db.scope.actor.key if query.mine else None,
        subject_id=query.subject_id,
    )
    rows = repository.page_tasks(db, wanted, cursor=cursor, limit=size + 1)
    items = [view(db.scope, row) for row in rows[:size]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > size else None)


def read_task(scope: Scope, task_id: UUID) -> Task:
    """Raises TaskNotFound, also where the caller may not read the subject."""
    with tenant_session(scope, read_only=True) as db:
        return view(scope, _readable(db, task_id))


def cancel_task(db: TenantSession, task_id: UUID) -> Task:
    """Raises TaskNotFound, or the kind's `already_finished`."""
    return view(db.scope, lifecycle.cancel(db, task_id))


def cancel_permission(scope: Scope, task_id: UUID) -> str:
    """What cancelling the task needs. Raises TaskNotFound where the caller may not read it."""
    with tenant_session(scope, read_only=True) as db:
        return kind_of(_readable(db, task_id).kind).write_permission


def latest(db: TenantSession, subject_ids: Iterable[UUID]) -> dict[UUID, Task]:
    """The newest task of each subject that has one, whatever the caller may read."""
    by_subject = repository.latest_of_subjects(db, subject_ids)
    return {subject_id: view(db.scope, row) for subject_id, row in by_subject.items()}


def has_ended(task: Task) -> bool:
    return task.status not in UNFINISHED


def view(scope: Scope, row: TaskRow) -> Task:
    may_write = scope.allows(kind_of(row.kind).write_permission)
    return Task.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "subject": TaskSubject(type=row.subject_type, id=row.subject_id, title=row.title),
            "project_id": row.project_id,
            "group_id": row.group_id,
            "status": row.status,
            "attempt": row.attempt,
            "progress": TaskProgress(done=row.done, total=row.total, label=row.label),
            "cancel_requested": row.cancel_requested,
            "may_cancel": may_write and row.status in UNFINISHED and not row.cancel_requested,
            "mine": row.actor == scope.actor.key,
            "problem": row.problem,
            "created_at": row.created_at,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
        }
    )


def _readable(db: TenantSession, task_id: UUID) -> TaskRow:
    row = repository.get_task(db, task_id)
    if not db.scope.allows(kind_of(row.kind).read_permission):
        raise TaskNotFound(repository.NO_TASK)
    return row
