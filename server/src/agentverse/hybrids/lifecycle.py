"""Runs with actors from request to answer: entered, cancelled, listed, read."""

from typing import Final
from uuid import UUID

from agentverse import tasks, universe
from agentverse.comparisons import findings
from agentverse.hybrids import conversion, repository
from agentverse.hybrids.errors import HybridAlreadyFinished
from agentverse.hybrids.models import HybridRow
from agentverse.hybrids.schemas import (
    Hybrid,
    HybridRequest,
    HybridResult,
    HybridSummary,
    SimulateHybrid,
)
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.request_digests import digest_of
from agentverse.platform.scope import Scope
from agentverse.runs import checkpointing
from agentverse.runs.schemas import Basis
from agentverse.tasks import UNFINISHED, Task, TaskKind, TaskStatus
from agentverse.universe import branching, variables
from agentverse.universe.bases import whole_basis


def _follow(db: TenantSession, hybrid_id: UUID, status: TaskStatus) -> None:
    row = repository.find_hybrid(db, hybrid_id)
    if row is not None:
        row.status = status
    if status not in UNFINISHED:
        checkpointing.forget(db, hybrid_id)


HYBRIDS: Final = tasks.declare(
    TaskKind(
        name="hybrid",
        subject_type="hybrid",
        noun="run with actors",
        payload=SimulateHybrid,
        read_permission="projects:read",
        write_permission="projects:write",
        already_finished=HybridAlreadyFinished,
        on_status=_follow,
    )
)


def start(
    db: TenantSession,
    project_id: UUID,
    request: HybridRequest,
    *,
    idempotency_key: str | None = None,
) -> Hybrid:
    """Checked by the engine at once, run in a job; row, audit and job together."""
    project = universe.get_project(db, project_id)
    hybrid_id = new_id()
    digest = digest_of(request, project_id)
    earlier_id = tasks.made_before(db, idempotency_key, digest, resource_id=hybrid_id)
    if earlier_id is not None:
        return _view(db, earlier_id)
    node = branching.parent_of(db, project, request.node_id, field="node_id")
    registry = variables.load_registry(db, project)
    scenario = conversion.scenario_of(db, project, registry, node)
    setup = conversion.actor_setup_of(scenario, request)
    conversion.check_values(registry, scenario, setup, request)
    db.add(
        HybridRow(
            id=hybrid_id,
            project_id=project.id,
            node_id=node.id,
            request=request.model_dump(mode="json"),
        )
    )
    db.flush()
    tasks.enter(
        db,
        HYBRIDS,
        hybrid_id,
        title=f"{project.name}: {node.label}",
        total=conversion.replicate_ticks(scenario),
        project_id=project.id,
        after={"project_id": str(project.id)},
    )
    return _view(db, hybrid_id)


def cancel(db: TenantSession, hybrid_id: UUID) -> Hybrid:
    """A queued one ends at once; a running one between two ticks.

    Raises HybridNotFound, HybridAlreadyFinished.
    """
    repository.get_hybrid(db, hybrid_id)
    tasks.cancel_subject(db, hybrid_id)
    return _view(db, hybrid_id)


def list_hybrids(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> Page[HybridSummary]:
    basis = whole_basis(db, project_id)
    page = repository.page_hybrids(db, project_id, cursor=cursor, limit=limit)
    latest_tasks = tasks.latest(db, [row.id for row in page.items])
    return Page(
        items=[_summary(row, latest_tasks[row.id], basis) for row in page.items],
        next_cursor=page.next_cursor,
    )


def read_hybrid(scope: Scope, hybrid_id: UUID) -> Hybrid:
    with tenant_session(scope, read_only=True) as db:
        return _view(db, hybrid_id)


def is_settled(hybrid: Hybrid) -> bool:
    return hybrid.status not in UNFINISHED


def _view(db: TenantSession, hybrid_id: UUID) -> Hybrid:
    row = repository.get_hybrid(db, hybrid_id)
    task = tasks.latest(db, [hybrid_id])[hybrid_id]
    summary = _summary(row, task, whole_basis(db, row.project_id))
    return Hybrid(
        **summary.model_dump(),
        request=HybridRequest.model_validate(row.request),
        result=None if row.result is None else HybridResult.model_validate(row.result),
    )


def _summary(row: HybridRow, task: Task, basis: Basis) -> HybridSummary:
    return HybridSummary(
        id=row.id,
        project_id=row.project_id,
        node_id=row.node_id,
        status=task.status,
        progress=task.progress.done / (task.progress.total or 1),
        finding=None if row.finding is None else findings.resting_on(basis, row.finding),
        basis=basis,
        problem=task.problem,
        created_at=row.created_at,
        started_at=task.started_at,
        finished_at=task.finished_at,
    )
