"""The pieces of a tick that every fused kernel calls: overlays, hashes, encounters, counting."""

import math

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.numerics.compiled import compiled, inlined
from agentverse_engine.numerics.rng import PARTNER, philox

SHIFT_8 = np.uint64(8)
SHIFT_27 = np.uint64(27)
SHIFT_30 = np.uint64(30)
SHIFT_31 = np.uint64(31)
HASH_START = np.uint64(0x9E3779B97F4A7C15)
HASH_FIRST = np.uint64(0xBF58476D1CE4E5B9)
HASH_SECOND = np.uint64(0x94D049BB133111EB)
ZERO = np.uint64(0)
WORD = np.uint64(32)
BINS = 20


@inlined
def mixed(value: np.uint64) -> np.uint64:
    """Return the finaliser of SplitMix64 (Steele et al. 2014), a bijection of 64-bit words."""
    value = (value ^ (value >> SHIFT_30)) * HASH_FIRST
    value = (value ^ (value >> SHIFT_27)) * HASH_SECOND
    return value ^ (value >> SHIFT_31)


@inlined
def row_hash(identity: np.uint64, choice: np.uint64) -> np.uint64:
    """Hash one persona's choice."""
    return mixed(((identity << SHIFT_8) | choice) + HASH_START)


@inlined
def level_hash(row: np.uint64, stored: int) -> np.uint64:
    """Chain one stored level, in the pack's order, into a persona's hash."""
    return mixed((row ^ np.uint64(stored & 0xFFFFFFFF)) + HASH_START)


@inlined
def overlaid(base: float, effect: NDArray[np.float64]) -> float:
    """Return min(max(scale * base + shift, low), high); effect: float64[4] in that order."""
    value = effect[0] * base + effect[1]
    return min(max(value, effect[2]), effect[3])


@inlined
def write_values(
    attributes: NDArray[np.float64],
    columns: NDArray[np.int64],
    effects: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write one persona's attributes as the scripts leave them into out float64[families, alts].

    attributes: float64[population columns]; columns: int64[attributes], the column of each
    attribute variable, family by family; effects: float64[attributes, 4].
    """
    for family in range(out.shape[0]):
        for alternative in range(out.shape[1]):
            index = family * out.shape[1] + alternative
            out[family, alternative] = overlaid(float(attributes[columns[index]]), effects[index])


@inlined
def stored_level(value: float, per_unit: float, low: int, high: int) -> int:
    """Return the nearest step of a value that is a number, within low … high."""
    steps = value * per_unit + 0.5
    if steps <= low:
        return low
    if steps >= high:
        return high
    return math.floor(steps)


@inlined
def level_bin(stored: int, low: int, high: int) -> int:
    """Return which of BINS equal parts of low … high a stored level lies in."""
    return int((np.int64(stored) - low) * BINS // (np.int64(high) - low + 1))


@inlined
def priority(one: np.uint64, other: np.uint64, key_0: np.uint64, key_1: np.uint64) -> np.uint64:
    """Return the random rank of a pair of personas, the same from both sides."""
    words = philox(min(one, other), max(one, other), PARTNER, ZERO, key_0, key_1)
    return (words[0] << WORD) | words[1]


@inlined
def favourite(
    persona: int,
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    ids: NDArray[np.uint32],
    key_0: np.uint64,
    key_1: np.uint64,
) -> int:
    """Return the neighbour of lowest rank, -1 without neighbours; ties go to the lower id."""
    best = -1
    best_rank, best_identity = ZERO, ZERO
    own = np.uint64(ids[persona])
    for position in range(indptr[persona], indptr[persona + 1]):
        candidate = indices[position]
        identity = np.uint64(ids[candidate])
        rank = priority(own, identity, key_0, key_1)
        if best < 0 or rank < best_rank or (rank == best_rank and identity < best_identity):
            best, best_rank, best_identity = candidate, rank, identity
    return best


@inlined
def partner_of(
    persona: int,
    tick: np.uint64,
    replicate: np.uint64,
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    ids: NDArray[np.uint32],
    key_0: np.uint64,
    key_1: np.uint64,
) -> int:
    """Return the partner of a persona in a tick by a random matching; itself if it has none.

    Two meet when each is the other's neighbour of lowest rank. Ranks are drawn per (pair, tick,
    replicate), so both sides find the same answer without talking to each other.
    """
    words = philox(tick, replicate, PARTNER, ZERO, key_0, key_1)
    best = favourite(persona, indptr, indices, ids, words[0], words[1])
    if best < 0 or favourite(best, indptr, indices, ids, words[0], words[1]) != persona:
        return persona
    return best


@compiled
def take_stock(
    first: int,
    last: int,
    ids: NDArray[np.uint32],
    cells: NDArray[np.int32],
    choice: NDArray[np.uint8],
    levels: NDArray[np.int32],
    lows: NDArray[np.int64],
    highs: NDArray[np.int64],
    stock: NDArray[np.int64],
    level_sums: NDArray[np.int64],
    level_bins: NDArray[np.int64],
) -> np.uint64:
    """Count the starting state of personas first … last-1 and return the sum of their hashes.

    choice: uint8[n]; levels: int32[levels, n]; lows, highs: int64[levels]. Adds to stock
    int64[cells, alternatives], level_sums int64[cells, levels] and level_bins int64[cells,
    levels, BINS].
    """
    digest = np.uint64(0)
    for persona in range(first, last):
        cell = cells[persona]
        stock[cell, choice[persona]] += 1
        row = row_hash(np.uint64(ids[persona]), np.uint64(choice[persona]))
        for level in range(levels.shape[0]):
            stored = levels[level, persona]
            row = level_hash(row, stored)
            level_sums[cell, level] += stored
            level_bins[cell, level, level_bin(stored, lows[level], highs[level])] += 1
        digest += row
    return digest
