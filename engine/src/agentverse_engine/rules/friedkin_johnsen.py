"""Conformity of opinions that remember where they started, with or without confirmation bias."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import NeighbourFilter, Rule

MIDDLE = 0.5


@inlined
def anchored(opinion: float, start_opinion: float, susceptibility: float) -> float:
    """Return the opinion, 0 to 1, of a persona without social influence."""
    return susceptibility * opinion + (1.0 - susceptibility) * start_opinion


@inlined
def pulled(
    opinion: float, start_opinion: float, mean_opinion: float, degree: int, susceptibility: float
) -> float:
    """Return the opinion, 0 to 1, between the neighbours' mean and one's own start."""
    neighbours_opinion = mean_opinion if degree > 0 else opinion
    return susceptibility * neighbours_opinion + (1.0 - susceptibility) * start_opinion


@inlined
def opposed(opinion: float, their_opinion: float) -> bool:
    """Say whether two opinions lie on different sides of the middle."""
    return (opinion - MIDDLE) * (their_opinion - MIDDLE) < 0.0


@inlined
def pulled_with_bias(
    opinion: float,
    start_opinion: float,
    mean_opinion: float,
    degree: int,
    count_opposed: int,
    mean_opposed_opinion: float,
    susceptibility: float,
    confirmation_bias: float,
) -> float:
    """Return the opinion, 0 to 1, where opposed neighbours count 1 - confirmation_bias each."""
    neighbours_opinion = opinion
    if degree > 0:
        # As a shift of the plain mean: without bias, or nobody opposed, it is that mean exactly.
        left_out = confirmation_bias * count_opposed
        neighbours_opinion = mean_opinion + left_out * (mean_opinion - mean_opposed_opinion) / (
            degree - left_out
        )
    return susceptibility * neighbours_opinion + (1.0 - susceptibility) * start_opinion


# Friedkin–Johnsen with everybody listening to themselves: the rule that social rules replace.
ANCHORING = Rule(
    name="anchoring",
    function=anchored,
    writes=("opinion",),
    equation="x_i' = l_i x_i + (1 - l_i) x_i(0)",
    source="Friedkin & Johnsen 1990, with nobody else to listen to",
)
FRIEDKIN_JOHNSEN = Rule(
    name="friedkin_johnsen",
    function=pulled,
    writes=("opinion",),
    social=True,
    equation="x_i' = l_i mean of the neighbours' x + (1 - l_i) x_i(0)",
    source="Friedkin & Johnsen 1990",
)
OPPOSED = NeighbourFilter(name="opposed", function=opposed, source="Rabin & Schrag 1999")
CONFIRMATION_BIAS = Rule(
    name="confirmation_bias_pull",
    function=pulled_with_bias,
    writes=("opinion",),
    social=True,
    equation="x_i' = l_i sum_j w_j x_j / sum_j w_j + (1 - l_i) x_i(0); w_j = 1 - c where x_j lies "
    "across the middle, else 1",
    source="Friedkin & Johnsen 1990; evidence weighed as in Rabin & Schrag 1999",
)
