"""Random numbers by counting, not by streaming: Philox4x32-10 (Salmon et al., SC'11).

A number is a pure function of key = run seed and counter = (identity, tick, purpose, replicate):
no order, no state. Any tick can be recomputed, and a branch shares its parent's numbers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.number_checks import whole

# What a draw is for; part of its counter, so that purposes never share numbers.
REPLACEMENT = np.uint64(1)
CHOICE = np.uint64(2)
OCCURRENCE = np.uint64(3)
NETWORK_EDGE_COUNT = np.uint64(4)
NETWORK_ENDPOINTS = np.uint64(5)
NETWORK_PAIR_RANK = np.uint64(6)
RESAMPLING = np.uint64(7)
INTEGERISATION_RANK = np.uint64(8)
INTEGERISATION_OFFSET = np.uint64(9)
COPULA_NORMAL = np.uint64(10)
PIT_TIE = np.uint64(11)
BOOTSTRAP = np.uint64(12)
ABC_PRIOR = np.uint64(13)
ABC_ANCESTOR = np.uint64(14)
ABC_PERTURBATION = np.uint64(15)
STUDY_SEED = np.uint64(16)
BASELINE_ERROR = np.uint64(17)
SAMPLING_DRAW = np.uint64(18)
OBSERVATION_ERROR = np.uint64(19)
POSTERIOR_RESAMPLING = np.uint64(20)
NETWORK_REWIRING = np.uint64(45)
NETWORK_ATTACHMENT = np.uint64(46)
NETWORK_PAIR_SKIP = np.uint64(47)
PEER = np.uint64(0x100)
PARTNER = np.uint64(0x101)
STARTING_STATE = np.uint64(0x102)
ADOPTION = np.uint64(0x120)
ABANDONMENT = np.uint64(0x121)
EXPOSURE = np.uint64(0x122)
INFECTION = np.uint64(0x123)
RECOVERY = np.uint64(0x124)
VACCINATION = np.uint64(0x125)
PLAN_CHANCE = np.uint64(0x140)
PLAN_SEARCH = np.uint64(0x141)
ACTOR_CHANCE = np.uint64(0x142)

MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)
MASK = np.uint64(0xFFFFFFFF)
WORD = np.uint64(32)
ROUNDS = 10
FIVE = np.uint64(5)
SIX = np.uint64(6)
HALF_SPACING = 2.0**-33
LARGEST_SEED = 2**64 - 1
SPACING = 2.0**-32

Words = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


@inlined
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> Words:
    """Return four random 32-bit words (as uint64) of a 4 x 32-bit counter and 2 x 32-bit key."""
    for _ in range(ROUNDS):
        product_0 = MULTIPLIER_0 * c0
        product_1 = MULTIPLIER_1 * c2
        c0 = (product_1 >> WORD) ^ c1 ^ k0
        c1 = product_1 & MASK
        c2 = (product_0 >> WORD) ^ c3 ^ k1
        c3 = product_0 & MASK
        k0 = (k0 + WEYL_0) & MASK
        k1 = (k1 + WEYL_1) & MASK
    return c0, c1, c2, c3


@inlined
def fine_uniform(high: np.uint64, low: np.uint64) -> float:
    """Return a multiple of 2**-53 in [0, 1) from two words."""
    return ((high >> FIVE) * 67108864.0 + (low >> SIX)) * 1.1102230246251565e-16


@inlined
def fine_of(words: Words) -> float:
    """Return a fine uniform of the first two words of a block."""
    return fine_uniform(words[0], words[1])


@inlined
def coarse_uniform(word: np.uint64) -> float:
    """Return an odd multiple of 2**-33, strictly between 0 and 1, from one word."""
    return word * SPACING + HALF_SPACING


def seed_key(seed: int) -> tuple[np.uint64, np.uint64]:
    """Split a seed into the two words of a key."""
    number = whole(seed, field="seed", least=0, most=LARGEST_SEED, error=RequestError)
    return np.uint64(number & 0xFFFFFFFF), np.uint64(number >> 32)


def philox_words(counter: ArrayLike, key: tuple[np.uint64, np.uint64]) -> NDArray[np.uint64]:
    """Return uint64[..., 4], random 32-bit words; counter: uint64[..., 4] of 32-bit words."""
    words = np.array(counter, dtype=np.uint64)
    c0, c1, c2, c3 = (words[..., position].copy() for position in range(4))
    k0, k1 = key
    for _ in range(ROUNDS):
        product_0 = MULTIPLIER_0 * c0
        product_1 = MULTIPLIER_1 * c2
        c0, c1 = (product_1 >> WORD) ^ c1 ^ k0, product_1 & MASK
        c2, c3 = (product_0 >> WORD) ^ c3 ^ k1, product_0 & MASK
        k0, k1 = (k0 + WEYL_0) & MASK, (k1 + WEYL_1) & MASK
    return np.stack([c0, c1, c2, c3], axis=-1)


def uniforms(
    *, seed: int, purpose: np.uint64, identity: ArrayLike, tick: int = 0, replicate: ArrayLike = 0
) -> NDArray[np.float64]:
    """Return multiples of 2**-53 in [0, 1), shaped as identity and replicate broadcast."""
    who, which = np.broadcast_arrays(np.asarray(identity), np.asarray(replicate))
    counter = np.empty((*who.shape, 4), dtype=np.uint64)
    counter[..., 0], counter[..., 1] = who, tick
    counter[..., 2], counter[..., 3] = purpose, which
    words = philox_words(counter, seed_key(seed))
    high = (words[..., 0] >> FIVE).astype(np.float64)
    low = (words[..., 1] >> SIX).astype(np.float64)
    return (high * 67108864.0 + low) * 2.0**-53
