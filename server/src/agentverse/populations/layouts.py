"""Does a file have one row per person and alternative? Seen from its first rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.sampled_columns import SampledColumn
from agentverse.populations.schemas import LongLayout

MOST_ALTERNATIVES: Final = 12
FEWEST_CHOICES: Final = 5
# The last choice of the sample may be cut, and a file may have slips.
FEWEST_WITH_ONE: Final = 0.9
SMALLEST_MEAN_CHOICE: Final = 1.5
MOST_KEYS: Final = 8
YES: Final = frozenset({"yes", "true", "1", "y", "t", "x", "ja", "oui", "chosen"})
NO: Final = frozenset({"no", "false", "0", "n", "f", "", "nein", "non", "not chosen"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coded:
    """codes: int64[n], from 0; count: how many there are."""

    codes: NDArray[np.int64]
    count: int


def find_layout(columns: Sequence[SampledColumn]) -> LongLayout | None:
    """Return the layout in which every choice has each alternative once and one of them chosen."""
    chosen = [column for column in columns if says_chosen(column)]
    flagged = {column.name for column in chosen}
    kinds = [
        column
        for column in columns
        if 2 <= len(column.distinct) <= MOST_ALTERNATIVES
        and column.name not in flagged
        and not column.missing.any()
    ]
    keys = [column for column in columns if _may_be_key(column) and column.name not in flagged]
    for situation, key in _keys(keys[:MOST_KEYS], [*kinds, *chosen]):
        for kind in kinds:
            if kind.name in situation or not _once_each(key, _coded(kind)):
                continue
            for flag in chosen:
                if flag.name not in situation and _one_chosen(key, flag):
                    return LongLayout(
                        situation=list(situation), alternative=kind.name, chosen=flag.name
                    )
    return None


def says_chosen(column: SampledColumn) -> bool:
    """Say whether a column holds yes and no, each at least once."""
    words = {word.casefold() for word in column.distinct}
    return len(words) == 2 and len(words & YES) == 1 and len(words & NO) == 1


def is_yes(words: NDArray[np.str_]) -> NDArray[np.bool_]:
    """words: str[n]; returns bool[n]."""
    distinct, places = np.unique(words.astype(str), return_inverse=True)
    return np.array([word.casefold() in YES for word in distinct.tolist()], bool)[places]


def _may_be_key(column: SampledColumn) -> bool:
    rows = column.words.size
    is_whole = column.type in ("integer", "text")
    few_enough = FEWEST_CHOICES <= len(column.distinct) <= rows / SMALLEST_MEAN_CHOICE
    return is_whole and few_enough and not column.missing.any()


def _keys(
    columns: Sequence[SampledColumn], counters: Sequence[SampledColumn]
) -> Iterator[tuple[tuple[str, ...], _Coded]]:
    """Yield single columns, then pairs, of which one may only count a person's choices."""
    coded = {column.name: _coded(column) for column in columns}
    for name, key in coded.items():
        yield (name,), key
    singles = list(coded)
    coded |= {column.name: _coded(column) for column in counters[:MOST_KEYS]}
    pairs = [*combinations(singles, 2)]
    pairs += [(one, each.name) for one in singles for each in counters[:MOST_KEYS]]
    for one, two in pairs:
        if one == two:
            continue
        both = coded[one].codes * coded[two].count + coded[two].codes
        distinct, codes = np.unique(both, return_inverse=True)
        if distinct.size <= both.size / SMALLEST_MEAN_CHOICE:
            yield (one, two), _Coded(codes=codes.astype(np.int64), count=distinct.size)


def _coded(column: SampledColumn) -> _Coded:
    distinct, codes = np.unique(column.words.astype(str), return_inverse=True)
    return _Coded(codes=codes.astype(np.int64), count=distinct.size)


def _once_each(key: _Coded, kind: _Coded) -> bool:
    return np.unique(key.codes * kind.count + kind.codes).size == key.codes.size


def _one_chosen(key: _Coded, flag: SampledColumn) -> bool:
    counts = np.bincount(key.codes, weights=is_yes(flag.words), minlength=key.count)
    return float((counts == 1).mean()) >= FEWEST_WITH_ONE
