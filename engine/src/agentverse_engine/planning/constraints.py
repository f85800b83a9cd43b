"""What a plan must keep to (hard) or pays for (soft): limits, deadlines, forbidden states.

All look at series float64[worlds, horizon+1] by name, and say for each world how far off it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.planning.actions import HELD, NO_VALUE, Requirement

Floats = NDArray[np.float64]
MONEY = "money"  # spent so far
TIME = "time"  # ticks occupied so far
CLOSE = 1e-9  # of a bound: what sums of decimals may be off by


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A quantity stays within lower … upper from `from_tick` to `to_tick` (None: the horizon).

    A tick at which it has no value (nan) is left out; where it has none at any of them, the limit
    is not kept, and is missed by NO_VALUE.
    quantity: "money" or "time" spent so far, a decision variable, or a signal. penalty: None makes
    it hard; a number makes it soft: the price, in the goal's unit, of one unit beyond at worst.
    """

    name: str
    quantity: str
    lower: float | None = None
    upper: float | None = None
    from_tick: int = 0
    to_tick: int | None = None
    penalty: float | None = None

    def beyond(self, series: Mapping[str, Floats]) -> Floats:
        """Return float64[worlds, ticks]: how far outside at each tick, HELD inside or before.

        series: float64[worlds, ticks] of each quantity.
        """
        values = series[self.quantity]
        distances = np.full(values.shape, HELD)
        for bound, sign in ((self.upper, 1.0), (self.lower, -1.0)):
            if bound is not None:
                past = sign * (values - bound)
                distances = np.maximum(
                    distances, np.where(past > CLOSE * max(1.0, abs(bound)), past, HELD)
                )
        held = _during(distances, self.from_tick, self.to_tick)
        last = values.shape[1] - 1 if self.to_tick is None else self.to_tick
        held[np.isnan(values[:, self.from_tick : last + 1]).all(axis=1), last] = NO_VALUE
        return held

    @property
    def scale(self) -> float:
        """What a miss is measured against when different constraints are compared."""
        return max(abs(self.lower or 0.0), abs(self.upper or 0.0)) or 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """A state in which all comparisons hold at once, at the end of any tick of its span.

    No comparison with what has no value (nan) holds.
    """

    name: str
    all_of: tuple[Requirement, ...]
    from_tick: int = 0
    to_tick: int | None = None
    penalty: float | None = None

    def beyond(self, series: Mapping[str, Floats]) -> Floats:
        """Return float64[worlds, ticks]: how deep inside it is by the nearest way out.

        series: float64[worlds, ticks] of each quantity.
        """
        depths = [one.depth(series[one.quantity]) for one in self.all_of]
        distances: Floats = np.min(np.stack(np.broadcast_arrays(*depths)), axis=0)
        return _during(distances, self.from_tick, self.to_tick)

    @property
    def scale(self) -> float:
        """What a miss is measured against when different constraints are compared."""
        return min(abs(one.value) for one in self.all_of) or 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """An action is complete by a tick; one that is never done is late by horizon + 1 - tick."""

    name: str
    action: str
    tick: int
    penalty: float | None = None

    def late(self, completed: int | None, horizon: int) -> float:
        """Return the ticks beyond the deadline, HELD when it is kept."""
        ticks = (horizon + 1 if completed is None else completed) - self.tick
        return float(ticks) if ticks > 0 else HELD

    @property
    def scale(self) -> float:
        """What a miss is measured against when different constraints are compared."""
        return float(max(self.tick, 1))


Constraint = Limit | Forbidden | Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """By how much a path misses a constraint, in the quantity's unit or in ticks.

    scaled: the same as a share of the bound, to compare constraints of different units.
    """

    constraint: str
    amount: float
    scaled: float


def at_assurance(distances: Floats, assurance: float) -> float:
    """Return the relaxation that would make enough of float64[worlds] hold: HELD when they do.

    Chance constraint: it must hold in a share `assurance` of the worlds (Charnes & Cooper 1959).
    """
    needed = max(1, int(np.ceil(assurance * distances.size - CLOSE)))
    return float(np.sort(distances)[needed - 1])


def _during(values: Floats, first: int, last: int | None) -> Floats:
    during = np.full_like(values, HELD)
    span = slice(first, None if last is None else last + 1)
    during[:, span] = values[:, span]
    return during
