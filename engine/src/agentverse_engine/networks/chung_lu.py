"""A network in which everyone has the number of links expected of them, and no other pattern."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks.csr import Network, network_from_sorted_keys
from agentverse_engine.networks.independent import independent_links, is_chance, largest_chances
from agentverse_engine.networks.network_checks import persona_weights

ONE_RATE: NDArray[np.float64] = np.ones((1, 1))


def chung_lu_network(weights: ArrayLike, *, seed: int) -> Network:
    """Draw a network with expected degrees (Chung & Lu 2002), each pair by its own chance.

    weights: float64[n], the expected degrees, 0 or more. Personas i and j are linked with
    probability w_i w_j / S, S the sum of the weights, independently of all other pairs. Nobody
    links to themselves, so the expected degree is w_i (1 - w_i / S), which the model's own
    self-loops would fill up. NetworkError: weights that are not finite numbers of 0 or more, or
    so uneven that two of them have a probability above 1. RequestError: a seed out of range.
    """
    expected = persona_weights("weights", weights)
    _check_largest(expected)
    together = np.zeros(expected.size, dtype=np.int64)
    total = math.fsum(expected)
    attraction = expected / math.sqrt(total) if total > 0 else expected
    chance = largest_chances(together, attraction, ONE_RATE)[0, 0]
    if not is_chance(chance):
        raise NetworkError(
            f"would link the two largest with probability {chance:.3g}.",
            field="weights",
            fix="Lower the largest: the product of two may not exceed the sum of all.",
        )
    keys = independent_links(together, attraction, ONE_RATE, seed=seed)
    return network_from_sorted_keys(expected.size, keys)


def _check_largest(expected: NDArray[np.float64]) -> None:
    largest = int(np.argmax(expected))
    if expected[largest] > expected.size - 1:
        raise NetworkError(
            f"expects {expected[largest]:g} links of persona {largest}, but there are "
            f"{expected.size - 1} others.",
            field="weights",
            fix="Lower it or add personas.",
        )
