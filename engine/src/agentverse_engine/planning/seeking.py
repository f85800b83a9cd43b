"""Goal seek: the value of one change at which an outcome is what is wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PlanError

Floats = NDArray[np.float64]
# The outcome at a value, float64[replicates]; the same random numbers at every value.
Measure = Callable[[float], Floats]

MOST_POINTS = 40
# Where neither bound and none between reaches the goal: looked at in so many equal parts.
PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value that was tried, and the mean outcome there."""

    value: float
    outcome: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """nearest: the point whose outcome is nearest to the goal; reached: within the tolerance.

    lower, upper: the bracket, values between which the outcome passes the goal; nan where it does
    not. points: all that was tried, by value.
    """

    nearest: Point
    reached: bool
    lower: float
    upper: float
    points: tuple[Point, ...]


def seek(
    measure: Measure,
    *,
    goal: float,
    lower: float,
    upper: float,
    tolerance: float,
    most_points: int = MOST_POINTS,
) -> Sought:
    """Return the value between lower and upper at which the mean outcome is the goal.

    Bracketed: of two neighbouring values on both sides of the goal one is kept on each side
    (regula falsi, the Illinois variant; Dowell & Jarratt 1971), so that a jump in the outcome ends
    as a narrow bracket and not as an answer. tolerance: of the outcome, above 0. PlanError: bounds
    that are no bracket, a tolerance of 0, a goal or an outcome that is not finite.
    """
    _check(goal, lower, upper, tolerance)
    tried: dict[float, float] = {}

    def miss(value: float) -> float:
        if value not in tried:
            tried[value] = _mean(measure(value))
        return tried[value] - goal

    bracket = _bracket(miss, lower, upper, tolerance)
    if bracket is not None:
        bracket = _narrowed(miss, bracket, tolerance, lambda: len(tried) < most_points)
    nearest = min(tried, key=lambda value: (abs(tried[value] - goal), value))
    low, high = bracket or (np.nan, np.nan)
    return Sought(
        nearest=Point(value=nearest, outcome=tried[nearest]),
        reached=abs(tried[nearest] - goal) <= tolerance,
        lower=low,
        upper=high,
        points=tuple(Point(value=value, outcome=tried[value]) for value in sorted(tried)),
    )


def _bracket(
    miss: Callable[[float], float], lower: float, upper: float, tolerance: float
) -> tuple[float, float] | None:
    """The bounds, or two of some values between them, with the goal between their outcomes."""
    if miss(lower) * miss(upper) <= 0:
        return lower, upper
    steps = np.linspace(lower, upper, PARTS + 1).tolist()
    for left, right in pairwise(steps):
        if miss(left) * miss(right) <= 0 or abs(miss(right)) <= tolerance:
            return left, right
    return None


def _narrowed(
    miss: Callable[[float], float],
    bracket: tuple[float, float],
    tolerance: float,
    may_go_on: Callable[[], bool],
) -> tuple[float, float]:
    left, right = bracket
    at_left, at_right = miss(left), miss(right)
    while may_go_on():
        if min(abs(miss(left)), abs(miss(right))) <= tolerance:
            break
        middle = (left * at_right - right * at_left) / (at_right - at_left)
        if not left < middle < right:
            break
        here = miss(middle)
        if here * at_right < 0:
            left, at_left = right, at_right
        else:
            at_left /= 2
        right, at_right = middle, here
        if left > right:
            left, right, at_left, at_right = right, left, at_right, at_left
    return left, right


def _mean(outcomes: Floats) -> float:
    mean = float(np.mean(outcomes))
    if not np.isfinite(mean):
        raise PlanError(
            "has no value in some replicate, because nobody chose in its window.",
            field="outcome",
            fix="Choose a longer window, more personas, or a higher rate of choices.",
        )
    return mean


def _check(goal: float, lower: float, upper: float, tolerance: float) -> None:
    for field, value in (("goal", goal), ("lower", lower), ("upper", upper)):
        if not np.isfinite(value):
            raise PlanError(f"is {value}.", field=field, fix="Give a finite number.")
    if not lower < upper:
        raise PlanError(
            f"is {lower:g}, not below the upper bound {upper:g}.",
            field="lower",
            fix="Give two bounds, the lower one first.",
        )
    if not tolerance > 0:
        raise PlanError(f"is {tolerance:g}.", field="tolerance", fix="Give a number above 0.")
