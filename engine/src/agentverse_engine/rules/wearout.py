"""Advertising wears out: who sees much of it responds less, and recovers after a pause."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.rng import REPLACEMENT
from agentverse_engine.rules.rule import Rule

Floats = NDArray[np.float64]


@inlined
def worn(
    responsiveness: float,
    advertising: Floats,
    media_half_saturation: float,
    habituation: float,
    recovery: float,
) -> float:
    """Return the responsiveness after a tick of advertising float64[alternatives], 0 to 1."""
    seen = 0.0
    for alternative in range(advertising.size):
        seen += advertising[alternative]
    stimulus = seen / (media_half_saturation + seen)
    change = recovery * (1.0 - responsiveness) - stimulus * responsiveness
    return min(1.0, max(0.0, responsiveness + habituation * change))


@inlined
def add_worn_media(
    advertising: Floats,
    media_effect: float,
    media_half_saturation: float,
    responsiveness: float,
    utilities: Floats,
) -> None:
    """Add a saturating response to advertising float64[alternatives], as far as it still moves."""
    for alternative in range(utilities.size):
        spent = advertising[alternative]
        response = media_effect * spent / (media_half_saturation + spent)
        utilities[alternative] += responsiveness * response


@inlined
def kept(choice: int, new_choice: int, draw: float, replacement_rate: float) -> int:
    """Return the new choice where the current system ends, else the current one."""
    return new_choice if draw < replacement_rate else choice


WEAROUT = Rule(
    name="wearout",
    function=worn,
    writes=("responsiveness",),
    equation="h <- h + habituation (recovery (1 - h) - S h), S = A / (media_half_saturation + A), "
    "A the adstock of all alternatives together",
    source="Stanley 1976; advertising wear-out and restoration: Naik, Mantrala & Sawyer 1998",
)
WORN_MEDIA = Rule(
    name="worn_media",
    function=add_worn_media,
    equation="V_ij += h media_effect A_j / (media_half_saturation + A_j)",
    source="Koyck 1954; saturating response: Hill 1910 with exponent 1",
)
KEPT_CHOICE = Rule(
    name="kept_choice",
    function=kept,
    writes=("choice",),
    purpose=int(REPLACEMENT),
    equation="P(the current system ends in a tick) = replacement_rate, by the gate's own draw",
    source="constant hazard; ASHRAE median service lives",
)
