"""Reader of version 2: as version 3, with the differences of levels in the order of personas."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.codec import version_3
from agentverse_engine.codec.parquet import StoredFile
from agentverse_engine.codec.parts import Instant, Series
from agentverse_engine.results.trajectory import Trajectory


def state(frames: StoredFile, deltas: StoredFile, wanted: Instant) -> NDArray[np.uint8]:
    """Return a keyframe plus the differences since, modulo 256."""
    return version_3.state(frames, deltas, wanted, _of_personas)


def trajectory(counts: Series, frames: StoredFile, deltas: StoredFile) -> Trajectory:
    """Return the trajectory that the three parts hold."""
    return version_3.trajectory(counts, frames, deltas, _of_personas)


def _of_personas(stored_name: str, before: NDArray[np.uint8]) -> slice:
    return slice(None)
