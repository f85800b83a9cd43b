"""Which columns, or gaps, say who could choose what."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.naming import stems
from agentverse.populations.sampled_columns import Family, SampledColumn
from agentverse.populations.schemas import AvailabilityMapping

STEMS: Final = frozenset(
    (
        *("av", "avail", "avl", "available", "availability", "offered", "offer", "has", "have"),
        *("feasible", "accessible", "choice_set"),
    )
)
# Of those who chose an alternative so few may not have been offered it; the import names them.
MOST_CONTRADICTIONS: Final = 0.02


def suggest_availability(
    choice: SampledColumn | None, families: Sequence[Family], columns: Sequence[SampledColumn]
) -> tuple[AvailabilityMapping | None, list[Family]]:
    """Return what says who could choose what, and the families that are attributes."""
    if choice is None:
        return None, list(families)
    attributes = [family for family in families if family.stem not in STEMS]
    flags = {
        value: column.name
        for value in choice.distinct
        for column in columns
        if _says_offered(column, value) and _fits(choice, value, ~_is_zero(column))
    }
    gaps = _gaps_say_so(choice, attributes)
    if not flags and not gaps:
        return None, list(families)
    return AvailabilityMapping(columns=flags, gaps=gaps), attributes


def _says_offered(column: SampledColumn, value: str) -> bool:
    """Say whether a column of two values is called `av_car`, `car.available` or alike."""
    if column.numbers is None or not 1 <= len(column.distinct) <= 2:
        return False
    two = set(np.unique(column.numbers).tolist()) <= {0.0, 1.0}
    return two and any(stem in STEMS for _, stem in stems(column.name, value))


def _is_zero(column: SampledColumn) -> NDArray[np.bool_]:
    if column.numbers is None:
        return column.missing
    return np.logical_or(column.missing, column.numbers == 0)


def _fits(choice: SampledColumn, value: str, offered: NDArray[np.bool_]) -> bool:
    chose = choice.words == value
    return int((chose & ~offered).sum()) <= MOST_CONTRADICTIONS * max(1, int(chose.sum()))


def _gaps_say_so(choice: SampledColumn, families: Iterable[Family]) -> bool:
    """All attributes of an alternative are missing together, and nobody chose it then."""
    seen = False
    for value in choice.distinct:
        missing = [family.columns[value].missing for family in families]
        if not missing or not missing[0].any():
            continue
        if not all(np.array_equal(missing[0], each) for each in missing):
            return False
        if (missing[0] & (choice.words == value)).any():
            return False
        seen = True
    return seen
