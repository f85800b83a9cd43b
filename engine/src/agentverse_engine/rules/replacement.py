"""Replacement: a persona's current system ends with a constant hazard per tick."""

import numpy as np

from agentverse_engine.compiled import inlined
from agentverse_engine.rng import coarse_uniform


@inlined
def ends(word: np.uint64, replacement_rate: float) -> bool:
    """Say whether the system ends, from one random word; rate 0 never, rate 1 always."""
    return coarse_uniform(word) < replacement_rate
