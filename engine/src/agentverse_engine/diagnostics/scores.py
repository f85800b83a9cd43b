"""How good a forecast was: probabilities of events, and ensembles of numbers (numpy only)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import (
    Floats,
    Integers,
    between_zero_and_one,
    binary,
    finite,
    probabilities,
    same_shape,
)
from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.numerics.rng import PIT_TIE, uniforms


def brier_score(forecast: ArrayLike, outcome: ArrayLike) -> float:
    """Return mean (p - o)**2, from 0 (perfect) to 1 (Brier 1950, in its half form).

    forecast: float64[n] probabilities; outcome: 0 or 1 [n]. Raises RequestError for anything else.
    """
    predicted, observed = _forecast_and_outcome(forecast, outcome)
    return float(((predicted - observed) ** 2).mean())


def log_score(forecast: ArrayLike, outcome: ArrayLike) -> float:
    """Return the mean of -ln of the probability given to what happened, in nats (Good 1952).

    forecast: float64[n] probabilities; outcome: 0 or 1 [n]. Infinite if what happened was called
    impossible: no probability is moved away from 0 in silence. RequestError: shapes that differ,
    forecasts outside 0 to 1, outcomes that are neither 0 nor 1.
    """
    predicted, observed = _forecast_and_outcome(forecast, outcome)
    with np.errstate(divide="ignore"):
        return float(-np.log(np.where(observed == 1.0, predicted, 1.0 - predicted)).mean()) + 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierDecomposition:
    """brier = reliability - resolution + uncertainty + within_bins (0 without bins), exactly.

    reliability: how far the forecasts are from the frequencies they met (0 is best); resolution:
    how far these frequencies are from the overall one (more is better); uncertainty: o (1 - o).
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float


def brier_decomposition(
    forecast: ArrayLike, outcome: ArrayLike, *, bins: int | None = None
) -> BrierDecomposition:
    """Split the Brier score by groups of equal forecasts (Murphy 1973).

    forecast: float64[n] probabilities; outcome: 0 or 1 [n]. bins: pool the forecasts into so many
    bins of equal mass; what that blurs is `within_bins` (Stephenson, Coelho & Jolliffe 2008).
    Default: one group per distinct forecast. RequestError: shapes that differ, forecasts outside 0
    to 1, outcomes that are neither 0 nor 1.
    """
    predicted, observed = _forecast_and_outcome(forecast, outcome)
    pooled = _distinct(predicted) if bins is None else _equal_mass_bins(predicted, bins)
    group = _Groups(pooled, predicted, observed)
    base = float(observed.mean())
    brier = float(((predicted - observed) ** 2).mean())
    reliability = group.mean((group.forecast - group.frequency) ** 2)
    resolution = group.mean((group.frequency - base) ** 2)
    uncertainty = base * (1.0 - base)
    return BrierDecomposition(
        brier=brier,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_bins=_within_bins(group, predicted, observed),
    )


def expected_calibration_error(forecast: ArrayLike, outcome: ArrayLike, *, bins: int = 10) -> float:
    """Return the mean |frequency - forecast| over bins of equal mass, from 0 to 1.

    forecast: float64[n] probabilities; outcome: 0 or 1 [n]. Naeini, Cooper & Hauskrecht 2015, with
    the equal-mass bins of Nixon et al. 2019. Equal forecasts share a bin, so the order of the cases
    does not matter. RequestError: shapes that differ, forecasts outside 0 to 1, outcomes that are
    neither 0 nor 1.
    """
    predicted, observed = _forecast_and_outcome(forecast, outcome)
    group = _Groups(_equal_mass_bins(predicted, bins), predicted, observed)
    return group.mean(np.abs(group.frequency - group.forecast))


class _Groups:
    """Cases pooled: how many, their mean forecast and the frequency of the event in each group."""

    def __init__(self, group: Integers, predicted: Floats, observed: Floats) -> None:
        _, self.of, counts = np.unique(group, return_inverse=True, return_counts=True)
        self.share = counts / predicted.size
        self.forecast = np.bincount(self.of, weights=predicted) / counts
        self.frequency = np.bincount(self.of, weights=observed) / counts

    def mean(self, per_group: Floats) -> float:
        return float((self.share * per_group).sum())


def _within_bins(group: _Groups, predicted: Floats, observed: Floats) -> float:
    """Variance of the forecasts within bins less twice their covariance with the outcomes."""
    spread = predicted - group.forecast[group.of]
    return float(
        (spread**2).mean() - 2.0 * (spread * (observed - group.frequency[group.of])).mean()
    )


def _distinct(predicted: Floats) -> Integers:
    return np.unique(predicted, return_inverse=True)[1].astype(np.int64)


