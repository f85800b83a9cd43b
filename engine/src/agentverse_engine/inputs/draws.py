"""Numbers that differ between replicates: what was estimated or is assumed, drawn once for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import ScenarioError
from agentverse_engine.numerics.canonical import freeze

Floats = NDArray[np.float64]
KINDS = ("coefficients", "constants", "parameters")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Draws:
    """One value for each replicate, float64[replicates], in the unit of what it stands in for.

    coefficients: by attribute family, in place of the choice model's; constants: by alternative,
    likewise (utility); parameters: by their name in the registry, in place of the default. What is
    not named stays as it is. Raises a ScenarioError for what is no list of finite numbers, or for
    lists of different lengths.
    """

    coefficients: Mapping[str, Floats] = field(default_factory=dict[str, Floats])
    constants: Mapping[str, Floats] = field(default_factory=dict[str, Floats])
    parameters: Mapping[str, Floats] = field(default_factory=dict[str, Floats])

    def __post_init__(self) -> None:
        freeze(self, {kind: _held(kind, getattr(self, kind)) for kind in KINDS})
        sizes = {name: values.size for name, values in self.named()}
        for name, size in sizes.items():
            if size != self.replicates:
                raise ScenarioError(
                    f"holds {size} values, others {self.replicates}.",
                    field=name,
                    fix="Draw one value for each replicate, everywhere.",
                )

    def __repr__(self) -> str:
        names = ", ".join(name.removeprefix("draws.") for name, _ in self.named())
        return f"Draws({self.replicates} replicates of {names or 'nothing'})"

    @property
    def replicates(self) -> int:
        """For how many replicates there are values; 0 where nothing is drawn."""
        return next((values.size for _, values in self.named()), 0)

    def named(self) -> Iterator[tuple[str, Floats]]:
        """Yield each list of values, float64[replicates], with the name of its field."""
        for kind in KINDS:
            for name, values in getattr(self, kind).items():
                yield f"draws.{kind}.{name}", values

    def rows(self, first: int, last: int) -> "Draws":
        """Return the values of the replicates first … last-1."""
        if (first, last) == (0, self.replicates):
            return self
        parts = {
            kind: {name: values[first:last] for name, values in getattr(self, kind).items()}
            for kind in KINDS
        }
        return Draws(**parts)


def _held(kind: str, given: object) -> dict[str, Floats]:
    """Return arrays of our own by name."""
    if not isinstance(given, Mapping):
        raise ScenarioError(
            f"is {given!r:.60}.",
            field=f"draws.{kind}",
            fix="Give a mapping of names to one number for each replicate.",
        )
    values = cast("Mapping[str, object]", given)
    return {name: _values(f"draws.{kind}.{name}", value) for name, value in values.items()}


def _values(name: str, given: object) -> Floats:
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.zeros(0)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ScenarioError(
            f"is {given!r:.60}.", field=name, fix="Give one finite number for each replicate."
        )
    values.setflags(write=False)
    return values
