"""A run cut by personas: what one partition holds of it.

A shard numbers its rows anew: its own personas first, then the others whom they read (the halo),
in ascending order. Draws and hashes go by id, and each row keeps its neighbours in their order,
so the kernel gives the same bits on a shard as on the whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.execution.preparing import (
    KernelInputs,
    Prepared,
    kernel_inputs_of,
    partitioned,
)
from agentverse_engine.kernels.argument_binding import meets
from agentverse_engine.networks import Network
from agentverse_engine.packs.pack import Pack


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HaloReceiver:
    """Which rows one partition sends to another: rows int32[m] of its own, ascending, which the
    receiving partition holds as its rows `first` and following."""

    rows: NDArray[np.int32]
    first: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shard:
    """Personas first … last-1 of a run, and of the others what the kernel reads of them.

    halo: int32[h], the scenario's rows of the others, ascending; people: the kernel's arguments
    from `ids` to `indices`, of the own rows, with the ids of the halo (where personas meet, also
    its edges, and the ids of those they lead to); groups, cells and columns keep the numbers they
    have in the whole; listeners: one for each partition, in order, none for itself.
    """

    first: int
    last: int
    halo: NDArray[np.int32]
    people: tuple[NDArray[Any], ...]
    receivers: tuple[HaloReceiver, ...]
    cells: int
    pack: Pack
    constants: tuple[Any, ...]
    social_rules: bool
    key: tuple[np.uint64, np.uint64]

    def __len__(self) -> int:
        return self.last - self.first

    @property
    def rows(self) -> NDArray[np.int32]:
        """int32[own + h]: which rows of the scenario its rows are."""
        return np.concatenate([np.arange(self.first, self.last, dtype=np.int32), self.halo])

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        sent = sum(receiver.rows.nbytes for receiver in self.receivers)
        return sum(array.nbytes for array in self.people) + self.halo.nbytes + sent

    def kernel_inputs(self) -> KernelInputs:
        """Return what writes its own rows, for the worker that holds it."""
        return kernel_inputs_of(
            self.pack,
            self.people,
            constants=self.constants,
            social_rules=self.social_rules,
            key=self.key,
            spans=[(0, len(self))],
            first=self.first,
        )


def shards(prepared: Prepared, partitions: int) -> Iterator[Shard]:
    """Cut a run into contiguous partitions, as equal as can be, one at a time: who sends a shard
    away need not keep it."""
    population, network = prepared.scenario.population, prepared.scenario.network
    spans = partitioned(len(network), partitions)
    halos = [_outside_neighbours(network, np.arange(*span, dtype=np.int32)) for span in spans]
    for (first, last), halo in zip(spans, halos, strict=True):
        yield Shard(
            first=first,
            last=last,
            halo=halo,
            people=_people(prepared, first, last, halo),
            receivers=tuple(
                _receiver(first, last, size=end - start, halo=other)
                for (start, end), other in zip(spans, halos, strict=True)
            ),
            cells=len(population.segments) * len(population.regions),
            pack=replace(prepared.scenario.pack, spreads=()),  # of no use after the start
            constants=prepared.kernel_inputs.constants,
            social_rules=prepared.kernel_inputs.social_rules,
            key=prepared.kernel_inputs.key,
        )


def _receiver(first: int, last: int, *, size: int, halo: NDArray[np.int32]) -> HaloReceiver:
    """Return what a partition of `size` personas receives of first … last-1: its halo ascends, so
    they have one place in it."""
    low, high = np.searchsorted(halo, (first, last)).tolist()
    return HaloReceiver(rows=halo[low:high] - np.int32(first), first=size + low)


def _people(
    prepared: Prepared, first: int, last: int, halo: NDArray[np.int32]
) -> tuple[NDArray[Any], ...]:
    network = prepared.scenario.network
    ids, groups, cell_of, matrix, columns, choice, levels, _, neighbours, weights = (
        prepared.kernel_inputs.people
    )
    own = np.arange(first, last, dtype=np.int32)
    reading = local_rows = np.concatenate([own, halo])
    if meets(prepared.scenario.pack):  # whom the halo would rather meet
        local_rows = np.concatenate([reading, _outside_neighbours(network, reading)])
    else:
        reading = own
    indptr, positions = _edges(network, reading)
    return (
        ids[local_rows],
        groups[first:last].copy(),
        cell_of,
        matrix[first:last].copy(),
        columns,
        choice[first:last].copy(),
        levels[:, first:last].copy(),
        indptr,
        _renumbered(neighbours[positions], local_rows, len(network)),
        weights[positions] if weights.size else weights,
    )


def _outside_neighbours(network: Network, rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the neighbours of some rows that are not among them, ascending."""
    outside = np.zeros(len(network), dtype=np.bool_)
    outside[network.indices[_edges(network, rows)[1]]] = True
    outside[rows] = False
    return np.flatnonzero(outside).astype(np.int32)


def _edges(
    network: Network, rows: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return indptr of some rows, one after the other, and the places of their edges in order."""
    begins, sizes = network.indptr[rows], network.degrees()[rows]
    indptr = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    shifts: NDArray[np.int64] = np.repeat(begins - indptr[:-1], sizes)
    return indptr, shifts + np.arange(shifts.size)


def _renumbered(
    indices: NDArray[np.int32], local_rows: NDArray[np.int32], size: int
) -> NDArray[np.int32]:
    """Return the position of each index among `local_rows`."""
    position = np.empty(size, dtype=np.int32)
    position[local_rows] = np.arange(local_rows.size, dtype=np.int32)
    return position[indices]
