"""How far two samples or two distributions are apart (numpy only)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import Floats, finite, same_shape
from agentverse_engine.errors import RequestError

SERIES_TERMS = 20  # of alternating or quickly falling terms: far beyond double precision
SERIES_CHANGE = 1.18  # where both series of the Kolmogorov distribution converge fast


def wasserstein_distance(one: ArrayLike, other: ArrayLike) -> float:
    """Return W1, the area between two empirical distribution functions (Vallender 1974).

    one, other: float64[n] and float64[m]; the distance has their unit. RequestError: a sample that
    is empty or not finite.
    """
    first, second = np.sort(finite("one", one)), np.sort(finite("other", other))
    steps = np.sort(np.concatenate([first, second]))
    gap = np.abs(_below(first, steps[:-1]) - _below(second, steps[:-1]))
    return float((gap * np.diff(steps)).sum())


def _below(ordered: Floats, values: Floats) -> Floats:
    """Return the share of `ordered` that is at most each value."""
    return ordered.searchsorted(values, side="right") / ordered.size


def jensen_shannon_divergence(one: ArrayLike, other: ArrayLike) -> float:
    """Return the divergence in bits, from 0 (the same) to 1 (nothing in common) (Lin 1991).

    one, other: float64[categories], counts or probabilities of 0 or more; each is divided by its
    sum. This is the divergence; its square root is a metric (Endres & Schindelin 2003).
    RequestError: shapes that differ, masses below 0 or all 0.
    """
    first, second = _distribution("one", one), _distribution("other", other)
    same_shape("other", second, "one", first)
    middle = (first + second) / 2.0
    both = (_relative_entropy(first, middle) + _relative_entropy(second, middle)) / 2.0
    return min(max(both, 0.0), 1.0)  # rounding only: the divergence is within [0, 1]


def _distribution(field: str, masses: ArrayLike) -> Floats:
    given = finite(field, masses)
    if (given < 0).any() or given.sum() <= 0:
        raise RequestError(
            "must hold masses of 0 or more that do not sum to 0.",
            field=field,
            fix="Give counts or probabilities.",
        )
    return given / given.sum()


def _relative_entropy(one: Floats, other: Floats) -> float:
    """Return sum p log2(p / q) over p > 0, where q is never 0."""
    held = one > 0
    return float((one[held] * np.log2(one[held] / other[held])).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class KolmogorovSmirnov:
    """The widest gap of two distribution functions, and how often chance alone gives as much."""

    statistic: float
    p_value: float


def kolmogorov_smirnov(one: ArrayLike, other: ArrayLike) -> KolmogorovSmirnov:
    """Compare two samples (Smirnov 1939); the p-value is asymptotic, corrected by Stephens 1970.

    one, other: float64[n] and float64[m]. With ties, as in whole numbers, the p-value is too high
    (conservative). RequestError: a sample that is empty or not finite.
    """
    first, second = np.sort(finite("one", one)), np.sort(finite("other", other))
    steps = np.concatenate([first, second])
    gap = float(np.abs(_below(first, steps) - _below(second, steps)).max())
    root = math.sqrt(first.size * second.size / (first.size + second.size))
    scaled = (root + 0.12 + 0.11 / root) * gap
    return KolmogorovSmirnov(statistic=gap, p_value=kolmogorov_tail(scaled))


def kolmogorov_tail(scaled: float) -> float:
    """Return P(K > x) of the Kolmogorov distribution, by its two series (Kolmogorov 1933)."""
    if scaled <= 0.0:
        return 1.0
    term = np.arange(1, SERIES_TERMS + 1)
    if scaled < SERIES_CHANGE:
        odd = (2 * term - 1) * math.pi / scaled
        return float(1.0 - math.sqrt(2.0 * math.pi) / scaled * np.exp(-(odd**2) / 8.0).sum())
    signs = np.where(term % 2 == 1, 1.0, -1.0)
    return float(2.0 * (signs * np.exp(-2.0 * (term * scaled) ** 2)).sum())
