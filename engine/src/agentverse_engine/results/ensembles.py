"""Replicates as a leading axis: shares, intervals, paired differences, without Python loops."""

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least, finite

Floats = NDArray[np.float64]


def shares(counts: ArrayLike) -> Floats:
    """Divide counts by their sum over alternatives; nan where nobody is counted.

    counts: int[..., alternatives] of 0 or more. Returns float64[..., alternatives], 0 to 1.
    RequestError: what is no number.
    """
    numbers = _numbers("counts", counts)
    totals = numbers.sum(axis=-1, keepdims=True)
    return np.divide(numbers, totals, out=np.full_like(numbers, np.nan), where=totals > 0)


def quantiles(values: ArrayLike, probabilities: ArrayLike, *, kind: int = 7) -> Floats:
    """Return float64[probabilities, ...] over the leading axis, leaving out nan.

    probabilities: 0 to 1. kind 7 interpolates so that 0 and 1 are the extremes (Hyndman & Fan
    1996); kind 5 gives the k-th of n values at probability (k - 1/2) / n. Between -inf and inf
    lies nan. RequestError: no replicate, what is no number, another probability or kind.
    """
    ordered = np.sort(_with_replicates(values), axis=0)  # nan is sorted to the end
    present = (~np.isnan(ordered)).sum(axis=0)
    levels = _numbers("probabilities", probabilities).reshape(-1)
    if not ((levels >= 0.0) & (levels <= 1.0)).all():
        raise RequestError(
            "holds what is no probability.", field="probabilities", fix="Use numbers from 0 to 1."
        )
    spread = levels.reshape(-1, *([1] * present.ndim))
    if kind == 7:
        position = spread * (present - 1)
    elif kind == 5:
        position = spread * present - 0.5
    else:
        raise RequestError(f"is {kind}.", field="kind", fix="Use 5 or 7.")
    position = np.clip(position, 0.0, np.maximum(present - 1, 0))
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(present - 1, 0))
    low = np.take_along_axis(ordered, below, axis=0)
    high = np.take_along_axis(ordered, above, axis=0)
    fraction = position - below
    with np.errstate(invalid="ignore"):  # from -inf to inf there is no number
        between = low + fraction * np.subtract(high, low, out=np.zeros_like(low), where=high != low)
    return np.where(fraction > 0, between, low)


def interval(values: ArrayLike, level: float = 0.9) -> tuple[Floats, Floats, Floats]:
    """Return (low, median, high): the central share `level` of the replicates, type-7 quantiles.

    values: float64[replicates, ...]; level: between 0 and 1. Each result is float64[...], in the
    unit of the values. RequestError: what is no number, a level out of range.
    """
    tail = (1.0 - _level(level)) / 2.0
    low, median, high = quantiles(values, [tail, 0.5, 1.0 - tail])
    return low, median, high


def normal_width(level: float) -> float:
    """Return z, so that mean ± z standard errors hold the central share `level` of a normal law.

    level: between 0 and 1, else a RequestError.
    """
    return NormalDist().inv_cdf((1.0 + _level(level)) / 2.0)


def wilson_interval(
    successes: ArrayLike, trials: ArrayLike, level: float = 0.9
) -> tuple[Floats, Floats]:
    """Return (low, high), float64[...] each: the interval of a share, 0 to 1.

    successes, trials: whole numbers [...], of one shape or one for all; level: between 0 and 1. The
    score interval (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) (Wilson 1927), which keeps
    its coverage near 0 and 1. RequestError: no trial, or other than 0 to n successes.
    """
    z = normal_width(level)
    k, n = _alike(_numbers("successes", successes), _numbers("trials", trials))
    if not (np.isfinite(n) & (n >= 1)).all():
        raise RequestError("has no trial.", field="trials", fix="Give 1 or more everywhere.")
    if not ((k >= 0) & (k <= n)).all():
        raise RequestError(
            "is below 0 or above the trials.", field="successes", fix="Count them among the trials."
        )
    share, shrink = k / n, 1.0 + z * z / n
    centre = (share + z * z / (2.0 * n)) / shrink
    half = z * np.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) / shrink
    # At 0 and n successes the bound is 0 and 1 exactly; rounding must not move it.
    low, high = np.where(k == 0, 0.0, centre - half), np.where(k == n, 1.0, centre + half)
    return low, high


def _alike(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    try:
        one, other = np.broadcast_arrays(successes, trials)
    except ValueError as reason:
        raise RequestError(
            f"has shape {trials.shape}, the successes {successes.shape}.",
            field="trials",
            fix="Give as many of both, or one number.",
        ) from reason
    return one, other


def _level(level: float) -> float:
    if not 0.0 < finite(level, field="level", error=RequestError) < 1.0:
        raise RequestError(f"is {level}.", field="level", fix="Use a number between 0 and 1.")
    return level


def paired_difference(branch: ArrayLike, parent: ArrayLike) -> Floats:
    """Return branch - parent, replicate by replicate: both used the same random numbers, so noise
    cancels.

    branch, parent, result: float64[R, ...], in the unit of the values. RequestError: other shapes.
    """
    one, other = _with_replicates(branch), _with_replicates(parent)
    if one.shape != other.shape:
        raise RequestError(
            f"has shape {one.shape}, the parent {other.shape}.",
            field="branch",
            fix="Run both with the same replicates, horizon and population.",
        )
    return one - other


def midpoint_quantiles(values: ArrayLike, count: int = 20) -> Floats:
    """Return float64[count, ...] at (k - 1/2) / count; of `count` replicates, they themselves.

    values: float64[replicates, ...], in any unit. RequestError: what is no number, a count below
    1.
    """
    count = at_least("count", count, 1)
    return quantiles(values, (np.arange(count) + 0.5) / count, kind=5)


def _numbers(field: str, values: ArrayLike) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as reason:
        raise RequestError(
            "holds what is no number.", field=field, fix="Give an array of numbers."
        ) from reason


def _with_replicates(values: ArrayLike) -> Floats:
    numbers = _numbers("values", values)
    if numbers.ndim == 0 or numbers.shape[0] == 0:
        raise RequestError(
            "has no replicate.", field="values", fix="Give at least one along the leading axis."
        )
    return numbers
