"""Linking every pair by its own chance, without looking at every pair: O(personas + links).

The chance of a pair is rates[group, other group] * weight * other weight. Personas of one group
whose weights lie within a factor of two form a cell; between two cells the pairs are walked in
leaps as long as chance makes them (Batagelj & Brandes 2005) for the largest chance among them, and
those landed on are thinned to their own (Miller & Hagberg 2011): a fourth or more of them stay.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.numerics.compiled import compiled, inlined
from agentverse_engine.numerics.mathematics import logarithm_inlined
from agentverse_engine.numerics.rng import NETWORK_PAIR_SKIP, fine_uniform, philox, seed_key

WORD_MASK = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
ONE = np.uint64(1)
MOST_CELLS = 8192
POWERS = 4096  # more than the powers of two of a double, -1073 to 1024
SMALL_CHANCE = 1e-4  # below it, 1 - p has lost digits that the series of log(1 - p) keeps
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Personas with a weight above 0, sorted by cell.

    members: int64[m], persona numbers; weights: float64[m]; starts: int64[cells+1], where each
    cell begins; tops: float64[cells], the largest weight in it; groups: int64[cells].
    """

    members: NDArray[np.int64]
    weights: NDArray[np.float64]
    starts: NDArray[np.int64]
    tops: NDArray[np.float64]
    groups: NDArray[np.int64]


