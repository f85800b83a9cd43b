"""Target mode of a project: a request, searched in a job, answered by real ensembles.

queued → running → succeeded | failed | cancelled; `attempt` fences as it does for runs.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from agentverse import audit
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.universe import branching, repository, targeting, variables
from agentverse.universe.asking import parent_of
from agentverse.universe.errors import PlanAlreadyFinished, PlanSuperseded
from agentverse.universe.models import PlanRow, ProjectRow
from agentverse.universe.plan_schemas import Plan, PlanRequest, PlanResult, SearchPlan
from agentverse.universe.projects import check_same_request
from agentverse.universe.variables import Registry
from agentverse_engine import planning
from agentverse_engine.errors import Cancelled
from agentverse_engine.events import EventScript
from agentverse_engine.planning import Problem, small_ensemble

UNFINISHED: Final = ("queued", "running")
LOOK_SECONDS: Final = 0.2


def start(
    db: TenantSession, project_id: UUID, request: PlanRequest, *, idempotency_key: str | None = None
) -> Plan:
    """Checked by the engine at once, searched in a job; row, audit and job together."""
    project = repository.get_project(db, project_id)
    digest = hashlib.sha256(f"{project_id} {request.model_dump_json()}".encode()).hexdigest()
    known = None if idempotency_key is None else repository.find_plan_by_key(db, idempotency_key)
    if known is not None:
        check_same_request(known.request_digest, digest)
        return Plan.model_validate(known)
    node = parent_of(db, project, request.node_id)
    registry = variables.load_registry(db, project)
    targeting.problem_of(registry, project, tuple(branching.chain_scripts(db, node)), request)
    row = PlanRow(
        id=new_id(),
        project_id=project.id,
        node_id=node.id,
        status="queued",
        request=request.model_dump(mode="json"),
        idempotency_key=idempotency_key,
        request_digest=digest,
    )
    if not repository.insert(db, row):
        return start(db, project_id, request, idempotency_key=idempotency_key)
    _record(db, row, "plan.create")
    enqueue(db, SearchPlan(plan_id=row.id))
    return Plan.model_validate(row)


def cancel(db: TenantSession, plan_id: UUID) -> Plan:
    """A queued plan ends at once; a running one before its next path."""
    row = repository.get_plan(db, plan_id, for_update=True)
    if row.status not in UNFINISHED:
        raise PlanAlreadyFinished(
            f"The search has already ended as “{row.status}”. There is nothing left to cancel."
        )
    row.cancel_requested = True
    if row.status == "queued":
        row.status, row.finished_at = "cancelled", now()
    _record(db, row, "plan.cancel")
    return Plan.model_validate(row)


def list_plans(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> Page[Plan]:
    repository.get_project(db, project_id)
    page = repository.page_plans(db, project_id, cursor=cursor, limit=limit)
    return Page(
        items=[Plan.model_validate(row) for row in page.items], next_cursor=page.next_cursor
    )


def read_plan(scope: Scope, plan_id: UUID) -> Plan:
    with tenant_session(scope, read_only=True) as db:
        return Plan.model_validate(repository.get_plan(db, plan_id))


def is_settled(plan: Plan) -> bool:
    return plan.status not in UNFINISHED


def search_plan(scope: Scope, plan_id: UUID) -> None:
    """May run twice: the row says whether anything is left to do; the search is deterministic."""
    claimed = _claim(scope, plan_id)
    if claimed is None:
        return
    watch = PlanWatch(scope=scope, plan_id=plan_id, attempt=claimed.attempt)
    problem = targeting.problem_of(
        claimed.registry, claimed.project, claimed.inherited, claimed.request
    )
    try:
        answer = planning.plan(
            problem,
            search=targeting.search_of(claimed.request),
            forecast=_watched(problem, watch),
            best=claimed.request.best,
            level=targeting.LEVEL,
            should_cancel=watch.should_cancel,
        )
    except Cancelled:
        _end(scope, plan_id, claimed.attempt, "cancelled", explored=watch.explored)
        return
    result = targeting.result_of(answer, problem, claimed.registry, claimed.project)
    _end(scope, plan_id, claimed.attempt, "succeeded", explored=answer.explored, result=result)


def store_failure(scope: Scope, plan_id: UUID, error: Exception) -> None:
    """Write the problem the API would return; a plan that has ended otherwise keeps its end."""
    problem = (
        problem_document(error, scope.request_id)
        if isinstance(error, AgentVerseError)
        else unexpected_document(scope.request_id)
    )
    with tenant_session(scope) as db:
        row = repository.get_plan(db, plan_id, for_update=True)
        if row.status in UNFINISHED:
            row.status, row.problem, row.finished_at = "failed", problem, now()
            _record(db, row, "plan.finish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """All that a search needs, read in one transaction."""

    attempt: int
    request: PlanRequest
    project: ProjectRow
    registry: Registry
    inherited: tuple[EventScript, ...]


@dataclass(slots=True, kw_only=True)
class PlanWatch:
    """Between search and row: progress and cancellation, at most 5 times a second."""

    scope: Scope
    plan_id: UUID
    attempt: int
    clock: Callable[[], float] = time.monotonic
    explored: int = 0
    _looked: float = field(default=float("-inf"))
    _stop: bool = False

    def should_cancel(self) -> bool:
        if self._stop or self.clock() - self._looked < LOOK_SECONDS:
            return self._stop
        self._looked = self.clock()
        with tenant_session(self.scope) as db:
            row = _owned(db, self.plan_id, self.attempt)
            row.explored, self._stop = self.explored, row.cancel_requested
        return self._stop

    def foreseen(self) -> None:
        """One more path is looked at."""
        self.explored += 1
        if self.should_cancel():
            raise Cancelled("was stopped.", field="plan", fix="Start it again to have its result.")


def _watched(problem: Problem, watch: PlanWatch) -> planning.Forecast:
    """The engine's own forecast, which tells of each path and can be stopped between two."""
    forecast = small_ensemble(problem)

    def told(
        event_scripts: tuple[EventScript, ...], own: Mapping[str, NDArray[np.float64]]
    ) -> Mapping[str, NDArray[np.float64]]:
        watch.foreseen()
        return forecast(event_scripts, own)

    return told


