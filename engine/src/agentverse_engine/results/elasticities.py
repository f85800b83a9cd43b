"""Arc elasticity: by how much percent an outcome changes where a value changes by one percent."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError


def arc_elasticity(
    first: float, second: float, before: ArrayLike, after: ArrayLike
) -> NDArray[np.float64]:
    """Return float64[replicates], by the midpoint formula (Allen 1934), paired by replicate.

    first, second: the two values; before, after: float64[replicates], the outcome at each. nan
    where the outcome is 0 at both. RequestError: values without a relative difference (equal, or
    summing to 0), outcomes that do not pair.
    """
    low, high = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if low.shape != high.shape:
        raise RequestError(
            f"has shape {high.shape} beside {low.shape}.",
            field="after",
            fix="Give one outcome per replicate at both values.",
        )
    if first == second or first + second == 0:
        raise RequestError(
            f"are {first:g} and {second:g}, which differ by no percentage.",
            field="first, second",
            fix="Give two different values that do not sum to 0.",
        )
    whole = low + high
    relative = np.divide(high - low, whole, out=np.full_like(whole, np.nan), where=whole != 0)
    return relative / ((second - first) / (second + first))
