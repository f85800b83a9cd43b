"""What all ticks and batches of a run share: the kernel, what it reads, how personas are cut."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects import Effects
from agentverse_engine.fusing import fused
from agentverse_engine.rng import seed_key
from agentverse_engine.scenario import Scenario
from agentverse_engine.state import starting_levels

SMALLEST_CHUNK = 8192
MOST_CHUNKS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run goes: speed, memory and telemetry, never a bit of the result.

    threads and partitions (contiguous ranges of personas) of one process; `dense_replicates`
    carry full states, whole every `keyframe_every` ticks and as changes between.
    """

    threads: int = 1
    partitions: int = 1
    dense_replicates: int = 1
    keyframe_every: int = 6


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
        ranges=chunks(partitioned(len(scenario.population), options.partitions)),
    )


def attribute_columns(scenario: Scenario) -> NDArray[np.int64]:
    """Return int64[attributes], the population column of each attribute of the pack."""
    population = scenario.population
    return np.array(
        [population.attribute_position(name) for name in scenario.pack.attributes], dtype=np.int64
    )


def partitioned(size: int, partitions: int) -> list[tuple[int, int]]:
    """Cut personas 0 … size-1 into contiguous ranges first … last-1, as equal as can be."""
    bounds = [size * part // partitions for part in range(partitions + 1)]
    return list(pairwise(bounds))


def chunks(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut each range into chunks for threads; a chunk's size depends on all the personas alone."""
    size = sum(end - start for start, end in spans)
    chunk = max(SMALLEST_CHUNK, -(-size // MOST_CHUNKS))
    return [
        (first, min(first + chunk, end))
        for start, end in spans
        for first in range(start, end, chunk)
    ]
