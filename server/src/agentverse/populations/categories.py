"""Columns of words or codes that are kept with each persona, typed as they are meant."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.checking import (
    GAP,
    MISSING_WORDS,
    Check,
    as_whole_number,
    natural_order,
    read_codes,
)
from agentverse.populations.errors import InvalidMapping
from agentverse.populations.limits import MOST_CATEGORIES
from agentverse.populations.row_batches import as_text
from agentverse.populations.schemas import CategoryMapping

FINE, MISSING = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Category:
    """One kept column. values: what it can be, lowest first where `ordered`;
    codes: int16[n], index into `values`, -1 where there is no answer."""

    values: tuple[str, ...]
    ordered: bool
    codes: NDArray[np.int16]

    def of_rows(self, rows: NDArray[np.int64]) -> "Category":
        """Return the column for these rows, in their order."""
        return Category(values=self.values, ordered=self.ordered, codes=self.codes[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCheck:
    """A check that gives codes, and the typed column once all rows are read."""

    check: Check
    result: Callable[[], Category]


def category_check(mapping: CategoryMapping, value_words: Collection[str]) -> CategoryCheck:
    """Read a column as categories; a gap is no answer and refuses nobody.

    value_words: words such as NA that are values of this column and no gaps.
    """
    codes = {value: index for index, value in enumerate(mapping.values)}
    is_open = not codes
    gaps = set(MISSING_WORDS) - set(value_words) - codes.keys()

    def read(array: Any) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
        text = as_text(array)
        if is_open:
            for word in map(as_whole_number, text.dictionary.to_pylist()):
                if word is not None and word not in gaps:
                    codes.setdefault(word, len(codes))
            _check_count(mapping.column, len(codes))
        parsed, faults = read_codes(text, codes)
        absent = faults == MISSING
        return np.where(absent, GAP, parsed).astype(np.int16), np.where(absent, FINE, faults)

    shown = ", ".join(mapping.values[:12])
    check = Check(column=mapping.column, read=read, unknown=f"no value of it; it has {shown}")
    return CategoryCheck(check=check, result=lambda: _category(check, codes, mapping))


def _check_count(column: str, count: int) -> None:
    if count > MOST_CATEGORIES:
        raise InvalidMapping(
            f"Column {column!r} has more than {MOST_CATEGORIES} different values, too many to be "
            "kept as categories. Keep it as a number if it is one, or leave it out.",
            column=column,
        )


def _category(check: Check, codes: dict[str, int], mapping: CategoryMapping) -> Category:
    """Values in the order of the mapping, or numbers by size and words by letter."""
    values = list(mapping.values) or sorted(codes, key=natural_order)
    places = np.full(len(codes) + 1, GAP, np.int16)  # the last entry is where GAP points
    for index, value in enumerate(values):
        places[codes[value]] = index
    raw_codes = check.result(np.int16)
    return Category(values=tuple(values), ordered=mapping.ordered, codes=places[raw_codes])
