"""From hazards to chances: what a constant hazard comes to in a tick, or many exposures to one."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.mathematics import exponential_inlined, logarithm_inlined


@inlined
def chance_within(hazard: float, time: float) -> float:
    """Return 1 - exp(-hazard * time), both 0 or more: the chance of an event within a time.

    With h = 1 - exp(-hazard), the chance within one unit of time, it is 1 - (1 - h)**time.
    """
    return 1.0 - exponential_inlined(-(hazard * time))


@inlined
def chance_of_any(chance: float, trials: float) -> float:
    """Return 1 - (1 - chance)**trials: that one of independent trials, 0 or more, succeeds."""
    if trials == 0.0:
        return 0.0
    if chance >= 1.0:
        return 1.0
    return 1.0 - exponential_inlined(trials * logarithm_inlined(1.0 - chance))
