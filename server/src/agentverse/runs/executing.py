"""Execute a run in the worker's own threads: the kernels release the GIL.

A process pool was considered: it would copy 100,000 personas and their network into each child,
compile again there, and guard only against crashes that the queue already survives by retrying.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

import agentverse_engine
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.scope import Scope
from agentverse.runs import artifacts, checkpointing, lifecycle, repository, telemetry
from agentverse.runs.errors import RunInputsInvalid, Superseded
from agentverse.runs.inputs import build_scenario
from agentverse.runs.spec import template_of
from agentverse_engine import Checkpoint, Scenario, Trajectory
from agentverse_engine.errors import Cancelled, EngineError

PROGRESS_SECONDS: Final = 0.2
CANCEL_SECONDS: Final = 0.05
# A run has no other parts; its checkpoints are told from those of other work by it.
PART: Final = "run"


def execute_run(scope: Scope, run_id: UUID, *, watching: "type[Watch] | None" = None) -> None:
    """Simulate and store. May run twice: the row decides whether anything is left to do."""
    with tenant_session(scope) as db:
        row = lifecycle.claim(db, run_id)
        # It has ended, perhaps here: those of a run that was cancelled while no worker had it.
        unused = checkpointing.remove(db, run_id) if row is None else []
    checkpointing.discard(scope, unused)
    if row is None:
        return
    watch = (watching or Watch)(
        scope=scope, run_id=run_id, attempt=row.attempt, horizon=row.horizon
    )
    try:
        scenario = build_scenario(scope, row)
        started = time.perf_counter()
        trajectory = _simulate(scenario, watch)
        store(scope, run_id, row.attempt, scenario, trajectory, time.perf_counter() - started)
    except Cancelled:
        _end_cancelled(scope, run_id, row.attempt)
    except EngineError as error:
        raise RunInputsInvalid(str(error)) from error


def store(
    scope: Scope,
    run_id: UUID,
    attempt: int,
    scenario: Scenario,
    trajectory: Trajectory,
    compute_seconds: float,
) -> None:
    """Files first, then the row that names them, in one transaction with the result."""
    files = telemetry.encode(trajectory)
    keys = artifacts.put(scope.tenant_id, files)
    with checkpointing.ending(scope, run_id) as db:
        row = lifecycle.owned(db, run_id, attempt=attempt)
        artifacts.record(db, run_id, keys=keys, files=files)
        lifecycle.close_succeeded(
            db,
            row,
            scenario_digest=scenario.digest,
            digest=trajectory.digest,
            compute_seconds=compute_seconds,
            telemetry_bytes=sum(len(data) for data in files.values()),
            summary=telemetry.summarise(trajectory, template_of(row).template.metrics),
        )


def store_failure(scope: Scope, run_id: UUID, error: Exception) -> None:
    """Write the problem the API would return; a run that has ended otherwise keeps its end."""
    problem = (
        problem_document(error, scope.request_id)
        if isinstance(error, AgentVerseError)
        else unexpected_document(scope.request_id)
    )
    with checkpointing.ending(scope, run_id) as db:
        row = repository.get_run(db, run_id, for_update=True)
        if row.status in lifecycle.UNFINISHED:
            lifecycle.close_failed(db, row, problem)


@dataclass(slots=True, kw_only=True)
class Watch:
    """Between engine and row: progress at most 5 times a second, cancellation within a tick."""

    scope: Scope
    run_id: UUID
    attempt: int
    horizon: int
    clock: Callable[[], float] = time.monotonic
    _wrote: float = field(default=float("-inf"))
    _looked: float = field(default=float("-inf"))
    _stop: bool = False

    def progress(self, done: int, total: int) -> None:
        if self.clock() - self._wrote < PROGRESS_SECONDS or done >= total:
            return
        self._wrote = self.clock()
        with tenant_session(self.scope) as db:
            tick = done * self.horizon // max(1, total)
            self._heed(repository.advance(db, self.run_id, attempt=self.attempt, tick=tick))

    def should_cancel(self) -> bool:
        if not self._stop and self.clock() - self._looked >= CANCEL_SECONDS:
            self._looked = self.clock()
            with tenant_session(self.scope, read_only=True) as db:
                self._heed(repository.cancel_wanted(db, self.run_id, attempt=self.attempt))
        return self._stop

    def _heed(self, wanted: bool | None) -> None:
        if wanted is None:
            raise Superseded("Another worker took this run over; its result counts.")
        self._stop = self._stop or wanted


def _simulate(scenario: Scenario, watch: Watch) -> Trajectory:
    """From the start, or from where a dead worker's checkpoints lie."""
    keeper = checkpointing.Keeper(
        scope=watch.scope,
        owner_id=watch.run_id,
        horizon=scenario.horizon,
        owned=partial(lifecycle.owned, run_id=watch.run_id, attempt=watch.attempt),
    )
    return agentverse_engine.simulate_ensemble(
        scenario,
        progress=watch.progress,
        should_cancel=watch.should_cancel,
        checkpoint_every=checkpointing.ticks_between(scenario.horizon),
        keep_checkpoint=keeper.of(PART),
        resume=_taken_up(scenario, watch),
    )


def _taken_up(scenario: Scenario, watch: Watch) -> list[Checkpoint]:
    """What an earlier attempt left of this run, and say so in its row."""
    read = partial(checkpointing.read_for, scenario)
    found = checkpointing.take_up(watch.scope, watch.run_id, PART, read)
    if found:
        with tenant_session(watch.scope) as db:
            row = lifecycle.owned(db, watch.run_id, attempt=watch.attempt)
            row.tick = row.resumed_tick = checkpointing.ticks_done(found, scenario.replicates)
    return found


def _end_cancelled(scope: Scope, run_id: UUID, attempt: int) -> None:
    with checkpointing.ending(scope, run_id) as db:
        lifecycle.close_cancelled(db, lifecycle.owned(db, run_id, attempt=attempt))
