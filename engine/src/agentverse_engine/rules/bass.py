"""Adoption by the Bass model: innovators, imitators of their neighbours, price and advertising.

The rules before the last collect a hazard a year in the scratch `utilities`: place NOT_YET holds
the marketing effort x, place ADOPTED the hazard of adopting.
"""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.mathematics import exponential_inlined, logarithm_inlined
from agentverse_engine.numerics.rng import ABANDONMENT as ABANDONMENT_DRAWS
from agentverse_engine.numerics.rng import ADOPTION as ADOPTION_DRAWS
from agentverse_engine.rules.hazard import chance_within
from agentverse_engine.rules.rule import Rule

NOT_YET, ADOPTED = 0, 1


@inlined
def write_effort(
    price: float,
    price_elasticity: float,
    advertising: float,
    advertising_effect: float,
    advertising_half_saturation: float,
    utilities: NDArray[np.float64],
) -> None:
    """Write the effort x: 1 at the price 1 without advertising; price above 0."""
    pull = advertising_effect * advertising / (advertising_half_saturation + advertising)
    push = exponential_inlined(-price_elasticity * logarithm_inlined(price))
    utilities[NOT_YET] = push * (1.0 + pull)


@inlined
def write_innovation(innovation: float, utilities: NDArray[np.float64]) -> None:
    """Return the hazard of innovation, which does not depend on other adopters."""
    utilities[ADOPTED] = innovation


@inlined
def add_imitation(imitation: float, share_adopted: float, utilities: NDArray[np.float64]) -> None:
    """Add the pull of the neighbours who have adopted."""
    utilities[ADOPTED] += imitation * share_adopted


@inlined
def apply_effort(utilities: NDArray[np.float64]) -> None:
    """Multiply the whole hazard by the marketing effort."""
    utilities[ADOPTED] *= utilities[NOT_YET]


@inlined
def adopts(new_choice: int, utilities: NDArray[np.float64], tick_years: float, draw: float) -> int:
    """Return ADOPTED when the hazard strikes within the tick; tick_years: its length."""
    if new_choice == ADOPTED:
        return new_choice
    return ADOPTED if draw < chance_within(utilities[ADOPTED], tick_years) else new_choice


@inlined
def abandons(
    choice: int, new_choice: int, abandonment: float, tick_years: float, draw: float
) -> int:
    """Return NOT_YET for those of the adopters at the tick's start who give up in it."""
    if choice != ADOPTED:
        return new_choice
    return NOT_YET if draw < chance_within(abandonment, tick_years) else new_choice


MARKETING = Rule(
    name="marketing",
    function=write_effort,
    equation="x = price**-price_elasticity * (1 + advertising_effect A / "
    "(advertising_half_saturation + A)), A the adstock",
    source="x multiplies the hazard as in the generalised Bass model (Bass, Krishnan & Jain 1994), "
    "here in levels, as proportional hazards (Bass, Krishnan & Jain 2000), not in rates of change",
)
INNOVATION = Rule(
    name="innovation_hazard",
    function=write_innovation,
    equation="hazard = innovation",
    source="Bass 1969, p",
)
IMITATION = Rule(
    name="imitation_hazard",
    function=add_imitation,
    social=True,
    equation="hazard += imitation * share of neighbours who have adopted; 0 without neighbours",
    source="Bass 1969, q, with the neighbours in place of everybody",
)
EFFORT = Rule(
    name="marketing_effort",
    function=apply_effort,
    equation="hazard *= x",
    source="Bass, Krishnan & Jain 1994",
)
ADOPTION = Rule(
    name="adoption",
    function=adopts,
    writes=("choice",),
    purpose=int(ADOPTION_DRAWS),
    equation="P(adopt in a tick) = 1 - exp(-hazard tick_years) = 1 - (1 - h)**tick_years, "
    "h = 1 - exp(-hazard) the chance within a year",
    source="Bass 1969: f / (1 - F) = p + q F, held constant within a tick",
)
ABANDONMENT = Rule(
    name="abandonment",
    function=abandons,
    writes=("choice",),
    purpose=int(ABANDONMENT_DRAWS),
    equation="P(an adopter gives up in a tick) = 1 - exp(-abandonment tick_years)",
    source="constant hazard",
)
