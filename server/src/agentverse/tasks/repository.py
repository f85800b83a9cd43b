"""Every query of tasks and of Idempotency-Keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Select,
    String,
    TableValuedAlias,
    cast,
    column,
    delete,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from agentverse.platform.db.queries import get_or_raise
from agentverse.platform.db.session import TenantSession
from agentverse.platform.pagination import decode_cursor
from agentverse.tasks.errors import TaskNotFound
from agentverse.tasks.models import IdempotencyKeyRow, TaskRow, TenantQuotaRow

NO_TASK = "There is no task with this id. List the tasks there are with GET /api/v1/tasks."


def get_task(db: TenantSession, task_id: UUID, *, for_update: bool = False) -> TaskRow:
    return get_or_raise(db, TaskRow, task_id, TaskNotFound, NO_TASK, for_update=for_update)


def group_of(db: TenantSession, group_id: UUID) -> Sequence[TaskRow]:
    """The tasks of a group, locked, always in the same order, as they are now."""
    statement = (
        select(TaskRow)
        .where(TaskRow.group_id == group_id)
        .order_by(TaskRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.scalars(statement).all()


def latest_of_subjects(db: TenantSession, subject_ids: Iterable[UUID]) -> dict[UUID, TaskRow]:
    """The newest task of each subject that has one."""
    statement = (
        select(TaskRow).where(TaskRow.subject_id.in_(list(subject_ids))).order_by(TaskRow.id)
    )
    return {row.subject_id: row for row in db.scalars(statement)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """kinds and statuses: those to show, each at least one; None: whatever it is."""

    kinds: Sequence[str]
    statuses: Sequence[str]
    actor: str | None = None
    subject_id: UUID | None = None


def page_tasks(
    db: TenantSession, wanted: TaskFilter, *, cursor: str | None, limit: int
) -> Sequence[TaskRow]:
    """Newest first, at most `limit`."""
    return db.scalars(page_statement(wanted, cursor=cursor, limit=limit)).all()


def page_statement(wanted: TaskFilter, *, cursor: str | None, limit: int) -> Select[TaskRow]:
    """For each kind and status the newest of the index, then the newest of all of these.

    One condition on several kinds would walk past every finished task of the others.
    """
    kinds, statuses = _table("kinds", wanted.kinds), _table("statuses", wanted.statuses)
    newest = select(TaskRow.id).where(
        TaskRow.kind == kinds.c.value, TaskRow.status == statuses.c.value
    )
    if wanted.actor is not None:
        newest = newest.where(TaskRow.actor == wanted.actor)
    if wanted.subject_id is not None:
        newest = newest.where(TaskRow.subject_id == wanted.subject_id)
    if cursor is not None:
        newest = newest.where(TaskRow.id < decode_cursor(cursor))
    each = newest.order_by(TaskRow.id.desc()).limit(limit).lateral("newest")
    ids = (
        select(each.c.id)
        .select_from(kinds.join(statuses, true()).join(each, true()))
        .order_by(each.c.id.desc())
        .limit(limit)
    )
    return select(TaskRow).where(TaskRow.id.in_(ids)).order_by(TaskRow.id.desc())


def _table(name: str, values: Sequence[str]) -> TableValuedAlias:
    """A table of one column, `value`."""
    texts = cast(array(list(values)), ARRAY(String))
    return func.unnest(texts).table_valued(column("value", String), name=name).render_derived()


def advance(
    db: TenantSession, task_id: UUID, *, attempt: int, done: int, total: int | None, label: str
) -> bool | None:
    """Write progress; whether cancelling was asked for, None if another attempt owns the task."""
    statement = (
        update(TaskRow)
        .where(TaskRow.id == task_id, TaskRow.attempt == attempt, TaskRow.status == "running")
        .values(done=done, total=total, label=label)
        .returning(TaskRow.cancel_requested)
    )
    return db.execute(statement).scalar_one_or_none()


def cancel_requested(db: TenantSession, task_id: UUID, *, attempt: int) -> bool | None:
    """Whether cancelling was asked for; None if another attempt owns the task."""
    statement = select(TaskRow.cancel_requested).where(
        TaskRow.id == task_id, TaskRow.attempt == attempt, TaskRow.status == "running"
    )
    return db.execute(statement).scalar_one_or_none()


def reserve_key(
    db: TenantSession,
    *,
    actor: str,
    key: str,
    digest: str,
    resource_id: UUID,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Whether the key is ours now: it was free or had expired.

    Waits for another transaction that has just taken it; that one's end decides.
    """
    values = {"digest": digest, "resource_id": resource_id, "expires_at": expires_at}
    statement = (
        insert(IdempotencyKeyRow)
        .values(tenant_id=db.scope.tenant_id, actor=actor, key=key, **values)
        .on_conflict_do_update(
            index_elements=["tenant_id", "actor", "key"],
            set_=values,
            where=IdempotencyKeyRow.expires_at <= now,
        )
        .returning(IdempotencyKeyRow.id)
    )
    return db.execute(statement).scalar_one_or_none() is not None


def get_key(db: TenantSession, *, actor: str, key: str) -> IdempotencyKeyRow:
    statement = select(IdempotencyKeyRow).where(
        IdempotencyKeyRow.actor == actor, IdempotencyKeyRow.key == key
    )
    return db.scalars(statement).one()


def delete_expired_keys(db: TenantSession, *, actor: str, now: datetime) -> None:
    statement = delete(IdempotencyKeyRow).where(
        IdempotencyKeyRow.actor == actor, IdempotencyKeyRow.expires_at <= now
    )
    db.execute(statement)


def lock_quotas(db: TenantSession) -> None:
    """The tenant's reservations take turns until the transaction ends."""
    subject = f"quotas of {db.scope.tenant_id}"
    db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))


def count_unfinished(db: TenantSession) -> int:
    unfinished = select(func.count()).where(TaskRow.status.in_(["queued", "running"]))
    return db.scalar(unfinished.select_from(TaskRow)) or 0


def count_running(db: TenantSession, *, but: UUID) -> int:
    """Tasks that a worker has, without one."""
    running = select(func.count()).select_from(TaskRow)
    return db.scalar(running.where(TaskRow.status == "running", TaskRow.id != but)) or 0


def count_since(db: TenantSession, least_id: UUID) -> int:
    """Tasks whose id (and so whose time) is not before."""
    return db.scalar(select(func.count()).select_from(TaskRow).where(TaskRow.id >= least_id)) or 0


def set_quotas(db: TenantSession) -> dict[str, int]:
    return {row.name: row.tasks for row in db.scalars(select(TenantQuotaRow))}


def forget_quota(db: TenantSession, name: str) -> None:
    db.execute(delete(TenantQuotaRow).where(TenantQuotaRow.name == name))


def add_quota(db: TenantSession, name: str, tasks: int) -> None:
    db.add(TenantQuotaRow(name=name, tasks=tasks))
    db.flush()


def delete_tasks(db: TenantSession, *, subject_id: UUID | None, project_id: UUID | None) -> None:
    """Of a subject or of a project, whichever is given."""
    column, value = (
        (TaskRow.subject_id, subject_id) if subject_id else (TaskRow.project_id, project_id)
    )
    db.execute(delete(TaskRow).where(column == value))


def count_unfinished_in(db: TenantSession, project_id: UUID) -> int:
    unfinished = select(func.count()).where(
        TaskRow.project_id == project_id, TaskRow.status.in_(["queued", "running"])
    )
    return db.scalar(unfinished.select_from(TaskRow)) or 0
