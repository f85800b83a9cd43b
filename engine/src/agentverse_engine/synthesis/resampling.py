"""From a few survey rows to any number of personas, each row its expected number of times."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.rng import RESAMPLING, uniforms


def resample(
    rows: int, size: int, seed: int, *, weights: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Return int64[size], ascending row numbers: systematic resampling from one counted draw.

    Each row appears its expected number of times, rounded down or up. weights: float64[rows],
    the share of people a row stands for (default: all alike). RequestError: no row or
    no persona, or weights that are not all 0 or more with a sum above 0.
    """
    if rows < 1:
        raise RequestError("holds no row.", field="rows", fix="Give at least one survey row.")
    if size < 1:
        raise RequestError(f"is {size}.", field="size", fix="Ask for at least one persona.")
    offset = float(uniforms(seed=seed, purpose=RESAMPLING, identity=0))
    if weights is None:
        # In whole numbers, so that size = rows gives every row exactly once.
        steps = np.arange(size, dtype=np.int64) * rows
        return (steps + math.floor(offset * rows)) // size
    heap: NDArray[np.float64] = np.cumsum(checked_weights(weights, rows))
    total = float(heap[-1])
    positions = (np.arange(size, dtype=np.float64) + offset) * (total / size)
    indices = heap.searchsorted(positions, side="right")
    return np.minimum(indices, heap.searchsorted(total, side="left"))  # never past the last weight


def checked_weights(weights: ArrayLike, rows: int) -> NDArray[np.float64]:
    """Return float64[rows], each finite and 0 or more, not all 0; else raise RequestError."""
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (rows,) or not np.isfinite(given).all() or (given < 0).any():
        raise RequestError(
            "must be one finite number of 0 or more per row.",
            field="weights",
            fix="Fill or drop the rows without a usable weight.",
        )
    if not given.any():
        raise RequestError("sum to 0.", field="weights", fix="Give some row a weight above 0.")
    return given
