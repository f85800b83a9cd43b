"""A ring of neighbours with some links thrown far: local circles and short ways (small world)."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks.csr import Network, network_from_sorted_keys
from agentverse_engine.networks.network_checks import probability, whole_number
from agentverse_engine.numerics.compiled import compiled, inlined
from agentverse_engine.numerics.rng import NETWORK_REWIRING, fine_uniform, philox, seed_key

WORD_MASK = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)
ONE = np.uint64(1)


def small_world(size: int, *, degree: int, rewiring: float, seed: int) -> Network:
    """Draw a small world (Watts & Strogatz 1998): a ring whose links are rewired by chance.

    Everyone starts linked to the `degree` nearest on the ring, half on either side. Lap by lap,
    each link to the right keeps its left end and, with probability `rewiring`, has its right end
    moved to anyone the left end is not linked to at that moment (its old place included). The
    number of links, size * degree / 2, is exact. degree: even, 2 to size - 1, typically 4 to 20;
    rewiring: 0 to 1, typically 0.01 to 0.3. A rewired link looks through two lists of degree / 2.
    NetworkError: an odd degree or one that the personas cannot have, a rewiring outside 0 to 1.
    RequestError: a seed out of range.
    """
    size = whole_number("size", size, least=3)
    degree = whole_number("degree", degree, least=2, most=size - 1)
    if degree % 2:
        raise NetworkError(
            f"is {degree}, and a ring has as many neighbours on either side.",
            field="degree",
            fix="Use an even number.",
        )
    rewiring = probability("rewiring", rewiring)
    personas = np.arange(size, dtype=np.int64)[:, None]
    targets = (personas + np.arange(1, degree // 2 + 1)) % size
    rewired = targets.astype(np.int32)
    _rewire(rewired, rewiring, *seed_key(seed))
    keys = np.minimum(personas, rewired) * size + np.maximum(personas, rewired)
    return network_from_sorted_keys(size, np.sort(keys.reshape(-1)))


@compiled
def _rewire(
    targets: NDArray[np.int32], rewiring: float, key_0: np.uint64, key_1: np.uint64
) -> None:
    """Move targets int32[n, degree/2], where link (persona, lap) has the number lap * n + persona.

    One end of a link stays with its persona, so those it is linked to are found in two rows.
    """
    size, laps = targets.shape
    for lap in range(laps):
        for persona in range(size):
            link = np.uint64(lap * size + persona)
            words = philox(
                link & WORD_MASK, link >> WORD_BITS, NETWORK_REWIRING, np.uint64(0), key_0, key_1
            )
            if fine_uniform(words[0], words[1]) >= rewiring:
                continue
            attempt = np.uint64(0)
            target = _someone_else(persona, size, words[2], words[3])
            # Ends for certain: the link's own old place is always free.
            while _are_linked(targets, persona, lap, target):
                attempt += ONE
                words = philox(
                    link & WORD_MASK, link >> WORD_BITS, NETWORK_REWIRING, attempt, key_0, key_1
                )
                target = _someone_else(persona, size, words[2], words[3])
            targets[persona, lap] = target


@inlined
def _someone_else(persona: int, size: int, high: np.uint64, low: np.uint64) -> int:
    """Return one of the n-1 others, all alike: no self-loop and no bias."""
    other = int(fine_uniform(high, low) * (size - 1))
    return other + 1 if other >= persona else other


@inlined
def _are_linked(targets: NDArray[np.int32], persona: int, lap: int, other: int) -> bool:
    """Return whether a link joins the two, leaving out the one that is being moved."""
    for position in range(targets.shape[1]):
        if targets[persona, position] == other and position != lap:
            return True
        if targets[other, position] == persona:
            return True
    return False
