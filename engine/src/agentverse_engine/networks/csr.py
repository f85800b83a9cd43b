"""The network itself: a simple graph as two arrays, checked, immutable, content-hashed."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks.network_checks import whole_number
from agentverse_engine.numerics.canonical import content_digest, freeze
from agentverse_engine.numerics.compiled import compiled

LARGEST_WEIGHT = 65_535
MOST_WEIGHTED_NEIGHBOURS = 65_536  # beyond it the sum of weighted levels may exceed 64 bits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Network:
    """A simple graph in CSR: the neighbours of persona i are indices[indptr[i]:indptr[i+1]].

    indptr: int64[n+1]; indices: int32[E], ascending within a row, no self-loop, no repetition.
    weights: how much each of these neighbours counts, float64[E] of 0 or more, for rules that read
    weighted means; only their ratios matter, so they are kept as uint16[E], the largest as 65,535.
    NetworkError: arrays that are no such graph, weights that are not one finite number of 0 or more
    for each link.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: ArrayLike | None = None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        indptr = _whole_numbers("indptr", self.indptr, np.int64)
        indices = _whole_numbers("indices", self.indices, np.int32)
        _check_csr(indptr, indices)
        arrays: dict[str, NDArray[Any]] = {"indptr": indptr, "indices": indices}
        if self.weights is not None:
            arrays["weights"] = _weight_steps(self.weights, indptr)
        freeze(self, {**arrays, "digest": content_digest("network", labels=[], arrays=arrays)})

    def __setstate__(self, state: list[Any]) -> None:
        freeze(self, dict(zip(("indptr", "indices", "weights", "digest"), state, strict=True)))

    def __len__(self) -> int:
        return self.indptr.size - 1

    def __repr__(self) -> str:
        mean = self.indices.size / max(len(self), 1)
        return f"Network({len(self):,} personas, mean degree {mean:.1f}, {self.digest[:12]})"

    def weight_steps(self) -> NDArray[np.uint16]:
        """Return uint16[E], the weight of each neighbour; all alike where none were given."""
        if self.weights is None:
            return np.ones(self.indices.size, dtype=np.uint16)
        return np.asarray(self.weights, dtype=np.uint16)

    def degrees(self) -> NDArray[np.int64]:
        """Return int64[n], the number of neighbours of each persona."""
        return np.diff(self.indptr)


def _whole_numbers(name: str, values: ArrayLike, kind: type[np.signedinteger[Any]]) -> NDArray[Any]:
    given = np.asarray(values)
    if given.size == 0:
        return np.zeros(0, dtype=kind)
    limits = np.iinfo(kind)
    fits = given.ndim == 1 and given.dtype.kind in "iu"
    if not fits or given.min() < limits.min or given.max() > limits.max:
        raise NetworkError(
            f"is no list of whole numbers up to {limits.max}.",
            field=name,
            fix="Use networks.network_from_edges.",
        )
    return np.array(given, dtype=kind)


def _numbers(values: ArrayLike) -> NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as reason:
        raise NetworkError(
            "hold what is no number.", field="weights", fix="Give one number per link."
        ) from reason


def _weight_steps(values: ArrayLike, indptr: NDArray[np.int64]) -> NDArray[np.uint16]:
    weights = _numbers(values)
    if weights.shape != (indptr[-1],):
        raise NetworkError(
            f"have the shape {weights.shape} for {indptr[-1]} links.",
            field="weights",
            fix="Give one number for each entry of indices.",
        )
    bad = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0.0)))
    if bad.size:
        raise NetworkError(
            f"hold {weights[bad[0]]} at {bad[0]}.",
            field="weights",
            fix="Use finite numbers of 0 or more.",
        )
    if indptr.size > 1 and np.diff(indptr).max() > MOST_WEIGHTED_NEIGHBOURS:
        raise NetworkError(
            f"give a persona more than {MOST_WEIGHTED_NEIGHBOURS:,} neighbours to weigh.",
            field="weights",
            fix="Leave out the weights, or the neighbours that weigh least.",
        )
    largest = weights.max(initial=0.0)
    scale = LARGEST_WEIGHT / largest if largest > 0.0 else 0.0
    return np.floor(weights * scale + 0.5).astype(np.uint16)


