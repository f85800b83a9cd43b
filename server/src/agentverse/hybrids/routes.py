"""HTTP door of runs with actors."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Header, Response

from agentverse.hybrids import lifecycle
from agentverse.hybrids.schemas import Hybrid, HybridRequest, HybridSummary
from agentverse.platform.http.context_router import ContextRouter, audits
from agentverse.platform.http.headers import IdempotencyKey
from agentverse.platform.http.sse import preferred_wait, wait_until
from agentverse.platform.pagination import Page
from agentverse.universe.permissions import (
    ProjectsWatcher,
    ReadProjects,
    WriteProjects,
)

router = ContextRouter("hybrids")


@router.post("/projects/{project_id}/hybrids", status_code=202)
@audits("hybrid.create")
def start_hybrid(
    db: WriteProjects,
    project_id: UUID,
    body: HybridRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Hybrid:
    """Hybrid mode: a node with actors in it who react to what they see, against it without."""
    accepted = lifecycle.start(db, project_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/hybrids/{accepted.id}"
    return accepted


@router.get("/projects/{project_id}/hybrids")
def list_hybrids(
    db: ReadProjects, project_id: UUID, cursor: str | None = None, limit: int = 50
) -> Page[HybridSummary]:
    return lifecycle.list_hybrids(db, project_id, cursor=cursor, limit=limit)


@router.get("/hybrids/{hybrid_id}")
async def get_hybrid(
    watcher: ProjectsWatcher, hybrid_id: UUID, prefer: Annotated[str | None, Header()] = None
) -> Hybrid:
    """Long poll with `Prefer: wait=30`."""
    return await wait_until(
        partial(_read_hybrid, watcher, hybrid_id),
        lifecycle.is_settled,
        seconds=preferred_wait(prefer),
    )


def _read_hybrid(watcher: ProjectsWatcher, hybrid_id: UUID) -> Hybrid:
    return lifecycle.read_hybrid(watcher.scope(), hybrid_id)


@router.post("/hybrids/{hybrid_id}/cancel", status_code=202)
@audits("hybrid.cancel")
def cancel_hybrid(db: WriteProjects, hybrid_id: UUID) -> Hybrid:
    return lifecycle.cancel(db, hybrid_id)
