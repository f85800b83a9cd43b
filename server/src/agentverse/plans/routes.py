"""HTTP door of plans."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Header, Response

from agentverse.plans import lifecycle
from agentverse.plans.schemas import Plan, PlanRequest
from agentverse.platform.http.context_router import ContextRouter, audits
from agentverse.platform.http.headers import IdempotencyKey
from agentverse.platform.http.sse import preferred_wait, wait_until
from agentverse.platform.pagination import Page
from agentverse.universe.permissions import (
    ProjectsWatcher,
    ReadProjects,
    WriteProjects,
)

router = ContextRouter("plans")


@router.post("/projects/{project_id}/plans", status_code=202)
@audits("plan.create")
def start_plan(
    db: WriteProjects,
    project_id: UUID,
    body: PlanRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Plan:
    """Target mode: what one decision maker should do; searched, then ranked by real ensembles."""
    accepted = lifecycle.start(db, project_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/plans/{accepted.id}"
    return accepted


@router.get("/projects/{project_id}/plans")
def list_plans(
    db: ReadProjects, project_id: UUID, cursor: str | None = None, limit: int = 50
) -> Page[Plan]:
    return lifecycle.list_plans(db, project_id, cursor=cursor, limit=limit)


@router.get("/plans/{plan_id}")
async def get_plan(
    watcher: ProjectsWatcher, plan_id: UUID, prefer: Annotated[str | None, Header()] = None
) -> Plan:
    """Long poll with `Prefer: wait=30`."""
    return await wait_until(
        partial(_read_plan, watcher, plan_id), lifecycle.is_settled, seconds=preferred_wait(prefer)
    )


def _read_plan(watcher: ProjectsWatcher, plan_id: UUID) -> Plan:
    return lifecycle.read_plan(watcher.scope(), plan_id)


@router.post("/plans/{plan_id}/cancel", status_code=202)
@audits("plan.cancel")
def cancel_plan(db: WriteProjects, plan_id: UUID) -> Plan:
    return lifecycle.cancel(db, plan_id)
