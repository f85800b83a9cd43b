"""Multinomial logit choice, with conformity, loss aversion and advertising in its utilities."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.mathematics import exponential_inlined
from agentverse_engine.numerics.rng import CHOICE
from agentverse_engine.rules.rule import Rule


@inlined
def write_utilities(
    values: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    constants: NDArray[np.float64],
    utilities: NDArray[np.float64],
) -> None:
    """Write asc_j + sum_f beta_f x_jf into utilities float64[alternatives]."""
    for alternative in range(constants.size):
        utility = constants[alternative]
        for family in range(coefficients.size):
            utility += coefficients[family] * values[family, alternative]
        utilities[alternative] = utility


@inlined
def add_media(
    advertising: NDArray[np.float64],
    media_effect: float,
    media_half_saturation: float,
    utilities: NDArray[np.float64],
) -> None:
    """Add a saturating response to advertising float64[alternatives], in rating points."""
    for alternative in range(utilities.size):
        spent = advertising[alternative]
        utilities[alternative] += media_effect * spent / (media_half_saturation + spent)


@inlined
def add_losses(
    values: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    choice: int,
    loss_aversion: float,
    utilities: NDArray[np.float64],
) -> None:
    """Weigh what an alternative is worse in than the current one by (loss_aversion - 1) more."""
    for family in range(coefficients.size):
        for alternative in range(utilities.size):
            change = values[family, alternative] - values[family, choice]
            utilities[alternative] += (loss_aversion - 1.0) * min(
                0.0, coefficients[family] * change
            )


@inlined
def add_conformity(
    counts: NDArray[np.int64], degree: int, conformity: float, utilities: NDArray[np.float64]
) -> None:
    """Pull towards the neighbours' choices; counts int64[alternatives]."""
    if degree == 0:
        return
    for alternative in range(utilities.size):
        share = counts[alternative] / degree
        utilities[alternative] += conformity * (share - 1.0 / utilities.size)


@inlined
def exponentiate(utilities: NDArray[np.float64]) -> float:
    """Replace utilities by exp(V - max V) and return their sum, added in index order."""
    highest = utilities[0]
    for alternative in range(1, utilities.size):
        highest = max(highest, utilities[alternative])
    # Two loops: one that also adds up, in order, would keep exponentials from going side by side.
    for alternative in range(utilities.size):
        utilities[alternative] = exponential_inlined(utilities[alternative] - highest)
    total = 0.0
    for alternative in range(utilities.size):
        total += utilities[alternative]
    return total


@inlined
def chosen(utilities: NDArray[np.float64], fine_draw: float) -> int:
    """Return one draw of the logit by inverse CDF in index order; overwrites utilities."""
    target = fine_draw * exponentiate(utilities)
    # Count what lies below the target: to leave at the first above it is a branch nobody can guess.
    below = 0
    cumulated = 0.0
    for alternative in range(utilities.size - 1):
        cumulated += utilities[alternative]
        below += not target < cumulated
    return below


LOGIT_UTILITY = Rule(
    name="logit_utility",
    function=write_utilities,
    equation="V_ij = asc_j + sum_f beta_f x_ijf",
    source="McFadden 1974",
)
MEDIA_UTILITY = Rule(
    name="media",
    function=add_media,
    equation="V_ij += media_effect A_j / (media_half_saturation + A_j), A the adstock",
    source="Koyck 1954; saturating response: Hill 1910 with exponent 1",
)
LOSS_AVERSION = Rule(
    name="loss_aversion",
    function=add_losses,
    social=True,
    equation="V_ij += sum_f (loss_aversion - 1) min(0, beta_f (x_ijf - x_i,current,f))",
    source="Tversky & Kahneman 1991, 1992",
)
CONFORMITY = Rule(
    name="conformity",
    function=add_conformity,
    social=True,
    equation="V_ij += conformity (share of neighbours with j - 1/J); 0 without neighbours",
    source="Brock & Durlauf 2001; strength from Bond & Smith 1996",
)
LOGIT_CHOICE = Rule(
    name="logit_choice",
    function=chosen,
    writes=("choice",),
    purpose=int(CHOICE),
    equation="P_ij = exp(V_ij) / sum_k exp(V_ik), drawn by inverse CDF in index order",
    source="McFadden 1974",
)
