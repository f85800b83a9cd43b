"""The run: batches of replicates, ticks, chunks of personas on threads, telemetry."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects import Effects, TickEffects
from agentverse_engine.errors import Cancelled, RequestError
from agentverse_engine.recording import Recorder
from agentverse_engine.rng import seed_key
from agentverse_engine.scenario import Scenario
from agentverse_engine.state import State, initial_state
from agentverse_engine.step import advance
from agentverse_engine.trajectory import Trajectory

SMALLEST_CHUNK = 8192
MOST_CHUNKS = 64
LARGEST_BATCH = 32
MOST_WORKERS = 256

Progress = Callable[[int, int], None]
ShouldCancel = Callable[[], bool]


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
) -> Trajectory:
    """Run every replicate to the horizon.

    `threads`, `partitions` (contiguous ranges of personas) and `batch` (replicates at a time)
    change how fast it goes and how much memory it takes, never a bit of the result. `progress`
    is called with (tick, horizon) as ticks complete, over all batches together; `should_cancel`
    is asked at every tick boundary, and its yes raises Cancelled.
    """
    workers = _between("threads", os.cpu_count() or 1 if threads is None else threads, MOST_WORKERS)
    parts = _between("partitions", partitions, MOST_WORKERS)
    lanes = _between("batch", LARGEST_BATCH if batch is None else batch, scenario.replicates)
    if dense_replicates < 0:
        raise RequestError(
            f"is {dense_replicates}.", field="dense_replicates", fix="Use 0 or more."
        )
    every = _between("keyframe_every", keyframe_every, None)
    recorder = Recorder(scenario, dense_replicates=dense_replicates, keyframe_every=every)
    boundary = _Boundary(scenario, -(-scenario.replicates // lanes), progress, should_cancel)
    run = _Run.prepare(scenario, _chunks(len(scenario.population), parts))
    with ThreadPoolExecutor(workers) as pool:
        for first in range(0, scenario.replicates, lanes):
            count = min(lanes, scenario.replicates - first)
            _run_batch(run, recorder, boundary, pool, first, count)
    return recorder.finish()


def _between(name: str, value: int, most: int | None) -> int:
    if value < 1:
        raise RequestError(f"is {value}.", field=name, fix="Use 1 or more.")
    return value if most is None else min(value, most)


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
        batches: int,
        progress: Progress | None,
        should_cancel: ShouldCancel | None,
    ) -> None:
        self.horizon = scenario.horizon
        self.batches = batches
        self.progress = progress
        self.should_cancel = should_cancel
        self.steps = 0
        self.told = -1

    def check(self) -> None:
        if self.should_cancel is not None and self.should_cancel():
            raise Cancelled(
                f"was stopped at {self.steps // self.batches} of {self.horizon} ticks.",
                field="run",
                fix="Start it again to have its result.",
            )

    def passed(self) -> None:
        self.steps += 1
        tick = self.steps // self.batches
        if self.progress is not None and tick > self.told:
            self.told = tick
            self.progress(tick, self.horizon)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What all ticks of all batches share. positions: int64[families, alternatives]."""

    scenario: Scenario
    effects: Effects
    cells: NDArray[np.int32]
    positions: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    constants: NDArray[np.float64]
    key: tuple[np.uint64, np.uint64]
    ranges: list[tuple[int, int]]

    @staticmethod
    def prepare(scenario: Scenario, ranges: list[tuple[int, int]]) -> "_Run":
        return _Run(
            scenario=scenario,
            effects=Effects(scenario),
            cells=scenario.population.cells(),
            positions=attribute_positions(scenario),
            coefficients=scenario.model.coefficient_vector(),
            constants=scenario.model.constant_vector(),
            key=seed_key(scenario.seed),
            ranges=ranges,
        )


def attribute_positions(scenario: Scenario) -> NDArray[np.int64]:
    """Return int64[families, alternatives], the population column of each attribute."""
    names = scenario.model.attribute_names()
    columns = [[scenario.population.attribute_position(name) for name in row] for row in names]
    return np.array(columns, dtype=np.int64).reshape(len(names), len(scenario.model.alternatives))


def _run_batch(
    run: _Run,
    recorder: Recorder,
    boundary: _Boundary,
    pool: ThreadPoolExecutor,
    first_replicate: int,
    count: int,
) -> None:
    state = initial_state(
        run.scenario.population,
        cells=run.cells,
        replicates=count,
        alternatives=run.constants.size,
        ranges=run.ranges,
    )
    recorder.start(state, first_replicate)
    for tick in range(1, run.scenario.horizon + 1):
        boundary.check()
        installs = _tick(run, state, run.effects.at(tick), pool, first_replicate, tick)
        recorder.record(state, installs, first_replicate, tick)
        boundary.passed()


def _tick(
    run: _Run,
    state: State,
    effects: TickEffects,
    pool: ThreadPoolExecutor,
    first_replicate: int,
    tick: int,
) -> NDArray[np.int32]:
    """Advance one tick and return installs int32[replicates, cells, alternatives].

    Chunks write their own rows and add up their own integers; sums of integers do not depend on
    who is done first.
    """
    shape = (len(run.ranges), *state.stock.shape)
    installs, changes = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    hashes = np.zeros((len(run.ranges), state.digest.size), dtype=np.uint64)

    def advance_chunk(chunk: int) -> None:
        first, last = run.ranges[chunk]
        advance(
            first,
            last,
            np.uint64(tick),
            *run.key,
            first_replicate,
            run.scenario.social_rules,
            run.scenario.population.ids,
            run.cells,
            run.scenario.population.matrix,
            run.positions,
            run.coefficients,
            run.constants,
            run.scenario.network.indptr,
            run.scenario.network.indices,
            effects.attributes,
            effects.parameters,
            run.effects.pattern_of[first_replicate : first_replicate + state.digest.size],
            state.current,
            state.following,
            installs[chunk],
            changes[chunk],
            hashes[chunk],
        )

    if len(run.ranges) == 1:
        advance_chunk(0)
    else:
        list(pool.map(advance_chunk, range(len(run.ranges))))
    state.swap()
    state.stock += changes.sum(axis=0)
    state.digest += hashes.sum(axis=0, dtype=np.uint64)
    return installs.sum(axis=0, dtype=np.int32)
