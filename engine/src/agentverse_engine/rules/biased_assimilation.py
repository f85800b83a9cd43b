"""Evidence counts for more where it agrees with what one believes (Dandekar et al. 2013)."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.mathematics import exponential_inlined, logarithm_inlined
from agentverse_engine.rules.rule import Rule


@inlined
def raised(base: float, exponent: float) -> float:
    """Return base**exponent for base >= 0 and exponent >= 0; 0**0 is 1."""
    if exponent == 0.0:
        return 1.0
    return exponential_inlined(exponent * logarithm_inlined(base)) if base > 0.0 else 0.0


@inlined
def assimilated(
    opinion: float, mean_opinion: float, degree: int, assimilation_bias: float, own_weight: float
) -> float:
    """Return the opinion, 0 to 1; own_weight, above 0, is that of oneself beside a neighbour's 1.

    With bias 0 it is DeGroot's average with weight own_weight / (own_weight + degree) for oneself.
    """
    if degree == 0:
        return opinion
    support = degree * mean_opinion
    favouring = raised(opinion, assimilation_bias) * support
    opposing = raised(1.0 - opinion, assimilation_bias) * (degree - support)
    return (own_weight * opinion + favouring) / (own_weight + favouring + opposing)


BIASED_ASSIMILATION = Rule(
    name="biased_assimilation",
    function=assimilated,
    writes=("opinion",),
    social=True,
    equation="x' = (w x + x^b s) / (w + x^b s + (1 - x)^b (d - s)), s the sum of the neighbours' x "
    "and d their number",
    source="Dandekar, Goel & Lee 2013",
)
