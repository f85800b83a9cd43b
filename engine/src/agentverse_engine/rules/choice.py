"""Choice: multinomial logit with conformity and loss aversion (equations in the registry)."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.compiled import inlined
from agentverse_engine.mathematics import exponential_inlined


@inlined
def overlaid(base: float, effect: NDArray[np.float64]) -> float:
    """Return min(max(scale * base + shift, low), high); effect: float64[4] in that order."""
    value = effect[0] * base + effect[1]
    return min(max(value, effect[2]), effect[3])


@inlined
def write_values(
    attributes: NDArray[np.float64],
    positions: NDArray[np.int64],
    effects: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write one persona's attributes as the scripts leave them into out float64[families, alts].

    attributes: float64[columns]; positions: int64[families, alternatives], their columns;
    effects: float64[families, alternatives, 4].
    """
    for family in range(positions.shape[0]):
        for alternative in range(positions.shape[1]):
            base = float(attributes[positions[family, alternative]])
            out[family, alternative] = overlaid(base, effects[family, alternative])


@inlined
def write_utilities(
    values: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    constants: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write asc_j + sum_f beta_f x_jf into out float64[alternatives]."""
    for alternative in range(constants.size):
        utility = constants[alternative]
        for family in range(coefficients.size):
            utility += coefficients[family] * values[family, alternative]
        out[alternative] = utility


@inlined
def add_losses(
    values: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    current: int,
    loss_aversion: float,
    utilities: NDArray[np.float64],
) -> None:
    """Weigh what an alternative is worse in than the current one by (loss_aversion - 1) more."""
    for family in range(coefficients.size):
        for alternative in range(utilities.size):
            change = values[family, alternative] - values[family, current]
            utilities[alternative] += (loss_aversion - 1.0) * min(
                0.0, coefficients[family] * change
            )


@inlined
def add_conformity(
    neighbours: NDArray[np.int32],
    choices: NDArray[np.uint8],
    replicate: int,
    conformity: float,
    counts: NDArray[np.int64],
    utilities: NDArray[np.float64],
) -> None:
    """Pull towards the neighbours' choices; counts are integers, so their order cannot matter.

    neighbours: int32[degree]; choices: uint8[personas, replicates]; counts: scratch.
    """
    if neighbours.size == 0:
        return
    counts[:] = 0
    for neighbour in neighbours:
        counts[choices[neighbour, replicate]] += 1
    for alternative in range(utilities.size):
        share = counts[alternative] / neighbours.size
        utilities[alternative] += conformity * (share - 1.0 / utilities.size)


@inlined
def exponentiate(utilities: NDArray[np.float64]) -> float:
    """Replace utilities by exp(V - max V) and return their sum, added in index order."""
    highest = utilities[0]
    for alternative in range(1, utilities.size):
        highest = max(highest, utilities[alternative])
    total = 0.0
    for alternative in range(utilities.size):
        utilities[alternative] = exponential_inlined(utilities[alternative] - highest)
        total += utilities[alternative]
    return total


@inlined
def chosen(utilities: NDArray[np.float64], uniform: float) -> int:
    """Return one draw of the logit by inverse CDF in index order; overwrites utilities."""
    target = uniform * exponentiate(utilities)
    cumulated = 0.0
    for alternative in range(utilities.size - 1):
        cumulated += utilities[alternative]
        if target < cumulated:
            return alternative
    return utilities.size - 1
