"""People of one segment and one region, who have nothing yet that a pack adds."""

import numpy as np
from numpy.typing import ArrayLike

import agentverse_engine as av


def crowd(size: int, choice: ArrayLike = 0) -> av.Population:
    """Return so many; choice: of all, or int[size]."""
    return av.Population(
        segments=("all",),
        regions=("all",),
        segment=np.zeros(size, dtype=np.int16),
        region=np.zeros(size, dtype=np.int16),
        attributes={},
        choice=np.broadcast_to(np.asarray(choice, dtype=np.uint8), size),
    )
