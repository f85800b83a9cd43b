"""The run: batches of replicates, ticks, chunks of personas on threads, telemetry."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine import checkpoints
from agentverse_engine.checkpoints import Checkpoint
from agentverse_engine.effects import BatchEffects, Effects, TickEffects, scope_cells
from agentverse_engine.errors import Cancelled, RequestError, RuleError
from agentverse_engine.events import Condition, holds
from agentverse_engine.fusing import fused
from agentverse_engine.recording import BatchRecord, Recorder, merged
from agentverse_engine.rng import seed_key
from agentverse_engine.scenario import Scenario
from agentverse_engine.state import State, initial_state, starting_levels
from agentverse_engine.trajectory import Trajectory

SMALLEST_CHUNK = 8192
MOST_CHUNKS = 64
LARGEST_BATCH = 32
MOST_WORKERS = 256

Progress = Callable[[int, int], None]
ShouldCancel = Callable[[], bool]
KeepCheckpoint = Callable[[Checkpoint], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run goes: speed, memory and telemetry, never a bit of the result.

    threads and partitions (contiguous ranges of personas) of one process; `dense_replicates`
    carry full states, whole every `keyframe_every` ticks and as changes between.
    """

    threads: int
    partitions: int = 1
    dense_replicates: int = 1
    keyframe_every: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What happens at the tick boundaries of one batch."""

    should_cancel: ShouldCancel | None = None
    passed: Callable[[], None] | None = None
    checkpoint_every: int | None = None
    keep_checkpoint: KeepCheckpoint | None = None


def simulate(scenario: Scenario, **options: Any) -> Trajectory:
    """Run one replicate of a scenario to its horizon; options as in simulate_ensemble."""
    return simulate_ensemble(replace(scenario, replicates=1), **options)


def simulate_ensemble(
    scenario: Scenario,
    *,
    threads: int | None = None,
    partitions: int = 1,
    batch: int | None = None,
    progress: Progress | None = None,
    should_cancel: ShouldCancel | None = None,
    dense_replicates: int = 1,
    keyframe_every: int = 6,
    checkpoint_every: int | None = None,
    keep_checkpoint: KeepCheckpoint | None = None,
    resume: Sequence[Checkpoint] = (),
) -> Trajectory:
    """Run every replicate to the horizon.

    `threads`, `partitions` (contiguous ranges of personas) and `batch` (replicates at a time)
    change how fast it goes and how much memory it takes, never a bit of the result. `progress`
    is called with (tick, horizon) as ticks complete, over all batches together; `should_cancel`
    is asked at every tick boundary, and its yes raises Cancelled. `keep_checkpoint` is given a
    Checkpoint of the running batch every `checkpoint_every` ticks and at the end of each batch;
    with `resume` those batches go on from there, in this scenario or in a branch of it.
    """
    options = RunOptions(
        threads=_between("threads", os.cpu_count() or 1 if threads is None else threads, 256),
        partitions=_between("partitions", partitions, MOST_WORKERS),
        dense_replicates=_at_least_zero("dense_replicates", dense_replicates),
        keyframe_every=_between("keyframe_every", keyframe_every, None),
    )
    lanes = _between("batch", LARGEST_BATCH if batch is None else batch, scenario.replicates)
    if checkpoint_every is not None:
        _between("checkpoint_every", checkpoint_every, None)
    jobs = batches(scenario, lanes, resume)
    boundary = _Boundary(scenario, jobs, progress, should_cancel)
    hooks = Hooks(
        should_cancel=boundary.check,
        passed=boundary.passed,
        checkpoint_every=checkpoint_every,
        keep_checkpoint=keep_checkpoint,
    )
    prepared = prepare(scenario, options)
    records = [run_batch(prepared, job, hooks) for job in jobs]
    return merged(
        scenario,
        records,
        dense_replicates=options.dense_replicates,
        keyframe_every=options.keyframe_every,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Replicates first … first+count-1, from the start or from a checkpoint."""

    first: int
    count: int
    checkpoint: Checkpoint | None = None

    @property
    def tick(self) -> int:
        """The last tick that is known already."""
        return 0 if self.checkpoint is None else self.checkpoint.tick


def batches(scenario: Scenario, lanes: int, resume: Sequence[Checkpoint] = ()) -> list[Batch]:
    """Return batches that hold each replicate once: those of the checkpoints, then the rest."""
    latest: dict[int, Checkpoint] = {}
    for checkpoint in resume:
        checkpoints.check_continues(scenario, checkpoint)
        known = latest.get(checkpoint.first)
        if known is None or checkpoint.tick >= known.tick:
            latest[checkpoint.first] = checkpoint
    found: list[Batch] = []
    at = 0
    for first in sorted(latest):
        checkpoint = latest[first]
        if first < at:
            raise RequestError(
                f"hold replicate {first} twice.",
                field="resume",
                fix="Give the checkpoints of one run, taken with one batch size.",
            )
        found += _fresh(at, first, lanes)
        found.append(Batch(first=first, count=checkpoint.replicates, checkpoint=checkpoint))
        at = first + checkpoint.replicates
    return found + _fresh(at, scenario.replicates, lanes)


