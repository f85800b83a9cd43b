"""Pairwise compromise between people who are not too far apart (Deffuant et al. 2000)."""

import math

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import Rule

# Steps of an opinion to the unit: the level `opinion` has as many, or a whole multiple of them.
OPINION_STEPS = 2**24


@inlined
def moved_towards_partner(
    opinion: float,
    partner_opinion: float,
    met: bool,
    confidence_bound: float,
    convergence_rate: float,
) -> float:
    """Return the opinion, 0 to 1, after talking to whom one met in this tick, if anybody.

    The move is a whole number of stored steps, worked out of the distance alone, so what one of
    a pair gains the other loses exactly, as long as both feel the same bound and rate.
    """
    gap = abs(partner_opinion - opinion)
    if not met or gap >= confidence_bound:
        return opinion
    move = math.floor(convergence_rate * gap * OPINION_STEPS) / OPINION_STEPS
    return opinion + move if partner_opinion > opinion else opinion - move


DEFFUANT_WEISBUCH = Rule(
    name="deffuant_weisbuch",
    function=moved_towards_partner,
    writes=("opinion",),
    social=True,
    equation="x_i' = x_i + mu (x_j - x_i) where i and j meet and |x_i - x_j| < epsilon",
    source="Deffuant, Neau, Amblard & Weisbuch 2000",
)
