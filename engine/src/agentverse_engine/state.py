"""What evolves during a batch of replicates, and what its partitions add up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.population import Population
from agentverse_engine.step import take_stock


@dataclass(slots=True, kw_only=True)
class State:
    """current, following: uint8[personas, replicates], public state at tick t and t+1;
    stock: int64[replicates, cells, alternatives]; digest: uint64[replicates], the sum of the row
    hashes of `current`, modulo 2**64."""

    current: NDArray[np.uint8]
    following: NDArray[np.uint8]
    stock: NDArray[np.int64]
    digest: NDArray[np.uint64]

    def swap(self) -> None:
        """Make what was written the state that is read: no persona sees half a tick."""
        self.current, self.following = self.following, self.current


def initial_state(
    population: Population,
    *,
    cells: NDArray[np.int32],
    replicates: int,
    alternatives: int,
    ranges: list[tuple[int, int]],
) -> State:
    """Start every replicate from the population's own choices."""
    current = np.repeat(population.choice[:, None], replicates, axis=1)
    size = len(population.segments) * len(population.regions)
    stock = np.zeros((size, alternatives), dtype=np.int64)
    parts = [
        int(take_stock(first, last, population.ids, cells, population.choice, stock))
        for first, last in ranges
    ]
    return State(
        current=current,
        following=np.empty_like(current),
        stock=np.repeat(stock[None], replicates, axis=0),
        digest=np.full(replicates, sum(parts) % 2**64, dtype=np.uint64),
    )
