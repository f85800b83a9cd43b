"""The job of a plan: search, then real ensembles of the best paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from agentverse import universe
from agentverse.plans import conversion, forecast_cache, inquiries
from agentverse.plans.inquiries import PLANS
from agentverse.plans.models import PlanRow
from agentverse.plans.schemas import PlanRequest, PlanResult
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope
from agentverse.runs import checkpointing
from agentverse.universe import ProjectRow, branching, variables
from agentverse.universe.variables import Registry
from agentverse_engine import planning
from agentverse_engine.errors import Cancelled
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.planning import small_ensemble


def search_plan(scope: Scope, plan_id: UUID) -> None:
    """May run twice: the row says whether anything is left to do, checkpoints what was foreseen.

    The search is deterministic, so whoever ends it comes to the same answer.
    """
    claimed = _claim(scope, plan_id)
    if claimed is None:
        return
    watch = PlanWatch(scope=scope, plan_id=plan_id, attempt=claimed.attempt)
    problem = conversion.problem_of(
        claimed.registry, claimed.project, claimed.inherited, claimed.request
    )
    known = forecast_cache.recall(scope, plan_id, claimed.attempt, problem.scenario.digest)
    try:
        answer = planning.plan(
            problem,
            search=conversion.search_of(claimed.request),
            forecast=_watched(known.of(small_ensemble(problem)), watch),
            best=claimed.request.best,
            level=conversion.LEVEL,
            should_cancel=watch.should_cancel,
        )
    except Cancelled:
        _end(scope, plan_id, claimed.attempt, "cancelled", explored=watch.explored)
        return
    result = conversion.result_of(answer, problem, claimed.registry, claimed.project)
    _end(scope, plan_id, claimed.attempt, "succeeded", explored=answer.explored, result=result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """All that a search needs, read in one transaction."""

    attempt: int
    request: PlanRequest
    project: ProjectRow
    registry: Registry
    inherited: tuple[EventScript, ...]


class PlanWatch:
    """Tells the row how many paths were looked at, and heeds a cancellation before the next."""

    def __init__(self, *, scope: Scope, plan_id: UUID, attempt: int) -> None:
        self.explored = 0
        self.watch = inquiries.Watch(
            scope=scope, kind=PLANS, inquiry_id=plan_id, attempt=attempt, note=self._note
        )

    def should_cancel(self) -> bool:
        return self.watch.should_cancel()

    def foreseen(self) -> None:
        """One more path is looked at."""
        self.explored += 1
        if self.should_cancel():
            raise Cancelled("was stopped.", field="plan", fix="Start it again to have its result.")

    def _note(self, row: PlanRow) -> None:
        row.explored = max(row.explored, self.explored)  # what was shown stays shown


def _watched(forecast: planning.Forecast, watch: PlanWatch) -> planning.Forecast:
    """A forecast that tells of each path and can be stopped between two."""

    def told(
        event_scripts: tuple[EventScript, ...], own: Mapping[str, NDArray[np.float64]]
    ) -> Mapping[str, NDArray[np.float64]]:
        watch.foreseen()
        return forecast(event_scripts, own)

    return told


def _claim(scope: Scope, plan_id: UUID) -> Claimed | None:
    with tenant_session(scope) as db:
        row = inquiries.claim(db, PLANS, plan_id)
        claimed = None if row is None else _read(db, row)
        # It has ended, perhaps here: what one that was cancelled while no worker had it left.
        unused = checkpointing.remove(db, plan_id) if row is None else []
    checkpointing.discard(scope, unused)
    return claimed


def _read(db: TenantSession, row: PlanRow) -> Claimed:
    project = universe.get_project(db, row.project_id)
    node = universe.get_node(db, row.node_id)
    return Claimed(
        attempt=row.attempt,
        request=PlanRequest.model_validate(row.request),
        project=project,
        registry=variables.load_registry(db, project),
        inherited=branching.chain_scripts(db, node),
    )


def _end(
    scope: Scope,
    plan_id: UUID,
    attempt: int,
    status: str,
    *,
    explored: int,
    result: PlanResult | None = None,
) -> None:
    with checkpointing.ending(scope, plan_id) as db:
        row = inquiries.owned(db, PLANS, plan_id, attempt=attempt)
        row.explored = explored
        inquiries.close(db, PLANS, row, status, result=result)
