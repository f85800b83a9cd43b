"""Runs as their readers see them: the row with what its task says."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from agentverse import tasks
from agentverse.platform.db.session import TenantSession
from agentverse.platform.pagination import Page
from agentverse.runs import repository
from agentverse.runs.models import RunRow
from agentverse.runs.schemas import Run
from agentverse.tasks import Task


def page_runs(
    db: TenantSession,
    *,
    node_id: UUID | None,
    project_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> Page[Run]:
    """Newest first."""
    page = repository.page_runs(
        db, node_id=node_id, project_id=project_id, cursor=cursor, limit=limit
    )
    return Page(items=views(db, page.items), next_cursor=page.next_cursor)


def get_run(db: TenantSession, run_id: UUID) -> Run:
    """Raises RunNotFound."""
    return views(db, [repository.get_run(db, run_id)])[0]


def views(db: TenantSession, rows: Sequence[RunRow]) -> list[Run]:
    """In the order of the rows."""
    latest_tasks = tasks.latest(db, _ids(rows))
    return [_view(row, latest_tasks[row.id]) for row in rows]


def _ids(rows: Iterable[RunRow]) -> list[UUID]:
    return [row.id for row in rows]


def _view(row: RunRow, task: Task) -> Run:
    return Run.model_validate(
        {
            **{name: getattr(row, name) for name in OWN_FIELDS},
            "status": task.status,
            "tick": task.progress.done,
            "attempt": task.attempt,
            "problem": task.problem,
            "started_at": task.started_at,
            "finished_at": task.finished_at,
        }
    )


TASK_FIELDS = {"status", "tick", "attempt", "problem", "started_at", "finished_at"}
OWN_FIELDS = tuple(name for name in Run.model_fields if name not in TASK_FIELDS)
