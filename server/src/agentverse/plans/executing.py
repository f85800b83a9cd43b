"""The job of a plan: search, then real ensembles of the best paths."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse import tasks, universe
from agentverse.plans import conversion, forecast_cache, repository, seeking
from agentverse.plans.schemas import PlanRequest, PlanResult, SeekWire
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.tasks import Attempt, Store, TaskCancelled, TaskMonitor
from agentverse.universe import ProjectRow, branching, variables
from agentverse.universe.variables import Registry
from agentverse_engine import planning
from agentverse_engine.errors import Cancelled, EngineError
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.planning import small_ensemble


def search_plan(attempt: Attempt) -> Store:
    """May run twice: checkpoints say what was forecast already.

    The search is deterministic, so whoever ends it comes to the same answer. Raises
    TaskCancelled, PlanInvalid.
    """
    inputs = _read(attempt)
    watch = PlanWatch(attempt)
    if inputs.request.seek is not None:
        return _store(attempt, _sought(inputs, inputs.request.seek, watch))
    problem = conversion.problem_of(
        inputs.registry, inputs.project, inputs.inherited, inputs.request
    )
    cache = forecast_cache.load_cache(attempt, problem.scenario.digest)
    try:
        answer = planning.plan(
            problem,
            search=conversion.search_of(inputs.request),
            forecast=_watched(cache.of(small_ensemble(problem)), watch),
            best=inputs.request.best,
            level=conversion.LEVEL,
            should_cancel=watch.should_cancel,
        )
    except Cancelled as error:
        raise TaskCancelled(watch.explored) from error
    except EngineError as error:
        raise conversion.invalid(error, inputs.request) from error
    result = conversion.result_of(answer, problem, inputs.registry, inputs.project)
    return _store(attempt, result)


def _sought(inputs: "SearchInputs", wanted: SeekWire, watch: "PlanWatch") -> PlanResult:
    try:
        return seeking.search(
            seeking.of(inputs.registry, inputs.project, inputs.inherited, wanted), watch.count_path
        )
    except Cancelled as error:
        raise TaskCancelled(watch.explored) from error


def _store(attempt: Attempt, result: PlanResult) -> Store:
    def store(db: TenantSession) -> Mapping[str, str]:
        row = repository.get_plan(db, attempt.subject_id)
        row.result = result.model_dump(mode="json")
        tasks.owned(db, attempt).done = result.explored
        return {"project_id": str(row.project_id)}

    return store


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchInputs:
    """All that a search needs, read in one transaction."""

    request: PlanRequest
    project: ProjectRow
    registry: Registry
    inherited: tuple[EventScript, ...]


class PlanWatch:
    """Tells the task how many paths were looked at, and heeds a cancellation before the next."""

    def __init__(self, attempt: Attempt) -> None:
        self.explored = 0
        self._shown_before = attempt.done
        self._monitor = TaskMonitor(attempt=attempt)

    def should_cancel(self) -> bool:
        # What was shown stays shown, although another attempt counts from the start.
        self._monitor.report(max(self.explored, self._shown_before), None)
        return self._monitor.should_cancel()

    def count_path(self) -> None:
        """One more path is looked at."""
        self.explored += 1
        if self.should_cancel():
            raise Cancelled("was stopped.", field="plan", fix="Start it again to have its result.")


def _watched(forecast: planning.Forecast, watch: PlanWatch) -> planning.Forecast:
    """A forecast that counts each path and can be stopped between two."""

    def counted(
        event_scripts: tuple[EventScript, ...], own: Mapping[str, NDArray[np.float64]]
    ) -> Mapping[str, NDArray[np.float64]]:
        watch.count_path()
        return forecast(event_scripts, own)

    return counted


def _read(attempt: Attempt) -> SearchInputs:
    with tenant_session(attempt.scope, read_only=True) as db:
        row = repository.get_plan(db, attempt.subject_id)
        project = universe.get_project(db, row.project_id)
        node = universe.get_node(db, row.node_id)
        return SearchInputs(
            request=PlanRequest.model_validate(row.request),
            project=project,
            registry=variables.load_registry(db, project),
            inherited=branching.chain_scripts(db, node),
        )
