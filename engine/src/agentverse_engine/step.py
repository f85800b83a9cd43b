"""One tick over a range of personas: what ends, what is chosen instead, what it adds up to."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.compiled import compiled, inlined
from agentverse_engine.rng import CHOICE, REPLACEMENT, fine_uniform, philox
from agentverse_engine.rules.choice import (
    add_conformity,
    add_losses,
    chosen,
    write_utilities,
    write_values,
)
from agentverse_engine.rules.replacement import ends

SHIFT_8 = np.uint64(8)
SHIFT_27 = np.uint64(27)
SHIFT_30 = np.uint64(30)
SHIFT_31 = np.uint64(31)
HASH_START = np.uint64(0x9E3779B97F4A7C15)
HASH_FIRST = np.uint64(0xBF58476D1CE4E5B9)
HASH_SECOND = np.uint64(0x94D049BB133111EB)
LANES = 4


@inlined
def row_hash(identity: np.uint64, choice: np.uint64) -> np.uint64:
    """Hash one persona's public state (the finaliser of SplitMix64, Steele et al. 2014)."""
    mixed = ((identity << SHIFT_8) | choice) + HASH_START
    mixed = (mixed ^ (mixed >> SHIFT_30)) * HASH_FIRST
    mixed = (mixed ^ (mixed >> SHIFT_27)) * HASH_SECOND
    return mixed ^ (mixed >> SHIFT_31)


@compiled
def take_stock(
    first: int,
    last: int,
    ids: NDArray[np.uint32],
    cells: NDArray[np.int32],
    choice: NDArray[np.uint8],
    stock: NDArray[np.int64],
) -> np.uint64:
    """Count choices into stock int64[cells, alternatives]; return the sum of the row hashes."""
    digest = np.uint64(0)
    for persona in range(first, last):
        stock[cells[persona], choice[persona]] += 1
        digest += row_hash(np.uint64(ids[persona]), np.uint64(choice[persona]))
    return digest


@compiled
def advance(
    first: int,
    last: int,
    tick: np.uint64,
    key_0: np.uint64,
    key_1: np.uint64,
    first_replicate: int,
    social: bool,
    ids: NDArray[np.uint32],
    cells: NDArray[np.int32],
    attributes: NDArray[np.float64],
    positions: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    constants: NDArray[np.float64],
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    effects: NDArray[np.float64],
    parameters: NDArray[np.float64],
    pattern_of: NDArray[np.int64],
    current: NDArray[np.uint8],
    following: NDArray[np.uint8],
    installs: NDArray[np.int32],
    stock_change: NDArray[np.int32],
    digest_change: NDArray[np.uint64],
) -> None:
    """Read `current`, write `following`, both uint8[personas, replicates], for first … last-1.

    effects: float64[patterns, cells, families, alternatives, 4]; parameters: float64[patterns,
    cells, 3] (replacement_rate, conformity, loss_aversion); pattern_of: int64[replicates].
    Adds to installs, stock_change: int32[replicates, cells, alternatives] and to digest_change:
    uint64[replicates]. Only what changes is hashed: a sum modulo 2**64 can be updated in place.
    """
    values = np.empty(positions.shape, dtype=np.float64)
    plain = np.empty(constants.size, dtype=np.float64)
    utilities = np.empty(constants.size, dtype=np.float64)
    counts = np.empty(constants.size, dtype=np.int64)
    for persona in range(first, last):
        identity = np.uint64(ids[persona])
        cell = cells[persona]
        known = -1
        words = philox(
            identity, tick, REPLACEMENT, np.uint64(first_replicate // LANES), key_0, key_1
        )
        for replicate in range(current.shape[1]):
            lane = (first_replicate + replicate) % LANES
            if lane == 0 and replicate > 0:
                block = np.uint64((first_replicate + replicate) // LANES)
                words = philox(identity, tick, REPLACEMENT, block, key_0, key_1)
            pattern = pattern_of[replicate]
            old = current[persona, replicate]
            following[persona, replicate] = old
            if not ends(words[lane], parameters[pattern, cell, 0]):
                continue
            if pattern != known:  # the same for all replicates in which the same scripts occur
                known = pattern
                write_values(attributes[persona], positions, effects[pattern, cell], values)
                write_utilities(values, coefficients, constants, plain)
            utilities[:] = plain
            if social:
                add_losses(values, coefficients, old, parameters[pattern, cell, 2], utilities)
                add_conformity(
                    indices[indptr[persona] : indptr[persona + 1]],
                    current,
                    replicate,
                    parameters[pattern, cell, 1],
                    counts,
                    utilities,
                )
            draw = philox(
                identity, tick, CHOICE, np.uint64(first_replicate + replicate), key_0, key_1
            )
            new = chosen(utilities, fine_uniform(draw[0], draw[1]))
            following[persona, replicate] = new
            installs[replicate, cell, new] += 1
            stock_change[replicate, cell, old] -= 1
            stock_change[replicate, cell, new] += 1
            digest_change[replicate] += row_hash(identity, np.uint64(new)) - row_hash(
                identity, np.uint64(old)
            )
