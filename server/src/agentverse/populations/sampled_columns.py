"""A column of the inspected rows, and columns that belong together."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.far_values import Far
from agentverse.populations.number_formats import PLAIN, Ambiguity, NumberFormat
from agentverse.populations.row_batches import ColumnFacts

NOTHING_SAID = ColumnFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledColumn:
    """A column of the inspected rows. words: str[n]; missing: bool[n]; numbers: float64[n].

    nearly: float64[n], NaN where a value is no number; None where more than a few are not.
    """

    name: str
    words: NDArray[np.str_]
    missing: NDArray[np.bool_]
    numbers: NDArray[np.float64] | None
    distinct: tuple[str, ...]
    nearly: NDArray[np.float64] | None = None
    not_numeric: int = 0
    notation: NumberFormat = PLAIN
    ambiguity: Ambiguity | None = None
    far_values: tuple[Far, ...] = ()
    facts: ColumnFacts = NOTHING_SAID

    @property
    def present_numbers(self) -> NDArray[np.float64] | None:
        return None if self.numbers is None else self.numbers[~self.missing]

    @property
    def type(self) -> Literal["number", "integer", "boolean", "text"]:
        numbers = self.present_numbers
        if numbers is None:
            return "text"
        if self.notation.booleans:
            return "boolean"
        return "integer" if bool((numbers == np.round(numbers)).all()) else "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Numeric columns that share a stem, one for each value of the choice column."""

    stem: str
    columns: dict[str, SampledColumn]