def _fresh(first: int, end: int, lanes: int) -> list[Batch]:
    return [Batch(first=at, count=min(lanes, end - at)) for at in range(first, end, lanes)]


def _between(name: str, value: int, most: int | None) -> int:
    if value < 1:
        raise RequestError(f"is {value}.", field=name, fix="Use 1 or more.")
    return value if most is None else min(value, most)


def _at_least_zero(name: str, value: int) -> int:
    if value < 0:
        raise RequestError(f"is {value}.", field=name, fix="Use 0 or more.")
    return value


def _chunks(size: int, partitions: int) -> list[tuple[int, int]]:
    """Cut personas into partitions and those into chunks; the chunk size depends on n alone."""
    chunk = max(SMALLEST_CHUNK, -(-size // MOST_CHUNKS))
    bounds = [size * part // partitions for part in range(partitions + 1)]
    return [
        (first, min(first + chunk, end))
        for start, end in pairwise(bounds)
        for first in range(start, end, chunk)
    ]


class _Boundary:
    """What happens between ticks: stop if asked to, tell how far the run is."""

    def __init__(
        self,
        scenario: Scenario,
        jobs: Sequence[Batch],
        progress: Progress | None,
        should_cancel: ShouldCancel | None,
    ) -> None:
        self.horizon = scenario.horizon
        self.batches = len(jobs)
        self.progress = progress
        self.should_cancel = should_cancel
        self.steps = sum(job.tick for job in jobs)
        self.told = -1

    def check(self) -> bool:
        if self.should_cancel is not None and self.should_cancel():
            raise Cancelled(
                f"was stopped at {self.steps // self.batches} of {self.horizon} ticks.",
                field="run",
                fix="Start it again to have its result.",
            )
        return False

    def passed(self) -> None:
        self.steps += 1
        tick = self.steps // self.batches
        if self.progress is not None and tick > self.told:
            self.told = tick
            self.progress(tick, self.horizon)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """What all ticks of all batches share. columns: int64[attributes], in the population."""

    scenario: Scenario
    options: RunOptions
    kernel: Callable[..., None]
    effects: Effects
    columns: NDArray[np.int64]
    start_levels: NDArray[np.int32]
    constants: tuple[Any, ...]
    key: tuple[np.uint64, np.uint64]
    ranges: list[tuple[int, int]]


def prepare(scenario: Scenario, options: RunOptions) -> Prepared:
    """Compile the kernel if need be, and lay out what it reads."""
    return Prepared(
        scenario=scenario,
        options=options,
        kernel=fused(scenario.pack),
        effects=Effects(scenario),
        columns=attribute_columns(scenario),
        start_levels=starting_levels(scenario),
        constants=tuple(scenario.pack.constants.values()),
        key=seed_key(scenario.seed),
        ranges=_chunks(len(scenario.population), options.partitions),
    )


def attribute_columns(scenario: Scenario) -> NDArray[np.int64]:
    """Return int64[attributes], the population column of each attribute of the pack."""
    population = scenario.population
    return np.array(
        [population.attribute_position(name) for name in scenario.pack.attributes], dtype=np.int64
    )


def run_batch(prepared: Prepared, job: Batch, hooks: Hooks) -> BatchRecord:
    """Run some replicates to the horizon and return what was recorded."""
    scenario, options = prepared.scenario, prepared.options
    recorder = Recorder(
        scenario,
        first=job.first,
        count=job.count,
        dense_replicates=options.dense_replicates,
        keyframe_every=options.keyframe_every,
    )
    effects = prepared.effects.batch(job.first, job.count)
    state = _starting(prepared, job, recorder, effects)
    with ThreadPoolExecutor(options.threads) as pool:
        for tick in range(job.tick + 1, scenario.horizon + 1):
            if hooks.should_cancel is not None:
                hooks.should_cancel()
            now = effects.at(tick, lambda script: _observed(prepared, state, script))
            flows = advance(prepared, state, now, pool, job.first, tick)
            recorder.note(state, flows, tick)
            recorder.record.started[:] = effects.started
            if hooks.passed is not None:
                hooks.passed()
            _keep(prepared, hooks, tick, state, recorder, effects)
    return recorder.record


def _starting(prepared: Prepared, job: Batch, recorder: Recorder, effects: BatchEffects) -> State:
    if job.checkpoint is None:
        state = initial_state(
            prepared.scenario,
            prepared.start_levels,
            cells=prepared.scenario.population.cells(),
            replicates=job.count,
            ranges=prepared.ranges,
        )
        recorder.start(state)
        return state
    checkpoints.resumed(recorder.record, job.checkpoint)
    effects.recall(job.checkpoint.memory)
    kept = job.checkpoint.state
    return replace(
        kept,
        stock=kept.stock.copy(),
        level_sums=kept.level_sums.copy(),
        level_bins=kept.level_bins.copy(),
        digest=kept.digest.copy(),
    )


def _keep(
    prepared: Prepared,
    hooks: Hooks,
    tick: int,
    state: State,
    recorder: Recorder,
    effects: BatchEffects,
) -> None:
    if hooks.keep_checkpoint is None:
        return
    last = tick == prepared.scenario.horizon
    if last or (hooks.checkpoint_every is not None and tick % hooks.checkpoint_every == 0):
        taken = checkpoints.taken(prepared.scenario, tick, state, recorder.record, effects)
        hooks.keep_checkpoint(taken)


def _observed(prepared: Prepared, state: State, position: int) -> NDArray[np.bool_]:
    """Return bool[R]: whether the condition of a script holds among the personas in its cells."""
    scenario = prepared.scenario
    script = scenario.event_scripts[position]
    assert script.condition is not None  # noqa: S101  asked for scripts with one only
    cells = np.flatnonzero(scope_cells(scenario.population, script.scope))
    values = _outcome(scenario, state, script.condition, cells)
    return np.array(
        [holds(float(one), script.condition.comparison, script.condition.value) for one in values]
    )


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
        place = pack.level(condition.outcome)
        total = state.level_sums[:, cells, place].sum(axis=1) / pack.levels[place].per_unit
    return np.divide(total, people, out=np.full_like(people, np.nan), where=people > 0)


class _Totals:
    """What chunks add up: whole numbers, so that the order in which they are done is no matter."""

    def __init__(self, state: State) -> None:
        self.lock = Lock()
        self.flows = np.zeros(state.stock.shape, dtype=np.int32)
        self.changes = np.zeros(state.stock.shape, dtype=np.int32)
        self.digest = np.zeros_like(state.digest)
        self.level_sums = np.zeros_like(state.level_sums)
        self.level_bins = np.zeros_like(state.level_bins)
        self.fault = np.zeros(3, dtype=np.int64)

    def fresh(self) -> tuple[NDArray[Any], ...]:
        """Return empty arrays for one chunk, in the kernel's order."""
        mine = (self.flows, self.changes, self.digest, self.level_sums, self.level_bins)
        return tuple(np.zeros_like(array) for array in (*mine, self.fault))

    def add(self, parts: tuple[NDArray[Any], ...]) -> None:
        with self.lock:
            self.flows += parts[0]
            self.changes += parts[1]
            self.digest += parts[2]
            self.level_sums += parts[3]
            self.level_bins += parts[4]
            if parts[5][0] and (not self.fault[0] or parts[5][1] < self.fault[1]):
                self.fault = parts[5]


def advance(
    prepared: Prepared,
    state: State,
    effects: TickEffects,
    pool: ThreadPoolExecutor,
    first_replicate: int,
    tick: int,
) -> NDArray[np.int32]:
    """Advance one tick and return the flows int32[R, cells, alternatives]."""
    totals = _Totals(state)
    state.open_next()

    def advance_chunk(span: tuple[int, int]) -> None:
        parts = totals.fresh()
        _call(prepared, state, effects, first_replicate, tick, span, parts)
        totals.add(parts)

    if len(prepared.ranges) == 1:
        advance_chunk(prepared.ranges[0])
    else:
        list(pool.map(advance_chunk, prepared.ranges))
    _check_fault(prepared.scenario, totals.fault, first_replicate, tick)
    _settle(prepared.scenario, state, totals)
    return totals.flows


def _settle(scenario: Scenario, state: State, totals: _Totals) -> None:
    """Swap, and make the sums those of the new state."""
    state.swap()
    state.stock += totals.changes
    if scenario.pack.levels:  # every row was hashed anew
        state.digest, state.level_sums, state.level_bins = (
            totals.digest,
            totals.level_sums,
            totals.level_bins,
        )
    else:  # only what changed was hashed: a sum modulo 2**64 is updated in place
        state.digest += totals.digest


def _call(
    prepared: Prepared,
    state: State,
    effects: TickEffects,
    first_replicate: int,
    tick: int,
    span: tuple[int, int],
    parts: tuple[NDArray[Any], ...],
) -> None:
    scenario = prepared.scenario
    prepared.kernel(
        span[0],
        span[1],
        np.uint64(tick),
        *prepared.key,
        first_replicate,
        scenario.social_rules,
        scenario.population.ids,
        prepared.effects.groups,
        prepared.effects.cell_of,
        scenario.population.matrix,
        prepared.columns,
        scenario.population.choice,
        prepared.start_levels,
        scenario.network.indptr,
        scenario.network.indices,
        effects.attributes,
        effects.parameters,
        effects.pattern_of,
        prepared.constants,
        state.choice,
        state.next_choice,
        state.levels,
        state.next_levels,
        *parts,
    )


def _check_fault(
    scenario: Scenario, fault: NDArray[np.int64], first_replicate: int, tick: int
) -> None:
    if not fault[0]:
        return
    level = scenario.pack.levels[int(fault[0]) - 1]
    raise RuleError(
        f"became no number for the persona in row {int(fault[1])} at tick {tick}, replicate "
        f"{first_replicate + int(fault[2])}.",
        field=f"{scenario.pack.name}.{level.name}",
        fix="Check the rules that write it: a division by zero, or a logarithm below zero?",
    )
