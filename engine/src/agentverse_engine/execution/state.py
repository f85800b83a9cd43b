"""What evolves during a batch of replicates, and what its partitions add up."""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.kernels.device_functions import BINS, take_stock
from agentverse_engine.scenario.scenario import Scenario

Number = TypeVar("Number", np.uint8, np.int32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PopulationTotals:
    """What all personas add up to at the tick that is read.

    counts: int64[R, J], personas of each alternative; sums: int64[R, K], levels in steps; size:
    how many personas there are.
    """

    counts: NDArray[np.int64]
    sums: NDArray[np.int64]
    size: int


@dataclass(slots=True, kw_only=True)
class State:
    """choice: uint8[n, R], levels: int32[K, n, R], public state at tick t; next_choice,
    next_levels: the same at t+1, being written. Of the present state: stock int64[R, cells, J];
    level_sums int64[R, cells, K], in steps; level_bins int32[R, cells, K, BINS]; digest
    uint64[R], the sum of the row hashes modulo 2**64.
    """

    choice: NDArray[np.uint8]
    levels: NDArray[np.int32]
    stock: NDArray[np.int64]
    level_sums: NDArray[np.int64]
    level_bins: NDArray[np.int32]
    digest: NDArray[np.uint64]
    next_choice: NDArray[np.uint8] = field(init=False)
    next_levels: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        self.next_choice = np.empty_like(self.choice)
        self.next_levels = np.empty_like(self.levels)

    def population_totals(self) -> "PopulationTotals":
        """Return what the whole population adds up to now."""
        counts = self.stock.sum(axis=1)
        return PopulationTotals(
            counts=counts, sums=self.level_sums.sum(axis=1), size=int(counts[0].sum())
        )

    def swap(self) -> None:
        """Make what was written the state that is read: no persona sees half a tick."""
        self.choice, self.next_choice = self.next_choice, self.choice
        self.levels, self.next_levels = self.next_levels, self.levels

    def open_next(self) -> None:
        """Make room for the next tick; what is shared with a checkpoint is replaced, not reused."""
        self.next_choice = _writable(self.next_choice)
        self.next_levels = _writable(self.next_levels)


def _writable(array: NDArray[Number]) -> NDArray[Number]:
    return array if array.flags.writeable else np.empty_like(array)


def starting_levels(scenario: Scenario) -> NDArray[np.int32]:
    """Return int32[K, n], the stored levels that personas start from."""
    population, levels = scenario.population, scenario.pack.levels
    start = np.empty((len(levels), len(population)), dtype=np.int32)
    for position, level in enumerate(levels):
        given = population.attributes.get(level.name)
        start[position] = level.stored(np.full(1, level.default) if given is None else given)
    return start


def remembered_levels(scenario: Scenario, start: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return int32[K, n], what rules read as the levels that personas started with.

    start: int32[K, n], where they start. Somebody may hold to something else than what a file
    says of them: the population's attribute start_<level>, where it has one.
    """
    remembered = start.copy()
    for position, level in enumerate(scenario.pack.levels):
        held = scenario.population.attributes.get(f"start_{level.name}")
        if held is not None:
            remembered[position] = level.stored(held)
    return remembered


def initial_state(
    scenario: Scenario,
    levels: NDArray[np.int32],
    *,
    cells: NDArray[np.int32],
    replicates: int,
    ranges: list[tuple[int, int]],
) -> State:
    """Start every replicate from the population's own choices and levels int32[K, n]."""
    population, pack = scenario.population, scenario.pack
    size = len(population.segments) * len(population.regions)
    stock = np.zeros((size, len(pack.alternatives)), dtype=np.int64)
    sums = np.zeros((size, len(pack.levels)), dtype=np.int64)
    bins = np.zeros((size, len(pack.levels), BINS), dtype=np.int64)
    lows = np.array([level.low for level in pack.levels], dtype=np.int64)
    highs = np.array([level.high for level in pack.levels], dtype=np.int64)
    people = (population.ids, cells, population.choice, levels, lows, highs)
    parts = [int(take_stock(first, last, *people, stock, sums, bins)) for first, last in ranges]
    return State(
        choice=np.repeat(population.choice[:, None], replicates, axis=1),
        levels=np.repeat(levels[:, :, None], replicates, axis=2),
        stock=np.repeat(stock[None], replicates, axis=0),
        level_sums=np.repeat(sums[None], replicates, axis=0),
        level_bins=np.repeat(bins[None], replicates, axis=0).astype(np.int32),
        digest=np.full(replicates, sum(parts) % 2**64, dtype=np.uint64),
    )
