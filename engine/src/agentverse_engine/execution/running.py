"""Running one batch of replicates, tick by tick, from the start or from a checkpoint."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.effects.scope_masks import scope_cells
from agentverse_engine.errors import RequestError
from agentverse_engine.execution import checkpoints
from agentverse_engine.execution.advancing import advance
from agentverse_engine.execution.checkpoints import Checkpoint
from agentverse_engine.execution.plausibility_checks import check_plausibility
from agentverse_engine.execution.preparing import Prepared
from agentverse_engine.execution.recording import BatchRecord, Recorder
from agentverse_engine.execution.state import State, initial_state
from agentverse_engine.inputs.events import COMPARE, Condition
from agentverse_engine.scenario.scenario import Scenario

# Advances a state by one tick under some effects; returns flows int32[R, cells, alternatives].
Advance = Callable[[State, TickEffects, int], NDArray[np.int32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Replicates first … first+count-1 of one scenario, from the start or a checkpoint."""

    first: int
    count: int
    scenario_index: int = 0
    checkpoint: Checkpoint | None = None

    @property
    def tick(self) -> int:
        """The last tick that was computed before."""
        return 0 if self.checkpoint is None else self.checkpoint.tick


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointPolicy:
    """When a batch is checkpointed: after every `every` ticks (0: never), and at its end."""

    every: int = 0
    at_end: bool = False

    def due(self, tick: int, horizon: int) -> bool:
        if tick == horizon:
            return self.at_end
        return self.every > 0 and tick % self.every == 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """The progress of a batch after a tick; the last report holds its record."""

    scenario_index: int
    first: int
    tick: int
    checkpoint: Checkpoint | None = None
    record: BatchRecord | None = None


def batches(
    scenario: Scenario,
    batch_size: int,
    resume: Sequence[Checkpoint] = (),
    *,
    scenario_index: int = 0,
) -> list[Batch]:
    """Return batches that hold each replicate once: those of the checkpoints, then the rest.

    Every run begins here or, without checkpoints, in `fresh_batches` after the same refusal of
    what the scenario does not allow.
    """
    check_plausibility(scenario)
    latest: dict[int, Checkpoint] = {}
    for checkpoint in resume:
        checkpoints.check_continues(scenario, checkpoint)
        later = latest.get(checkpoint.first)
        if later is None or checkpoint.tick >= later.tick:
            latest[checkpoint.first] = checkpoint
    batches_: list[Batch] = []
    at = 0
    for first in sorted(latest):
        checkpoint = latest[first]
        if first < at:
            raise RequestError(
                f"hold replicate {first} twice.",
                field="resume",
                fix="Give the checkpoints of one run, taken with one batch size.",
            )
        batches_ += fresh_batches(at, first, batch_size, scenario_index)
        count = checkpoint.replicates
        batches_.append(
            Batch(first=first, count=count, scenario_index=scenario_index, checkpoint=checkpoint)
        )
        at = first + count
    return batches_ + fresh_batches(at, scenario.replicates, batch_size, scenario_index)


def fresh_batches(first: int, end: int, batch_size: int, scenario_index: int = 0) -> list[Batch]:
    """Return batches of at most `batch_size` that hold replicates first … end-1, from the start."""
    return [
        Batch(first=at, count=min(batch_size, end - at), scenario_index=scenario_index)
        for at in range(first, end, batch_size)
    ]


def reports(prepared: Prepared, job: Batch, policy: CheckpointPolicy) -> Iterator[Report]:
    """Run a batch to the horizon, one tick each time the next report is asked for."""
    with ThreadPoolExecutor(prepared.options.threads) as pool:

        def forward(state: State, effects: TickEffects, tick: int) -> NDArray[np.int32]:
            return advance(prepared, state, effects, pool, job.first, tick)

        yield from reports_by(forward, prepared, job, policy)


def reports_by(
    forward: Advance, prepared: Prepared, job: Batch, policy: CheckpointPolicy
) -> Iterator[Report]:
    """Run a batch as `reports` does, with another way to advance the state."""
    run = BatchRun(prepared, job)
    horizon = prepared.scenario.horizon
    if run.tick == horizon:
        yield Report(
            scenario_index=job.scenario_index, first=job.first, tick=horizon, record=run.record
        )
    while run.tick < horizon:
        run.step(forward)
        yield Report(
            scenario_index=job.scenario_index,
            first=job.first,
            tick=run.tick,
            checkpoint=run.checkpoint() if policy.due(run.tick, horizon) else None,
            record=run.record if run.tick == horizon else None,
        )


class BatchRun:
    """A batch between two ticks."""

    def __init__(self, prepared: Prepared, job: Batch) -> None:
        options = prepared.options
        self.prepared = prepared
        self.tick = job.tick
        self.recorder = Recorder(
            prepared.scenario,
            first=job.first,
            count=job.count,
            dense_replicates=options.dense_replicates,
            keyframe_every=options.keyframe_every,
        )
        self.effects = prepared.effects.batch(job.first, job.count)
        self.state = self._resumed(job.checkpoint) if job.checkpoint else self._fresh(job.count)

    @property
    def record(self) -> BatchRecord:
        return self.recorder.record

    def step(self, forward: Advance) -> None:
        """Advance one tick and record it."""
        self.tick += 1
        now = self.effects.at(self.tick, self._observed)
        flows = forward(self.state, now, self.tick)
        self.recorder.note(self.state, flows, self.tick)
        self.record.started[:] = self.effects.started

    def checkpoint(self) -> Checkpoint:
        """Return a checkpoint of the batch; it may go on at once."""
        return checkpoints.taken(
            self.prepared.scenario, self.tick, self.state, self.record, self.effects
        )

    def _fresh(self, count: int) -> State:
        scenario = self.prepared.scenario
        state = initial_state(
            scenario,
            self.prepared.start_levels,
            cells=scenario.population.cells(),
            replicates=count,
            ranges=self.prepared.ranges,
        )
        self.recorder.start(state)
        return state

    def _resumed(self, checkpoint: Checkpoint) -> State:
        checkpoints.resumed(self.record, checkpoint)
        self.effects.restore(checkpoint.memory)
        kept = checkpoint.state
        return replace(
            kept,
            stock=kept.stock.copy(),
            level_sums=kept.level_sums.copy(),
            level_bins=kept.level_bins.copy(),
            digest=kept.digest.copy(),
        )

    def _observed(self, position: int) -> NDArray[np.bool_]:
        """Return bool[R]: whether the condition of a script holds among those in its cells."""
        scenario = self.prepared.scenario
        script = scenario.event_scripts[position]
        assert script.condition is not None  # noqa: S101  asked for scripts with one only
        cells = np.flatnonzero(scope_cells(scenario.population, script.scope))
        values = _outcome(scenario, self.state, script.condition, cells)
        return COMPARE[script.condition.comparison](values, script.condition.value)


def _outcome(
    scenario: Scenario, state: State, condition: Condition, cells: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return float64[R], a share or a mean over some cells; nan where nobody is."""
    people = state.stock[:, cells].sum(axis=(1, 2)).astype(np.float64)
    pack = scenario.pack
    if condition.outcome in pack.alternatives:
        counts = state.stock[:, cells, pack.alternatives.index(condition.outcome)].sum(axis=1)
        total = counts.astype(np.float64)
    else:
        level = pack.level(condition.outcome)
        total = state.level_sums[:, cells, level].sum(axis=1) / pack.levels[level].per_unit
    return np.divide(total, people, out=np.full_like(people, np.nan), where=people > 0)