def _check_csr(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> None:
    if indptr.size < 1 or indptr[0] != 0 or indptr[-1] != indices.size:
        raise NetworkError(
            "does not start at 0 and end at the number of links.",
            field="indptr",
            fix="Use networks.network_from_edges.",
        )
    if (np.diff(indptr) < 0).any():
        raise NetworkError("decreases.", field="indptr", fix="Use networks.network_from_edges.")
    size = indptr.size - 1
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        raise NetworkError(
            f"names a persona outside 0 to {size - 1}.",
            field="indices",
            fix="Build the network over this population's rows.",
        )
    fault, persona = _first_fault(indptr, indices)
    if fault:
        what = ("", "is its own neighbour", "has a neighbour twice", "has unsorted neighbours")
        raise NetworkError(
            f"persona {persona} {what[fault]}.",
            field="indices",
            fix="Use networks.network_from_edges with each pair once.",
        )


@compiled
def _first_fault(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> tuple[int, int]:
    for persona in range(indptr.size - 1):
        for position in range(indptr[persona], indptr[persona + 1]):
            if indices[position] == persona:
                return 1, persona
            if position > indptr[persona]:
                if indices[position] == indices[position - 1]:
                    return 2, persona
                if indices[position] < indices[position - 1]:
                    return 3, persona
    return 0, 0


def network_from_edges(size: int, edges: ArrayLike, *, weights: ArrayLike | None = None) -> Network:
    """Return the undirected network over `size` personas with edges int[E, 2], each pair once.

    weights: float64[E] of 0 or more, how much the two of each pair count for each other (default:
    all alike). NetworkError: edges that are not pairs of different row numbers, a pair given
    twice, weights that are negative or no finite numbers.
    """
    size = whole_number("size", size, least=0)
    pairs = _pairs(edges)
    if pairs.size and (pairs.min() < 0 or pairs.max() >= size):
        raise NetworkError(
            f"names a persona outside 0 to {size - 1}.",
            field="edges",
            fix="Use row numbers of the population.",
        )
    loops = np.flatnonzero(pairs[:, 0] == pairs[:, 1])
    if loops.size:
        raise NetworkError(
            f"links persona {pairs[loops[0], 0]} to itself.",
            field="edges",
            fix="Remove self-loops.",
        )
    given = pairs.min(axis=1) * size + pairs.max(axis=1)
    order = np.argsort(given, kind="stable")
    keys = given[order]
    repeated = np.flatnonzero(keys[1:] == keys[:-1])
    if repeated.size:
        low, high = divmod(int(keys[repeated[0]]), size)
        raise NetworkError(
            f"links personas {low} and {high} twice.",
            field="edges",
            fix="Give each pair once, in either order.",
        )
    plain = network_from_sorted_keys(size, keys)
    return plain if weights is None else _weighted(plain, keys, order, weights)


def _weighted(
    plain: Network, keys: NDArray[np.int64], order: NDArray[np.int64], weights: ArrayLike
) -> Network:
    """Return the network with the weight of each pair float64[E] at both of its ends."""
    pair_weights = _numbers(weights)
    if pair_weights.shape != keys.shape:
        raise NetworkError(
            f"have the shape {pair_weights.shape} for {keys.size} edges.",
            field="weights",
            fix="Give one number per edge.",
        )
    rows = np.repeat(np.arange(len(plain)), plain.degrees())
    others = plain.indices.astype(np.int64)
    wanted = np.minimum(rows, others) * len(plain) + np.maximum(rows, others)
    spread = pair_weights[order][np.searchsorted(keys, wanted)]
    return Network(indptr=plain.indptr, indices=plain.indices, weights=spread)


def _pairs(edges: ArrayLike) -> NDArray[np.int64]:
    try:
        given = np.asarray(edges)
    except ValueError as reason:
        raise NetworkError(
            "have rows of different length.", field="edges", fix="Give one row of two per link."
        ) from reason
    if given.size == 0:
        return np.zeros((0, 2), dtype=np.int64)
    if given.ndim != 2 or given.shape[1] != 2 or given.dtype.kind not in "iu":
        raise NetworkError(
            f"have the shape {given.shape} and the type {given.dtype}.",
            field="edges",
            fix="Give whole numbers, one row of two per link.",
        )
    return given.astype(np.int64)


def network_from_sorted_keys(size: int, keys: NDArray[np.int64]) -> Network:
    """Return the network of distinct pairs low < high, keyed low * size + high, ascending."""
    indptr = np.zeros(size + 1, dtype=np.int64)
    indices = np.empty(2 * keys.size, dtype=np.int32)
    _fill_csr(keys, np.int64(size), indptr, indices)
    return Network(indptr=indptr, indices=indices)


@compiled
def _fill_csr(
    keys: NDArray[np.int64],
    size: np.int64,
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
) -> None:
    """Two passes over sorted pairs: first all smaller neighbours, then all larger, so sorted."""
    for key in keys:
        indptr[key // size + 1] += 1
        indptr[key % size + 1] += 1
    for row in range(size):
        indptr[row + 1] += indptr[row]
    position = indptr[:-1].copy()
    for key in keys:
        low, high = key // size, key % size
        indices[position[high]] = low
        position[high] += 1
    for key in keys:
        low, high = key // size, key % size
        indices[position[low]] = high
        position[low] += 1


def group_codes(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """Return int64[n], the group of each persona in one grouping."""
    codes = np.asarray(values)
    if codes.ndim != 1 or codes.dtype.kind not in "iu":
        raise NetworkError(
            "is not one whole number per persona.", field=name, fix="Code the labels as indices."
        )
    return codes.astype(np.int64)
