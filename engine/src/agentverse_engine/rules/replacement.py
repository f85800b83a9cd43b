"""Replacement: a persona's current system ends with a constant hazard per tick."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.rng import REPLACEMENT as REPLACEMENT_DRAWS
from agentverse_engine.rules.rule import Rule


@inlined
def ends(draw: float, replacement_rate: float) -> bool:
    """Say whether the system ends; rate 0 never, rate 1 always."""
    return draw < replacement_rate


REPLACEMENT = Rule(
    name="replacement",
    function=ends,
    gate=True,
    purpose=int(REPLACEMENT_DRAWS),
    equation="P(the current system ends in a tick) = replacement_rate",
    source="constant hazard; ASHRAE median service lives",
)
