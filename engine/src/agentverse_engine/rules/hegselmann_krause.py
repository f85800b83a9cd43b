"""Averaging over all who are not too far away (Hegselmann & Krause 2002)."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import NeighbourFilter, Rule


@inlined
def near_enough(opinion: float, their_opinion: float, confidence_bound: float) -> bool:
    """Say whether a neighbour's opinion lies within the confidence bound."""
    return abs(opinion - their_opinion) <= confidence_bound


@inlined
def averaged_near(opinion: float, count_trusted: int, mean_trusted_opinion: float) -> float:
    """Return the mean opinion, 0 to 1, of oneself and of the neighbours within the bound."""
    return (opinion + count_trusted * mean_trusted_opinion) / (1.0 + count_trusted)


TRUSTED = NeighbourFilter(
    name="trusted", function=near_enough, source="Hegselmann & Krause 2002, bounded confidence"
)
HEGSELMANN_KRAUSE = Rule(
    name="hegselmann_krause",
    function=averaged_near,
    writes=("opinion",),
    social=True,
    equation="x_i' = mean of x_j over oneself and the neighbours with |x_i - x_j| <= epsilon",
    source="Hegselmann & Krause 2002",
)
