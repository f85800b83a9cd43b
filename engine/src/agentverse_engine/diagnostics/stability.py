"""How many replicates an answer needs, and how far it may be off: sequential runs, bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import (
    Floats,
    Integers,
    above_zero,
    between_zero_and_one,
    finite,
)
from agentverse_engine.diagnostics.studies import Evaluate, evaluated, study_seeds
from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.numerics.rng import BOOTSTRAP, uniforms
from agentverse_engine.optional import require

LARGEST_BLOCK = 1_000_000  # values drawn at a time
# float64[..., n] -> float64[...], over the last axis
Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StableMean:
    """The mean over replicates and its interval, in the unit of the outcome.

    stable: whether the half width came below the tolerance before the replicates ran out;
    values: float64[replicates], in the order of the seeds.
    """

    mean: float
    low: float
    high: float
    half_width: float
    stable: bool
    values: Floats

    @property
    def replicates(self) -> int:
        """How many replicates were run."""
        return self.values.size


def replicate_until_stable(
    evaluate: Evaluate,
    point: ArrayLike,
    *,
    tolerance: float,
    seed: int,
    level: float = 0.95,
    minimum: int = 30,
    maximum: int = 1000,
    batch: int = 10,
) -> StableMean:
    """Add replicates, `batch` at a time, until the Student interval of the mean is narrow enough.

    point: float64[k]; tolerance: half width, in the unit of the outcome. The sequential rule of
    Chow & Robbins 1965: it reaches `level` as the tolerance falls, and by not stopping before
    `minimum` it keeps close to it. Raises RequestError for a tolerance of 0 or fewer than 2 runs.
    StudyError for outcomes that are not one finite number each, MissingExtra without scipy.
    """
    above_zero("tolerance", tolerance)
    between_zero_and_one("level", level)
    at_least("minimum", minimum, 2)
    at_least("maximum", maximum, minimum)
    at_least("batch", batch, 1)
    where = finite("point", point)[np.newaxis]
    values = np.zeros(0)
    while True:
        more = minimum if values.size == 0 else min(batch, maximum - values.size)
        seeds = study_seeds(seed, np.arange(values.size, values.size + more))
        values = np.concatenate([values, evaluated(evaluate, where, seeds)[0]])
        half = _half_width(values, level)
        if half < tolerance or values.size >= maximum:
            return _stable_mean(values, half, tolerance)


def _half_width(values: Floats, level: float) -> float:
    """Return the half width of the Student interval of the mean (Student 1908)."""
    special = require("scipy.special", extra="diagnostics")
    quantile = float(special.stdtrit(values.size - 1, 0.5 + level / 2.0))
    return quantile * float(values.std(ddof=1)) / values.size**0.5


def _stable_mean(values: Floats, half: float, tolerance: float) -> StableMean:
    mean = float(values.mean())
    return StableMean(
        mean=mean,
        low=mean - half,
        high=mean + half,
        half_width=half,
        stable=half < tolerance,
        values=values,
    )


def _mean(values: Floats) -> Floats:
    return np.asarray(values.mean(axis=-1))


def bootstrap_interval(
    values: ArrayLike,
    *,
    seed: int,
    statistic: Statistic = _mean,
    level: float = 0.95,
    resamples: int = 2000,
) -> tuple[float, float]:
    """Return (low, high), the bias-corrected and accelerated bootstrap interval (BCa, Efron 1987).

    values: float64[n], n >= 2; statistic: maps float64[..., n] to float64[...]. Resampling is
    counted from `seed`. Raises RequestError where BCa is undefined: when all resamples lie on one
    side of the estimate, as for a maximum.
    """
    sample = finite("values", values)
    at_least("number of values", sample.size, 2)
    at_least("resamples", resamples, 2)
    between_zero_and_one("level", level)
    estimate = float(statistic(sample))
    spread = _resampled(sample, statistic, resamples, seed)
    if np.ptp(spread) == 0.0 and spread[0] == estimate:
        return estimate, estimate
    bias = _bias(spread, estimate)
    acceleration = _acceleration(sample, statistic)
    normal = NormalDist()
    tails = (normal.inv_cdf(0.5 - level / 2.0), normal.inv_cdf(0.5 + level / 2.0))
    shifted = [bias + (bias + z) / (1.0 - acceleration * (bias + z)) for z in tails]
    low, high = np.quantile(spread, [normal.cdf(z) for z in shifted])
    return float(low), float(high)


def _resampled(sample: Floats, statistic: Statistic, resamples: int, seed: int) -> Floats:
    """Return float64[resamples], the statistic of samples drawn with replacement."""
    block = max(1, LARGEST_BLOCK // sample.size)
    spread = [
        statistic(sample[_drawn_rows(sample.size, np.arange(first, last), seed)])
        for first in range(0, resamples, block)
        for last in (min(first + block, resamples),)
    ]
    return np.concatenate(spread)


def _drawn_rows(size: int, which: Integers, seed: int) -> Integers:
    draws = uniforms(
        seed=seed, purpose=BOOTSTRAP, identity=np.arange(size), replicate=which[:, np.newaxis]
    )
    return (draws * size).astype(np.int64)


def _bias(spread: Floats, estimate: float) -> float:
    """Return z0, where the estimate stands among the resamples; those equal to it count half."""
    below = float((spread < estimate).mean() + (spread == estimate).mean() / 2.0)
    if not 0.0 < below < 1.0:
        raise RequestError(
            "puts every resample on one side of the estimate.",
            field="statistic",
            fix="Use a smooth statistic, such as the mean or a middle quantile.",
        )
    return NormalDist().inv_cdf(below)


def _acceleration(sample: Floats, statistic: Statistic) -> float:
    """Return Efron's a from the jackknife: how the spread changes with the estimate."""
    left_out = np.array([float(statistic(np.delete(sample, row))) for row in range(sample.size)])
    distance = left_out.mean() - left_out
    square = float((distance**2).sum())
    return 0.0 if square == 0.0 else float((distance**3).sum()) / (6.0 * square**1.5)
