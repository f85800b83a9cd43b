"""How good a forecast of a series was: scaled error, turning points, direction (numpy only)."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import Floats, finite, same_shape
from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least

Turn = Literal["peak", "trough"]


def mean_absolute_scaled_error(
    forecast: ArrayLike, observed: ArrayLike, *, training: ArrayLike, season: int = 1
) -> float:
    """Return MASE: below 1 beats the seasonal naive forecast (Hyndman & Koehler 2006).

    forecast, observed: float64[t] over the held-out ticks; training: float64[n] before them;
    season: ticks after which the pattern repeats. The mean absolute error is divided by that of
    repeating the value one season before, within the training ticks. RequestError: training no
    longer than a season, or one that repeats itself exactly.
    """
    ahead, seen = _pair(forecast, observed)
    past = finite("training", training)
    if past.size <= at_least("season", season, 1):
        raise RequestError(
            f"has {past.size} values, no more than a season of {season}.",
            field="training",
            fix="Give more than one season, or a shorter season.",
        )
    scale = float(np.abs(past[season:] - past[:-season]).mean())
    if scale == 0.0:
        raise RequestError(
            "repeats itself exactly, so the naive error is 0 and no scale.",
            field="training",
            fix="Use the mean absolute error instead.",
        )
    return float(np.abs(ahead - seen).mean()) / scale


def turning_point_error(forecast: ArrayLike, observed: ArrayLike, *, turn: Turn = "peak") -> int:
    """Return |tick of the forecast's turn - tick of the observed one|, in ticks.

    forecast, observed: float64[t]. A turn is the highest (peak) or lowest (trough) value, the
    first of equals. Raises RequestError for a series that never moves: it has none.
    """
    ahead, seen = _pair(forecast, observed)
    return abs(_turn("forecast", ahead, turn) - _turn("observed", seen, turn))


def _turn(field: str, series: Floats, turn: str) -> int:
    if turn not in ("peak", "trough"):
        raise RequestError(f"is '{turn}'.", field="turn", fix="Use 'peak' or 'trough'.")
    if series.min() == series.max():
        raise RequestError("never moves.", field=field, fix="Give a series that has a turn.")
    return int(series.argmax() if turn == "peak" else series.argmin())


def sign_hit_rate(forecast: ArrayLike, observed: ArrayLike) -> float:
    """Return the share of steps whose direction (up, level, down) was right, from 0 to 1.

    forecast, observed: float64[t], t >= 2 (directional accuracy: Pesaran & Timmermann 1992).
    RequestError: a single tick, or series of different lengths.
    """
    ahead, seen = _pair(forecast, observed)
    if seen.size < 2:
        raise RequestError("has one value.", field="observed", fix="Give two or more ticks.")
    return float((np.sign(np.diff(ahead)) == np.sign(np.diff(seen))).mean())


def _pair(forecast: ArrayLike, observed: ArrayLike) -> tuple[Floats, Floats]:
    ahead, seen = finite("forecast", forecast), finite("observed", observed)
    same_shape("forecast", ahead, "observed", seen)
    return ahead, seen
