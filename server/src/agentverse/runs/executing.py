"""Execute a run in the worker's own threads: the kernels release the GIL.

A process pool was considered: it would copy 100,000 personas and their network into each child,
compile again there, and guard only against crashes that the queue already survives by retrying.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import agentverse_engine
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.scope import Scope
from agentverse.runs import artifacts, checkpointing, lifecycle, repository, telemetry
from agentverse.runs.errors import RunInputsInvalid, Superseded
from agentverse.runs.inputs import build_scenario, choice_of_run
from agentverse_engine import Scenario, Trajectory
from agentverse_engine.errors import Cancelled, EngineError

PROGRESS_SECONDS: Final = 0.2
CANCEL_SECONDS: Final = 0.05


def execute_run(scope: Scope, run_id: UUID, *, watching: "type[Watch] | None" = None) -> None:
    """Simulate and store. May run twice: the row decides whether anything is left to do."""
    with tenant_session(scope) as db:
        row = lifecycle.claim(db, run_id)
    if row is None:
        _forget_checkpoints(scope, run_id)
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
    with tenant_session(scope) as db:
        row = lifecycle.owned(db, run_id, attempt=attempt)
        artifacts.record(db, run_id, keys=keys, files=files)
        lifecycle.close_succeeded(
            db,
            row,
            scenario_digest=scenario.digest,
            digest=trajectory.digest,
            compute_seconds=compute_seconds,
            telemetry_bytes=sum(len(data) for data in files.values()),
            summary=telemetry.summarise(trajectory, choice_of_run(row).template.metrics),
        )
        unused = checkpointing.remove(db, run_id)
    checkpointing.discard(scope, unused)


def store_failure(scope: Scope, run_id: UUID, error: Exception) -> None:
    """Write the problem the API would return; a run that has ended otherwise keeps its end."""
    problem = (
        problem_document(error, scope.request_id)
        if isinstance(error, AgentVerseError)
        else unexpected_document(scope.request_id)
    )
    with tenant_session(scope) as db:
        row = repository.get_run(db, run_id, for_update=True)
        if row.status not in lifecycle.UNFINISHED:
            return
        lifecycle.close_failed(db, row, problem)
        unused = checkpointing.remove(db, run_id)
    checkpointing.discard(scope, unused)


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
    keeper = checkpointing.Keeper(scope=watch.scope, run_id=watch.run_id, attempt=watch.attempt)
    return agentverse_engine.simulate_ensemble(
        scenario,
        progress=watch.progress,
        should_cancel=watch.should_cancel,
        checkpoint_every=checkpointing.ticks_between(scenario.horizon),
        keep_checkpoint=keeper.keep,
        resume=checkpointing.take_up(watch.scope, watch.run_id, watch.attempt, scenario),
    )


def _forget_checkpoints(scope: Scope, run_id: UUID) -> None:
    """Those of a run that was cancelled while no worker had it."""
    with tenant_session(scope) as db:
        unused = checkpointing.remove(db, run_id)
    checkpointing.discard(scope, unused)


def _end_cancelled(scope: Scope, run_id: UUID, attempt: int) -> None:
    with tenant_session(scope) as db:
        lifecycle.close_cancelled(db, lifecycle.owned(db, run_id, attempt=attempt))
        unused = checkpointing.remove(db, run_id)
    checkpointing.discard(scope, unused)
