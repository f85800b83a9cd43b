"""Groups that link by a mixing matrix, with sociable and retiring personas inside each."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.networks.csr import Network, group_codes, network_from_sorted_keys
from agentverse_engine.networks.independent import (
    independent_links,
    is_chance,
    largest_chances,
    sums_of_products,
)
from agentverse_engine.networks.network_checks import number_of_neighbours, numbers, persona_weights

SYMMETRY = 1e-9
SMALLEST = 5e-324


def stochastic_block_network(
    groups: ArrayLike,
    *,
    mixing: ArrayLike,
    mean_degree: float,
    seed: int,
    weights: ArrayLike | None = None,
) -> Network:
    """Draw a network of groups by a mixing matrix (stochastic block model, Holland et al. 1983).

    groups: int[n], codes 0 to B-1, each with a persona. mixing: float64[B, B], symmetric, 0 or
    more: the relative rate at which a persona of one group and one of another are linked; only
    ratios count. A pair of groups r and s is linked with probability c * mixing[r, s],
    independently of all other pairs, with the one c that makes the expected number of links
    n * mean_degree / 2. The number drawn varies about it as chance has it.

    weights: float64[n], how sociable each persona is, 0 or more (default: all alike). Then the
    model is degree-corrected (Karrer & Newman 2011): the probability is in proportion to the two
    weights as well, and c * mixing[r, s] is its mean over the pairs of r and s, so weights count
    within their group only and leave the mixing between groups as it is. NetworkError: codes,
    rates or weights out of range, or a degree for which a pair's probability would exceed 1.
    RequestError: a seed out of range.
    """
    group = group_codes("groups", groups)
    sizes = _group_sizes(group)
    rates = _mixing_matrix(mixing, sizes.size)
    pairs = _pair_counts(sizes)
    scale = _scale(rates, pairs, group.size, mean_degree)
    propensity = _propensities(group, sizes, weights)
    rates = rates * scale * _weight_correction(group, pairs, propensity, rates)
    _check_chances(largest_chances(group, propensity, rates))
    keys = independent_links(group, propensity, rates, seed=seed)
    return network_from_sorted_keys(group.size, keys)


def _group_sizes(group: NDArray[np.int64]) -> NDArray[np.int64]:
    if group.size == 0:
        raise NetworkError("hold no persona.", field="groups", fix="Give one code per persona.")
    if group.min() < 0 or group.max() >= group.size:
        raise NetworkError(
            f"hold the code {group.min() if group.min() < 0 else group.max()}.",
            field="groups",
            fix="Use 0 to B-1, the rows of the mixing matrix, each for at least one persona.",
        )
    sizes = np.bincount(group)
    empty = np.flatnonzero(sizes == 0)
    if empty.size:
        raise NetworkError(
            f"have no persona in group {empty[0]}.",
            field="groups",
            fix="Leave the group out of the codes and of the mixing matrix.",
        )
    return sizes


def _mixing_matrix(mixing: ArrayLike, groups: int) -> NDArray[np.float64]:
    """Return float64[B, B], the rates with the largest set to 1: only ratios count."""
    rates = numbers("mixing", mixing)
    if rates.shape != (groups, groups):
        raise NetworkError(
            f"has the shape {rates.shape} for {groups} groups.",
            field="mixing",
            fix="Give one row and one column per group.",
        )
    if not np.allclose(rates, rates.T, rtol=SYMMETRY, atol=0):
        raise NetworkError(
            "is not symmetric, but links have no direction.",
            field="mixing",
            fix="Give the pair (r, s) the rate of (s, r), e.g. the mean of both.",
        )
    largest = rates.max()
    return rates / largest if largest > 0 else rates


def _pair_counts(sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return float64[B, B], how many pairs of personas two groups, or one with itself, form."""
    count = sizes.astype(np.float64)
    pairs = count[:, None] * count[None, :]
    np.fill_diagonal(pairs, (count * count - count) / 2)
    return pairs


def _scale(
    rates: NDArray[np.float64], pairs: NDArray[np.float64], size: int, mean_degree: float
) -> float:
    """Return c: with probabilities c * mixing, the expected links are n * mean_degree / 2."""
    if number_of_neighbours("mean_degree", mean_degree) == 0:
        return 0.0
    upper = np.triu_indices(len(rates))
    total = math.fsum(rates[upper] * pairs[upper])
    if total == 0:
        raise NetworkError(
            f"links no pair, so a mean degree of {mean_degree:g} cannot be reached.",
            field="mixing",
            fix="Give a rate above 0 to groups that form a pair, or use a mean degree of 0.",
        )
    return size * mean_degree / 2 / total


def _propensities(
    group: NDArray[np.int64], sizes: NDArray[np.int64], weights: ArrayLike | None
) -> NDArray[np.float64]:
    """Return float64[n], each weight over the mean of its group."""
    if weights is None:
        return np.ones(group.size)
    given = persona_weights("weights", weights)
    if given.size != group.size:
        raise NetworkError(
            f"has {given.size} values for {group.size} personas.",
            field="weights",
            fix="Give one weight per persona.",
        )
    given = given / max(float(given.max()), SMALLEST)
    means = np.bincount(group, weights=given) / sizes
    silent = np.flatnonzero(means == 0)
    if silent.size:
        raise NetworkError(
            f"are all 0 in group {silent[0]}.",
            field="weights",
            fix="Give someone in it a weight above 0; a mixing rate of 0 keeps groups apart.",
        )
    return given / means[group]


def _weight_correction(
    group: NDArray[np.int64],
    pairs: NDArray[np.float64],
    propensity: NDArray[np.float64],
    rates: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return float64[B, B], pairs over the sum of w_i w_j over pairs: 1 between groups.

    Within a group nobody pairs with themselves, which costs sociable personas more.
    """
    inside, products = pairs.diagonal(), sums_of_products(group, propensity, len(rates))
    unlinkable = np.flatnonzero((products == 0) & (inside > 0) & (rates.diagonal() > 0))
    if unlinkable.size:
        raise NetworkError(
            f"leave one persona of group {unlinkable[0]} above 0, so no pair inside can be linked.",
            field="weights",
            fix="Give two a weight above 0, or set the group's rate with itself to 0.",
        )
    correction = np.ones_like(rates)
    with np.errstate(over="ignore"):  # an infinite chance is refused like any other above 1
        np.fill_diagonal(correction, inside / np.where(products > 0, products, 1.0))
    return correction


def _check_chances(chances: NDArray[np.float64]) -> None:
    row, column = divmod(int(np.argmax(chances)), len(chances))
    if is_chance(chances[row, column]):
        return
    raise NetworkError(
        f"would link personas of groups {row} and {column} with probability "
        f"{chances[row, column]:.3g}.",
        field="mean_degree",
        fix="Lower it, that rate of the mixing matrix, or the largest weights.",
    )
