"""The job of a run with actors: the node with them and without, and the two compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import agentverse_engine
from agentverse import universe
from agentverse.comparisons import findings
from agentverse.hybrids import conversion, repository, resuming
from agentverse.hybrids.schemas import HybridRequest, HybridResult
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.runs import checkpointing
from agentverse.tasks import Attempt, Store, TaskCancelled, TaskMonitor
from agentverse.universe import ProjectRow, variables
from agentverse.universe.variables import Registry
from agentverse_engine import Scenario
from agentverse_engine.errors import Cancelled, EngineError
from agentverse_engine.hybrid import simulate_hybrid


def simulate(attempt: Attempt) -> Store:
    """May run twice: checkpoints say how much of it is done.

    Both runs are deterministic, so whoever ends them comes to the same result. Raises
    TaskCancelled, HybridInvalid.
    """
    inputs = _read(attempt)
    watch = HybridWatch(attempt=attempt, total=conversion.replicate_ticks(inputs.scenario))
    try:
        result = _simulated(attempt, inputs, watch)
    except Cancelled as error:
        raise TaskCancelled(watch.ticks_done) from error
    except EngineError as error:
        raise conversion.invalid(error) from error
    return _store(attempt, result, _finding(inputs, result))


def _store(attempt: Attempt, result: HybridResult, finding: str | None) -> Store:
    def store(db: TenantSession) -> Mapping[str, str]:
        row = repository.get_hybrid(db, attempt.subject_id)
        row.result, row.finding = result.model_dump(mode="json"), finding
        return {"project_id": str(row.project_id)}

    return store


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridInputs:
    """All that a run with actors needs, read in one transaction."""

    request: HybridRequest
    project: ProjectRow
    registry: Registry
    scenario: Scenario


class HybridWatch:
    """Reports to the task how far both runs are, and heeds a cancellation between two ticks.

    done: 0 … 1, from where they go on; it does not fall. total: replicate ticks of both runs.
    """

    def __init__(self, *, attempt: Attempt, total: int) -> None:
        self.done = 0.0
        self._total = total
        self._monitor = TaskMonitor(attempt=attempt)

    @property
    def ticks_done(self) -> int:
        return round(self.done * self._total)

    def should_cancel(self) -> bool:
        self._monitor.report(self.ticks_done, self._total)
        return self._monitor.should_cancel()

    def half(self, runs_before: int) -> Callable[[int, int], None]:
        """What one of the two runs reports its ticks to."""

        def report(done: int, total: int) -> None:
            self.done = max(self.done, (runs_before + done / total) / 2)

        return report


def _simulated(attempt: Attempt, inputs: HybridInputs, watch: HybridWatch) -> HybridResult:
    """The same seed for both, so that they differ by the actors alone, replicate by replicate."""
    scenario = inputs.scenario
    setup = conversion.actor_setup_of(scenario, inputs.request)
    resumed = resuming.load_checkpoints(attempt, scenario, setup)
    checkpoint_writer = resuming.checkpoint_writer(attempt, scenario)
    watch.done = _shown(attempt, resumed.share(scenario), scenario)
    every = checkpointing.ticks_between(scenario.horizon)
    run = simulate_hybrid(
        scenario,
        setup.actors,
        signals=setup.signals,
        progress=watch.half(0),
        should_cancel=watch.should_cancel,
        dense_replicates=0,
        checkpoint_every=every,
        keep_checkpoint=checkpoint_writer.of(resuming.WITH_ACTORS),
        resume=resumed.with_actors,
    )
    base = agentverse_engine.simulate_ensemble(
        scenario,
        progress=watch.half(1),
        should_cancel=watch.should_cancel,
        dense_replicates=0,
        checkpoint_every=every,
        keep_checkpoint=checkpoint_writer.of(resuming.WITHOUT_ACTORS),
        resume=resumed.without_actors,
    )
    return conversion.result_of(
        run, base, setup, inputs.registry.template, inputs.project.outcome_alternative
    )


def _shown(attempt: Attempt, done: float, scenario: Scenario) -> float:
    """What was shown before goes on being shown, unless all of it is to be done again."""
    before = attempt.done / conversion.replicate_ticks(scenario)
    return max(done, before) if done else 0.0


def _finding(inputs: HybridInputs, result: HybridResult) -> str | None:
    if result.outcome is None:
        return None
    template = inputs.registry.template
    return findings.finding(
        result.outcome,
        label=inputs.registry.alternative_labels[result.outcome.alternative],
        ticks=(1, inputs.project.horizon),
        tick_unit=template.tick_unit,
        of=inputs.registry.words.share_of(result.outcome.metric),
        base="the same without actors",
    )


def _read(attempt: Attempt) -> HybridInputs:
    with tenant_session(attempt.scope, read_only=True) as db:
        row = repository.get_hybrid(db, attempt.subject_id)
        project = universe.get_project(db, row.project_id)
        registry = variables.load_registry(db, project)
        node = universe.get_node(db, row.node_id)
        return HybridInputs(
            request=HybridRequest.model_validate(row.request),
            project=project,
            registry=registry,
            scenario=conversion.scenario_of(db, project, registry, node),
        )