def _claim(scope: Scope, plan_id: UUID) -> Claimed | None:
    with tenant_session(scope) as db:
        row = repository.get_plan(db, plan_id, for_update=True)
        if row.status not in UNFINISHED:
            return None
        if row.cancel_requested:
            row.status, row.finished_at = "cancelled", now()
            return None
        row.status, row.attempt = "running", row.attempt + 1
        row.started_at = row.started_at or now()
        project = repository.get_project(db, row.project_id)
        node = repository.get_node(db, row.node_id)
        return Claimed(
            attempt=row.attempt,
            request=PlanRequest.model_validate(row.request),
            project=project,
            registry=variables.load_registry(db, project),
            inherited=tuple(branching.chain_scripts(db, node)),
        )


def _owned(db: TenantSession, plan_id: UUID, attempt: int) -> PlanRow:
    row = repository.get_plan(db, plan_id, for_update=True)
    if row.status != "running" or row.attempt != attempt:
        raise PlanSuperseded("Another worker took this search over; its result counts.")
    return row


def _end(
    scope: Scope,
    plan_id: UUID,
    attempt: int,
    status: str,
    *,
    explored: int,
    result: PlanResult | None = None,
) -> None:
    with tenant_session(scope) as db:
        row = _owned(db, plan_id, attempt)
        row.status, row.explored, row.finished_at = status, explored, now()
        row.result = None if result is None else result.model_dump(mode="json")
        _record(db, row, "plan.finish")


def _record(db: TenantSession, row: PlanRow, action: str) -> None:
    db.flush()
    after: dict[str, Any] = {"status": row.status, "project_id": str(row.project_id)}
    audit.record(
        db,
        action=action,
        resource_type="plan",
        resource_id=row.id,
        after=after,
        outcome="failure" if row.status == "failed" else "success",
    )
