"""Probabilistic forecasts that a model has to beat: each is an ensemble, scored like the model's.

All take what was known at an origin and return float64[members, ticks ahead] (with a last axis of
columns where the series has several), in the unit of the series. Errors are normal, their size
estimated from the history alone; draws are counted from a seed.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import Floats, Integers, above_zero, finite
from agentverse_engine.diagnostics.observations import Observations
from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.numerics.rng import (
    BASELINE_ERROR,
    OBSERVATION_ERROR,
    SAMPLING_DRAW,
    uniforms,
)
from agentverse_engine.synthesis.normal import normal_quantiles

MEMBERS = 500
SHORTEST_HISTORY = 3
LARGEST_BLOCK = 1_000_000  # values drawn at a time
HALF_SPACING = 2.0**-54  # uniforms begin at 0, where the normal quantile is infinite
# (history, ticks ahead int64[h], seed) -> float64[members, h] or float64[members, h, columns]
Forecast = Callable[[Observations, Integers, int], Floats]


def persistence(history: Observations, ticks: Integers, seed: int) -> Floats:
    """Return the last value plus a random walk with the root mean square step of the history.

    ticks: int64[h] after the history. Returns float64[members, h, ...], in the unit of the series.
    RequestError: a history too short, a seed out of range.
    """
    steps, _ = _steps(history)
    scale = np.sqrt((steps**2).mean(axis=0))
    return history.value[-1] + scale * _walks(history, ticks, seed)


def random_walk_with_drift(history: Observations, ticks: Integers, seed: int) -> Floats:
    """Return the last value plus the mean step of the history and a random walk around it.

    ticks: int64[h] after the history. Returns float64[members, h, ...], in the unit of the series.
    The variance h (1 + h / T) s**2 at a lead of h ticks after T holds the estimated slope too
    (Hyndman & Athanasopoulos 2021, section 5.5). RequestError: a history too short, a seed out of
    range.
    """
    steps, gaps = _steps(history)
    span = float(history.tick[-1] - history.tick[0])
    slope = (history.value[-1] - history.value[0]) / span
    left = steps - slope * _columns(np.sqrt(gaps), history)
    scale = np.sqrt((left**2).sum(axis=0) / max(gaps.size - 1, 1))
    lead = _columns((ticks - history.tick[-1]).astype(np.float64), history)
    unsure = standard_normals(history, 1, seed, tick=1) * lead / np.sqrt(span)
    return history.value[-1] + slope * lead + scale * (_walks(history, ticks, seed) + unsure)


def climatology(history: Observations, ticks: Integers, seed: int) -> Floats:
    """Return every value of the history, alike for all ticks ahead: float64[history, h, …]."""
    return np.repeat(history.value[:, np.newaxis], ticks.size, axis=1)


def seasonal_naive(season: int) -> Forecast:
    """Return the forecast that repeats the value `season` ticks before, with its own errors.

    RequestError for a history that is not evenly spaced or not longer than a season.
    """
    at_least("season", season, 2)

    def forecast(history: Observations, ticks: Integers, seed: int) -> Floats:
        check_even(history, ticks)
        if len(history) <= season + 1:
            raise RequestError(
                f"has {len(history)} values, too few for a season of {season}.",
                field="history",
                fix="Use later origins, or a shorter season.",
            )
        errors = history.value[season:] - history.value[:-season]
        scale = np.sqrt((errors**2).mean(axis=0))
        ahead = np.arange(ticks.size)
        last = history.value[len(history) - season + ahead % season]
        spread = _columns(np.sqrt(1.0 + ahead // season), history)
        return last + scale * spread * standard_normals(history, ticks.size, seed)

    return forecast


def multinomial(respondents: int) -> Forecast:
    """Return the forecast of shares: the last shares, counted anew among so many respondents.

    The series has one column an alternative, float64[t, k], each row summing to 1. RequestError:
    no respondent; the forecast raises it for a series of one column.
    """
    at_least("respondents", respondents, 1)

    def forecast(history: Observations, ticks: Integers, seed: int) -> Floats:
        if history.value.ndim != 2:
            raise RequestError(
                "has one column.", field="value", fix="Give a share for each alternative."
            )
        still = np.broadcast_to(history.value[-1], (MEMBERS, ticks.size, history.value.shape[1]))
        return sampled_shares(still, respondents, seed=seed)

    return forecast


def sampled_shares(shares: ArrayLike, respondents: int, *, seed: int) -> Floats:
    """Return shares as a survey of so many respondents would find them, float64 of the same shape.

    shares: float64[..., k], each last axis summing to 1. Each respondent is drawn, so this is the
    multinomial itself. RequestError for shares that do not sum to 1.
    """
    given = finite("shares", shares, dimensions=None)
    if (given < 0.0).any() or not np.allclose(given.sum(axis=-1), 1.0, atol=1e-6):
        raise RequestError(
            "do not sum to 1.", field="shares", fix="Give a share of 0 or more per alternative."
        )
    at_least("respondents", respondents, 1)
    rows = given.reshape(-1, given.shape[-1])
    step = max(1, LARGEST_BLOCK // respondents)
    counts = [
        _counted(rows[first : first + step], first, respondents, seed)
        for first in range(0, len(rows), step)
    ]
    return np.concatenate(counts).reshape(given.shape) / respondents


def _counted(rows: Floats, first: int, respondents: int, seed: int) -> Integers:
    """Return int64[rows, k], how many of the respondents gave each answer."""
    draws = uniforms(
        seed=seed,
        purpose=SAMPLING_DRAW,
        identity=np.arange(first, first + len(rows))[:, np.newaxis],
        replicate=np.arange(respondents),
    )
    counts = np.empty(rows.shape, dtype=np.int64)
    for row, (share, drawn) in enumerate(zip(rows, draws, strict=True)):
        answers = (drawn[:, np.newaxis] >= np.cumsum(share)[:-1]).sum(axis=1)
        counts[row] = np.bincount(answers, minlength=share.size)
    return counts


def with_observation_noise(ensemble: ArrayLike, standard_deviation: float, *, seed: int) -> Floats:
    """Return an ensemble of what would be observed: each value plus a normal error.

    ensemble: float64[members, ...]; standard_deviation: of one observation, in the same unit. For
    shares that are counted in a survey use `sampled_shares`. RequestError: values that are not
    finite, a deviation not above 0, a seed out of range.
    """
    values = finite("ensemble", ensemble, dimensions=None)
    above_zero("standard_deviation", standard_deviation)
    draws = uniforms(seed=seed, purpose=OBSERVATION_ERROR, identity=np.arange(values.size))
    errors = normal_quantiles(draws + HALF_SPACING).reshape(values.shape)
    return values + standard_deviation * errors


def _steps(history: Observations) -> tuple[Floats, Floats]:
    """Return the changes of the series by the square root of their ticks, and these ticks."""
    if len(history) < SHORTEST_HISTORY:
        raise RequestError(
            f"has {len(history)} values.",
            field="history",
            fix=f"Use origins with {SHORTEST_HISTORY} or more values before them.",
        )
    gaps = np.diff(history.tick).astype(np.float64)
    return np.diff(history.value, axis=0) / _columns(np.sqrt(gaps), history), gaps


def _columns(values: Floats, history: Observations) -> Floats:
    """Give float64[t] the axes of the series."""
    return values.reshape(-1, *([1] * (history.value.ndim - 1)))


def _walks(history: Observations, ticks: Integers, seed: int) -> Floats:
    """Return paths of a standard random walk from the last tick on, float64[members, h, …]."""
    gaps = np.diff(ticks, prepend=history.tick[-1]).astype(np.float64)
    errors = standard_normals(history, ticks.size, seed)
    return np.cumsum(_columns(np.sqrt(gaps), history) * errors, axis=1)


def standard_normals(history: Observations, size: int, seed: int, *, tick: int = 0) -> Floats:
    """Return float64[members, size, …] of standard normals for a forecast from this history."""
    shape = (MEMBERS, size, *history.value.shape[1:])
    draws = uniforms(
        seed=seed,
        purpose=BASELINE_ERROR,
        identity=np.arange(int(np.prod(shape))),
        tick=tick,
        replicate=int(history.tick[-1]) % 2**32,
    )
    return normal_quantiles(draws + HALF_SPACING).reshape(shape)


def check_even(history: Observations, ticks: Integers) -> None:
    """Raise a RequestError unless all ticks, past and ahead, are evenly spaced."""
    gaps = np.diff(np.concatenate([history.tick, ticks]))
    if (gaps != gaps[0]).any():
        raise RequestError(
            "are not evenly spaced.",
            field="tick",
            fix="Use the baselines persistence, drift and climatology, or fill the gaps.",
        )
