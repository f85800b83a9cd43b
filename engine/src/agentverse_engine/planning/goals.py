"""What a plan is for: weighted quantities, averaged over ticks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`weight` times the mean of a quantity over from_tick … to_tick (left out: at the horizon).

    quantity: a signal, a decision variable, "money" or "time". A weight below 0 means the less
    the better; goals add up, so weights carry the units, e.g. per share point, per USD.
    The flow share of a window: a signal of so many flow_ticks, read at the window's last tick.
    """

    quantity: str
    weight: float = 1.0
    from_tick: int | None = None
    to_tick: int | None = None

    def reached(self, series: Mapping[str, Floats]) -> Floats:
        """Return float64[worlds], of series float64[worlds, horizon+1]; nan: no value."""
        values = series[self.quantity]
        last = values.shape[1] - 1 if self.to_tick is None else self.to_tick
        first = last if self.from_tick is None else self.from_tick
        return self.weight * values[:, first : last + 1].mean(axis=1)