def _equal_mass_bins(predicted: Floats, bins: int) -> Integers:
    """Put each distinct forecast into the bin in which the middle of its cases falls."""
    at_least("bins", bins, 1)
    _, position, counts = np.unique(predicted, return_inverse=True, return_counts=True)
    twice_middle = 2 * np.cumsum(counts) - counts
    return (bins * twice_middle // (2 * predicted.size)).astype(np.int64)[position]


def _forecast_and_outcome(forecast: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Floats]:
    predicted, observed = probabilities("forecast", forecast), binary("outcome", outcome)
    same_shape("outcome", observed, "forecast", predicted)
    return predicted, observed


def continuous_ranked_probability_score(
    ensemble: ArrayLike, observed: ArrayLike, *, weights: ArrayLike | None = None, fair: bool = True
) -> Floats:
    """Return float64[...], sum w|x - y| - 1/2 sum ww|x - x'| per case, in the unit of the values.

    ensemble: float64[members, ...]; observed: float64[...]; weights: float64[members] of 0 or more
    (default alike). fair: as for an ensemble without end, by 1 / (1 - sum w**2) on the second term
    (Ferro 2014), and so needs two members of weight; else the score of the members themselves
    (Gneiting & Raftery 2007). For one member and fair=False it is the absolute error. RequestError:
    shapes that do not fit, values that are not finite, weights below 0 or all 0, one member of
    weight while fair.
    """
    members, seen = _ensemble_and_observed(ensemble, observed)
    share = member_weights(weights, members.shape[0]).reshape(-1, *([1] * seen.ndim))
    distance = members - seen  # centred, so that large values do not cancel
    order = np.argsort(distance, axis=0, kind="stable")
    ordered = np.take_along_axis(distance, order, axis=0)
    heap = np.take_along_axis(np.broadcast_to(share, distance.shape), order, axis=0)
    below = np.cumsum(heap, axis=0)
    half_spread = (heap * ordered * (2.0 * below - heap - 1.0)).sum(axis=0)
    if fair:
        half_spread = half_spread / _unlikeness(share)
    return (share * np.abs(distance)).sum(axis=0) - half_spread


def member_weights(weights: ArrayLike | None, members: int) -> Floats:
    """Return float64[members] that sum to 1."""
    if weights is None:
        return np.full(members, 1.0 / members)
    given = finite("weights", weights)
    if given.shape != (members,) or (given < 0).any() or given.sum() <= 0:
        raise RequestError(
            "must be one number of 0 or more per member, and not all 0.",
            field="weights",
            fix=f"Give {members} weights.",
        )
    return given / given.sum()


def _unlikeness(share: Floats) -> float:
    """Return the chance that two members drawn by weight are not the same one."""
    unlike = float(1.0 - (share**2).sum())
    if unlike <= 0.0:  # one member, or others too light beside it to count
        raise RequestError(
            "has one member of weight.", field="ensemble", fix="Give two, or set fair=False."
        )
    return unlike


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The share of cases that fell into their central interval of `level`, of so many cases."""

    level: float
    share: float
    cases: int


def interval_coverage(
    ensemble: ArrayLike, observed: ArrayLike, *, levels: Sequence[float] = (0.5, 0.8, 0.9)
) -> tuple[Coverage, ...]:
    """Count how often central intervals of the ensemble hold what was observed.

    ensemble: float64[members, ...]; observed: float64[...]. Bounds are type-6 quantiles (Hyndman
    & Fan 1996): between them lies the share `level` of the future for exchangeable members, where
    type 7 would hold (m-1)/(m+1) of it. Raises RequestError when the members are too few for that.
    """
    members, seen = _ensemble_and_observed(ensemble, observed)
    wanted = finite("levels", levels)
    return tuple(_coverage(members, seen, level) for level in wanted.tolist())


def _coverage(members: Floats, seen: Floats, level: float) -> Coverage:
    tail = (1.0 - between_zero_and_one("levels", level)) / 2.0
    needed = int(np.ceil(round(1.0 / tail - 1.0, 9)))
    if members.shape[0] < needed:
        raise RequestError(
            f"has {members.shape[0]} members, too few for an interval of {level:g}.",
            field="ensemble",
            fix=f"Use {needed} or more, or a lower level.",
        )
    low, high = np.quantile(members, [tail, 1.0 - tail], axis=0, method="weibull")
    inside = (low <= seen) & (seen <= high)
    return Coverage(level=level, share=float(inside.mean()), cases=inside.size)


def probability_integral_transform(
    ensemble: ArrayLike, observed: ArrayLike, *, seed: int
) -> Floats:
    """Return float64[...] in [0, 1), uniform when the observed is like one more member.

    ensemble: float64[members, ...]; observed: float64[...]. (members below + u (members equal + 1))
    / (members + 1), the rank of Hamill 2001 spread out by a counted uniform u of `seed` (randomised
    PIT: Czado, Gneiting & Held 2009). RequestError: shapes that do not fit, values that are not
    finite, a seed out of range.
    """
    members, seen = _ensemble_and_observed(ensemble, observed)
    draws = uniforms(seed=seed, purpose=PIT_TIE, identity=np.arange(seen.size)).reshape(seen.shape)
    below, equal = (members < seen).sum(axis=0), (members == seen).sum(axis=0)
    return (below + draws * (equal + 1)) / (members.shape[0] + 1)


def _ensemble_and_observed(ensemble: ArrayLike, observed: ArrayLike) -> tuple[Floats, Floats]:
    members = finite("ensemble", ensemble, dimensions=None)
    seen = finite("observed", observed, dimensions=None)
    if members.ndim == 0 or members.shape[1:] != seen.shape:
        raise RequestError(
            f"has shape {members.shape}, the observed {seen.shape}.",
            field="ensemble",
            fix="Give members along the leading axis, and cases along the others.",
        )
    return members, seen