def largest_chances(
    group: NDArray[np.int64], weights: NDArray[np.float64], rates: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return float64[groups, groups], the largest chance of a pair between two groups.

    group: int64[n], each of 0 to groups-1 at least once; weights: float64[n], 0 or more.
    """
    first, rest = _tops(group, weights, len(rates))
    second, _ = _tops(group, rest, len(rates))
    products = first[:, None] * first[None, :]
    np.fill_diagonal(products, first * second)
    return rates * products


def sums_of_products(
    group: NDArray[np.int64], weights: NDArray[np.float64], groups: int
) -> NDArray[np.float64]:
    """Return float64[groups], the sum of weight * other weight over the pairs in each group.

    The largest weight apart: (sum² - sum of squares) / 2 alone would lose a dominated group.
    """
    first, rest = _tops(group, weights, groups)
    others = np.bincount(group, weights=rest, minlength=groups)
    squares = np.bincount(group, weights=rest * rest, minlength=groups)
    return first * others + (others * others - squares) / 2


def is_chance(value: float) -> bool:
    """Return whether a value is at most 1, but for the rounding of the sums it was made of."""
    return value <= 1 + ROUNDING


def independent_links(
    group: NDArray[np.int64],
    weights: NDArray[np.float64],
    rates: NDArray[np.float64],
    *,
    seed: int,
) -> NDArray[np.int64]:
    """Return sorted keys low * n + high: each pair linked by its own chance, none twice.

    group: int64[n], 0 to groups-1; weights: float64[n], 0 or more; rates: float64[groups, groups],
    symmetric. Draws are counted by (pair of cells, step), so that no cell's depend on another's.
    """
    cells = _cells(group, weights)
    expected = _expected_links(group, weights, rates)
    keys = walk_pairs(
        cells.members,
        cells.weights,
        cells.starts,
        cells.tops,
        cells.groups,
        rates,
        group.size,
        int(expected + 4 * expected**0.5) + 16,
        *seed_key(seed),
    )
    return np.sort(keys)


def _tops(
    group: NDArray[np.int64], weights: NDArray[np.float64], groups: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest weight of each group, float64[groups], and the weights without it."""
    first = np.zeros(groups)
    np.maximum.at(first, group, weights)
    ties = np.flatnonzero(weights == first[group])
    top = np.zeros(groups, dtype=np.int64)
    top[group[ties]] = ties
    rest = weights.copy()
    rest[top] = 0.0
    return first, rest


def _cells(group: NDArray[np.int64], weights: NDArray[np.float64]) -> Cells:
    linked = np.flatnonzero(weights > 0)
    _, powers = np.frexp(weights[linked])  # 2**(power-1) <= weight < 2**power
    kinds = group[linked] * POWERS - powers.astype(np.int64)
    traits, cell = np.unique(kinds, return_inverse=True)
    if traits.size > MOST_CELLS:
        raise NetworkError(
            f"fall into {traits.size} cells of one group and weights within a factor of two.",
            field="weights",
            fix=f"Use coarser groups or a narrower range: at most {MOST_CELLS} cells.",
        )
    order = np.argsort(cell.astype(np.int16), kind="stable")
    starts = np.zeros(traits.size + 1, dtype=np.int64)
    np.cumsum(np.bincount(cell, minlength=traits.size), out=starts[1:])
    members = linked[order].astype(np.int64)
    ordered = weights[members]
    tops = np.maximum.reduceat(ordered, starts[:-1]) if members.size else ordered
    groups = (traits + POWERS // 2) // POWERS
    return Cells(members=members, weights=ordered, starts=starts, tops=tops, groups=groups)


def _expected_links(
    group: NDArray[np.int64], weights: NDArray[np.float64], rates: NDArray[np.float64]
) -> float:
    """Return how many links to make room for; it need not be exact."""
    sums = np.bincount(group, weights=weights, minlength=len(rates))
    products = sums[:, None] * sums[None, :] / 2
    np.fill_diagonal(products, sums_of_products(group, weights, len(rates)))
    return float((rates * products).sum())


@compiled
def walk_pairs(
    members: NDArray[np.int64],
    weights: NDArray[np.float64],
    starts: NDArray[np.int64],
    tops: NDArray[np.float64],
    groups: NDArray[np.int64],
    rates: NDArray[np.float64],
    size: int,
    room: int,
    key_0: np.uint64,
    key_1: np.uint64,
) -> NDArray[np.int64]:
    """Return keys low * n + high of the linked pairs, cell pair by cell pair."""
    keys = np.empty(room, dtype=np.int64)
    count = 0
    for cell in range(tops.size):
        for other in range(cell, tops.size):
            rate = rates[groups[cell], groups[other]]
            bound = min(1.0, rate * tops[cell] * tops[other])
            if bound <= 0.0:
                continue
            log_miss = _log_miss(bound)
            pair = np.uint64(cell * tops.size + other)
            pairs = _pair_count(starts, cell, other)
            step = np.uint64(0)
            words = _words(step, pair, key_0, key_1)
            position = _next_hit(0, pairs, words, log_miss)
            while position < pairs:
                one, two = _ends(starts, cell, other, position)
                chance = rate * weights[one] * weights[two]
                if fine_uniform(words[2], words[3]) * bound < chance:
                    if count == keys.size:
                        keys = _doubled(keys)
                    a, b = members[one], members[two]
                    keys[count] = min(a, b) * size + max(a, b)
                    count += 1
                step += ONE
                words = _words(step, pair, key_0, key_1)
                position = _next_hit(position + 1, pairs, words, log_miss)
    return keys[:count]


@inlined
def _words(
    step: np.uint64, pair: np.uint64, key_0: np.uint64, key_1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    return philox(step & WORD_MASK, step >> WORD_BITS, NETWORK_PAIR_SKIP, pair, key_0, key_1)


@inlined
def _log_miss(chance: float) -> float:
    """Return log(1 - chance), -inf for 1: own logarithm, so that every CPU leaps alike."""
    if chance < SMALL_CHANCE:
        return -chance * (1.0 + chance * (0.5 + chance * (1.0 / 3.0 + chance * 0.25)))
    return logarithm_inlined(1.0 - chance)


@inlined
def _next_hit(
    start: int,
    pairs: int,
    words: tuple[np.uint64, np.uint64, np.uint64, np.uint64],
    log_miss: float,
) -> int:
    """Return the first position from start on that is hit, or `pairs`: a geometric leap."""
    missed = logarithm_inlined(1.0 - fine_uniform(words[0], words[1])) / log_miss
    if missed >= pairs - start:
        return pairs
    return start + int(missed)


@inlined
def _pair_count(starts: NDArray[np.int64], cell: int, other: int) -> int:
    size = starts[cell + 1] - starts[cell]
    if cell == other:
        return size * (size - 1) // 2
    return size * (starts[other + 1] - starts[other])


@inlined
def _ends(starts: NDArray[np.int64], cell: int, other: int, position: int) -> tuple[int, int]:
    """Return the two members at a position among the pairs of two cells, or of one with itself.

    Within a cell, member v has v pairs with earlier ones; rows v and width - v fill one line.
    """
    if cell != other:
        other_size = starts[other + 1] - starts[other]
        return starts[cell] + position // other_size, starts[other] + position % other_size
    size = starts[cell + 1] - starts[cell]
    width = (size - 1) | 1
    low = position // width + size % 2
    index = position % width
    if index < width - low:
        return starts[cell] + width - low, starts[cell] + index
    return starts[cell] + low, starts[cell] + index - (width - low)


@inlined
def _doubled(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    larger = np.empty(2 * keys.size, dtype=np.int64)
    larger[: keys.size] = keys
    return larger
