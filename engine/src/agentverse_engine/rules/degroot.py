"""Opinions as repeated averages of one's own and the neighbours' (DeGroot 1974)."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import Rule


@inlined
def averaged(opinion: float, mean_opinion: float, degree: int, self_weight: float) -> float:
    """Return the average, 0 to 1, in which one's own opinion has the weight self_weight."""
    if degree == 0:
        return opinion
    return self_weight * opinion + (1.0 - self_weight) * mean_opinion


DEGROOT = Rule(
    name="degroot",
    function=averaged,
    writes=("opinion",),
    social=True,
    equation="x_i' = w x_i + (1 - w) mean of the neighbours' x; x_i without neighbours",
    source="DeGroot 1974",
)
