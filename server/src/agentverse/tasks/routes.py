"""HTTP door of tasks."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from agentverse.platform.http.context_router import ContextRouter, audits
from agentverse.platform.http.sse import changes, preferred_wait, wait_until
from agentverse.platform.pagination import Page
from agentverse.tasks import listing
from agentverse.tasks.listing import TaskQuery
from agentverse.tasks.permissions import CancelTasks, ReadTasks, TasksWatcher
from agentverse.tasks.schemas import Task, TaskStatus

router = ContextRouter("tasks")


@router.get("/tasks")
def list_tasks(
    db: ReadTasks,
    kind: Annotated[list[str], Query(description="Empty: every kind you may read.")] = [],  # noqa: B006
    status: Annotated[list[TaskStatus], Query(description="Empty: whatever it is.")] = [],  # noqa: B006
    subject_id: Annotated[UUID | None, Query(description="The run, plan … it is for.")] = None,
    mine: Annotated[bool, Query(description="Only what you started.")] = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Task]:
    """Work that goes on or has ended, newest first."""
    query = TaskQuery(kinds=kind, statuses=status, subject_id=subject_id, mine=mine)
    return listing.list_tasks(db, query, cursor=cursor, limit=limit)


@router.get("/tasks/{task_id}")
async def get_task(
    watcher: TasksWatcher, task_id: UUID, prefer: Annotated[str | None, Header()] = None
) -> Task:
    """Long poll with `Prefer: wait=30`: answers when the task has ended, or the wait has."""
    return await wait_until(
        partial(_read, watcher, task_id), listing.has_ended, seconds=preferred_wait(prefer)
    )


def _read(watcher: TasksWatcher, task_id: UUID) -> Task:
    return listing.read_task(watcher.scope(), task_id)


@router.post("/tasks/{task_id}/cancel", status_code=202)
@audits("*.cancel")
def cancel_task(db: CancelTasks, task_id: UUID) -> Task:
    """Needs the write permission of the task's kind; the whole group is cancelled."""
    return listing.cancel_task(db, task_id)


def first_event(watcher: TasksWatcher, task_id: UUID) -> Task:
    """Read before the stream opens, so that an unknown task is a 404 and not a broken stream."""
    return _read(watcher, task_id)


@router.get("/tasks/{task_id}/events", response_class=EventSourceResponse)
async def stream_task_events(
    watcher: TasksWatcher, task_id: UUID, event: Annotated[Task, Depends(first_event)]
) -> AsyncIterator[Task]:
    """The state at once, then each change; the end of the task ends it, and so does a sign-out."""
    # Each event is the whole state, so a client that comes back with `Last-Event-ID` has missed
    # nothing by being told the present one.
    look = partial(_read, watcher, task_id)
    async for task in changes(look, listing.has_ended, first=event):
        yield cast("Task", ServerSentEvent(data=task, id=_event_id(task)))


def _event_id(task: Task) -> str:
    return f"{task.status}-{task.attempt}-{task.progress.done}"
