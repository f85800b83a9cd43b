"""Execute a run in the worker's own threads: the kernels release the GIL.

A process pool was considered: it would copy 100,000 personas and their network into each child,
compile again there, and guard only against crashes that the queue already survives by retrying.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import agentverse_engine
from agentverse import populations, tasks
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.runs import (
    artifacts,
    calibrating,
    checkpointing,
    repository,
    starting_points,
    telemetry,
)
from agentverse.runs.errors import RunInputsInvalid
from agentverse.runs.inputs import scenario_of
from agentverse.runs.models import RunRow
from agentverse.runs.schemas import Calibration
from agentverse.runs.selection import population_of
from agentverse.runs.spec import spec_of, template_of
from agentverse.tasks import Attempt, Store, TaskCancelled, TaskMonitor
from agentverse_engine import Checkpoint, Scenario, Trajectory
from agentverse_engine.errors import Cancelled, EngineError

GaveWay = Mapping[str, float]
# A run has no other parts; its checkpoints are told from those of other work by it.
PART: Final = "run"


def execute_run(attempt: Attempt, *, watching: "type[RunWatch] | None" = None) -> Store:
    """Simulate. May run twice: checkpoints say how much is done.

    Raises TaskCancelled, RunInputsInvalid.
    """
    with tenant_session(attempt.scope, read_only=True) as db:
        row = repository.get_run(db, attempt.subject_id)
    watch = (watching or RunWatch)(attempt=attempt, horizon=row.horizon)
    try:
        scenario, calibration, gave_way = _scenario(row, watch)
        started = time.perf_counter()
        trajectory = _simulate(scenario, watch)
    except Cancelled as error:
        raise TaskCancelled from error
    except EngineError as error:
        raise RunInputsInvalid(str(error)) from error
    seconds = time.perf_counter() - started
    return _store(attempt, scenario, trajectory, seconds, calibration, gave_way)


def _scenario(
    row: RunRow, watch: "RunWatch"
) -> tuple[Scenario, Calibration | None, GaveWay | None]:
    """With the constants that its data call for, and what gave way for its start to rest; raises
    Cancelled."""
    spec, social = spec_of(row), row.variant == "with_social_rules"
    snapshot = populations.load_snapshot(watch.attempt.scope, spec.population_id)
    calibration = calibrating.calibrated(
        watch.attempt.scope,
        snapshot,
        spec,
        social_rules=social,
        project_id=row.project_id,
        should_cancel=watch.should_cancel,
    )
    shifts = None if calibration is None else calibration.shifts
    scenario = scenario_of(snapshot, spec, social_rules=social, shifts=shifts)
    start = population_of(snapshot, spec.template, spec.seed)
    return scenario, calibration, starting_points.susceptibility(start, scenario.population)


def _store(
    attempt: Attempt,
    scenario: Scenario,
    trajectory: Trajectory,
    compute_seconds: float,
    calibration: Calibration | None,
    gave_way: GaveWay | None,
) -> Store:
    """Files first, then the row that names them, in one transaction with the result."""
    files = telemetry.encode(trajectory)
    keys = artifacts.put(attempt.scope.tenant_id, files)

    def name_them(db: TenantSession) -> Mapping[str, str]:
        row = repository.get_run(db, attempt.subject_id)
        artifacts.record(db, row.id, keys=keys, files=files)
        row.scenario_digest, row.digest = scenario.digest, trajectory.digest
        row.calibration = None if calibration is None else calibration.model_dump(mode="json")
        row.compute_seconds = compute_seconds
        row.telemetry_bytes = sum(len(data) for data in files.values())
        summary = telemetry.summarise(trajectory, template_of(row).template.metrics)
        row.summary = {**summary, "susceptibility": gave_way}
        return {"digest": trajectory.digest}

    return name_them


class RunWatch:
    """Between engine and task: progress in ticks, cancellation within a tick."""

    def __init__(
        self,
        *,
        attempt: Attempt,
        horizon: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.attempt = attempt
        self.horizon = horizon
        self._monitor = TaskMonitor(attempt=attempt, clock=clock)

    def progress(self, done: int, total: int) -> None:
        self._monitor.report(done * self.horizon // max(1, total), self.horizon)

    def should_cancel(self) -> bool:
        return self._monitor.should_cancel()


def _simulate(scenario: Scenario, watch: RunWatch) -> Trajectory:
    """From the start, or from where a dead worker's checkpoints lie."""
    checkpoint_writer = checkpointing.CheckpointWriter(
        scope=watch.attempt.scope,
        owner_id=watch.attempt.subject_id,
        horizon=scenario.horizon,
        owned=partial(tasks.owned, attempt=watch.attempt),
    )
    return agentverse_engine.simulate_ensemble(
        scenario,
        progress=watch.progress,
        should_cancel=watch.should_cancel,
        checkpoint_every=checkpointing.ticks_between(scenario.horizon),
        keep_checkpoint=checkpoint_writer.of(PART),
        resume=_taken_up(scenario, watch),
    )


def _taken_up(scenario: Scenario, watch: RunWatch) -> list[Checkpoint]:
    """What an earlier attempt left of this run, and say so in row and task."""
    attempt = watch.attempt
    read = partial(checkpointing.read_for, scenario)
    checkpoints = checkpointing.load_checkpoints(attempt.scope, attempt.subject_id, PART, read)
    if attempt.number > 1:
        ticks = checkpointing.ticks_done(checkpoints, scenario.replicates)
        with tenant_session(attempt.scope) as db:
            tasks.owned(db, attempt).done = ticks
            repository.get_run(db, attempt.subject_id).resumed_tick = ticks if checkpoints else None
    return checkpoints
