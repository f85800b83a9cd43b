"""Observed series with their vintage, and the split into training and held-out ticks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import Floats, Integers, finite, same_shape
from agentverse_engine.errors import LeakageError, RequestError
from agentverse_engine.numerics.canonical import freeze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observations:
    """A series that was observed.

    tick: int64[t], ascending; value: float64[t], in its unit, or float64[t, k] for a series of k
    columns; as_of: int64[t], the tick at which each value, as it stands here, was known: its own
    or, for a late or revised figure, a later one. RequestError: shapes that differ, values that are
    not finite, ticks that do not ascend, an `as_of` before its tick.
    """

    tick: Integers
    value: Floats
    as_of: Integers

    def __post_init__(self) -> None:
        tick, as_of = _ticks("tick", self.tick), _ticks("as_of", self.as_of)
        value = finite("value", self.value, dimensions=None).copy()
        if value.ndim not in (1, 2):
            raise RequestError(
                f"has {value.ndim} dimensions.", field="value", fix="Give one column or several."
            )
        same_shape("value", value.reshape(len(value), -1)[:, 0], "tick", tick)
        same_shape("as_of", as_of, "tick", tick)
        if (np.diff(tick) <= 0).any():
            raise RequestError(
                "does not ascend.", field="tick", fix="Sort it, and give each tick once."
            )
        if (as_of < tick).any():
            raise RequestError(
                "is before the tick it tells of.",
                field="as_of",
                fix="Give the tick at which the value was known; a forecast is no observation.",
            )
        freeze(self, {"tick": tick, "value": value, "as_of": as_of})

    def __len__(self) -> int:
        return self.tick.size

    def until(self, count: int) -> "Observations":
        """Return the first `count` observations."""
        kept = slice(0, count)
        return Observations(tick=self.tick[kept], value=self.value[kept], as_of=self.as_of[kept])


def _ticks(field: str, values: ArrayLike) -> Integers:
    numbers = finite(field, values)
    if (numbers != np.floor(numbers)).any():
        raise RequestError("holds fractions.", field=field, fix="Use whole ticks.")
    return numbers.astype(np.int64)


def guard_leakage(field: str, as_of: ArrayLike, cutoff: int) -> None:
    """Raise LeakageError unless everything a model may learn from was known at the cutoff.

    as_of: int64[n], ticks at which the data were known. For observations held_out_split calls it;
    call it yourself for anything else that enters a model, such as survey rows or prompts.
    RequestError: ticks that are not whole numbers.
    """
    late = np.flatnonzero(_ticks(field, as_of) > cutoff)
    if late.size:
        raise LeakageError(
            f"is {np.asarray(as_of)[late[0]]} in row {late[0]}, after the cutoff {cutoff} "
            f"({late.size} such rows).",
            field=field,
            fix="Use the figures as they were known at the cutoff, or move the cutoff.",
        )


def held_out_split(observations: Observations, cutoff: int) -> int:
    """Return how many observations are for training: those of ticks up to the cutoff.

    Raises LeakageError when one of these was known, or revised, only after the cutoff, and
    RequestError unless two are left to train on and one to hold out.
    """
    training = int((observations.tick <= cutoff).sum())
    if training < 2 or training == len(observations):
        raise RequestError(
            f"leaves {training} observations to train on and {len(observations) - training} to "
            "hold out.",
            field="cutoff",
            fix="Leave two or more up to the cutoff, and one or more after it.",
        )
    guard_leakage("as_of", observations.as_of[:training], cutoff)
    return training
