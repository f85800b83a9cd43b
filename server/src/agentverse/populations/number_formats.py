"""How the numbers of one column are written: decided from all its values, or asked about.

1.215 may be a little more than one or more than a thousand; what else stands in the column tells.
"""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agentverse.populations.labelled import codes_of, is_labelled
from agentverse.populations.row_batches import Batch

Decimal = Literal[".", ","]
Thousands = Literal["", ".", ",", " ", "'"]

MISSING_WORDS: Final[tuple[str, ...]] = (
    "",
    "NA",
    "N/A",
    "#N/A",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
)
UNITS: Final = r"€|\$|£|¥|₹|%|EUR|USD|GBP|CHF|JPY"
SIGNED: Final = (
    rf"^([+-]?)\s*(?:{UNITS})?\s*([+-]?[\d.,][\d.,' ]*(?:[eE][+-]?\d+)?)\s*(?:{UNITS})?$"
)
BOOLEANS: Final = (
    {"true": "1", "false": "0"}, {"yes": "1", "no": "0"}, {"ja": "1", "nein": "0"},
    {"oui": "1", "non": "0"}, {"sí": "1", "no": "0"}, {"y": "1", "n": "0"}, {"t": "1", "f": "0"},
)  # fmt: skip
MOST_WORDS_KEPT: Final = 12
# Beyond this share, values in the other notation are no slips: the column has two notations.
MOST_SLIPS: Final = 0.05
# A word such as NA on this share of a text column's rows is one of its values.
FREQUENT: Final = 0.05

GROUPS: Final = r"^[+-]?[1-9]\d{0,2}"
POINT, COMMA, POINT_GROUP, COMMA_GROUP, GERMAN, ENGLISH = range(1, 7)
SPACES, SPACES_POINT, SPACES_COMMA = range(7, 10)
APOSTROPHES, APOSTROPHES_POINT, APOSTROPHES_COMMA = range(10, 13)
# What a value looks like, the most specific first.
SHAPES: Final = (
    (POINT_GROUP, GROUPS + r"\.\d{3}$"),
    (COMMA_GROUP, GROUPS + r",\d{3}$"),
    (GERMAN, GROUPS + r"(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d*)$"),
    (ENGLISH, GROUPS + r"(?:(?:,\d{3}){2,}|(?:,\d{3})+\.\d*)$"),
    (SPACES, GROUPS + r"(?: \d{3})+$"),
    (SPACES_POINT, GROUPS + r"(?: \d{3})+\.\d*$"),
    (SPACES_COMMA, GROUPS + r"(?: \d{3})+,\d*$"),
    (APOSTROPHES, GROUPS + r"(?:'\d{3})+$"),
    (APOSTROPHES_POINT, GROUPS + r"(?:'\d{3})+\.\d*$"),
    (APOSTROPHES_COMMA, GROUPS + r"(?:'\d{3})+,\d*$"),
    (POINT, r"^[+-]?(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?$"),
    (COMMA, r"^[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?$"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How a column writes numbers.

    unit: "%" where values carry it, a currency where they may; missing: numbers that stand for
    no answer.
    """

    decimal: Decimal = "."
    thousands: Thousands = ""
    unit: str = ""
    booleans: tuple[tuple[str, str], ...] = ()
    missing: tuple[float, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether whatever converts as it stands means what it says."""
        return self.decimal == "." and self.unit != "%" and not self.booleans


PLAIN: Final = NumberFormat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """A column whose numbers can be read in two ways; line and value: the first that can."""

    line: int
    value: str


@dataclass(slots=True, kw_only=True)
class Marks:
    """Counts, over all rows, of how the values of one column look."""

    shapes: Counter[int] = field(default_factory=Counter[int])
    units: Counter[str] = field(default_factory=Counter[str])
    words: set[str] | None = field(default_factory=set[str])
    first: dict[int, Ambiguity] = field(default_factory=dict[int, Ambiguity])
    gap_words: Counter[str] = field(default_factory=Counter[str])
    rows: int = 0
    is_labelled: bool = False

    def add(self, column: Any, line: NDArray[np.int64]) -> None:
        """Count one batch; columns that hold numbers already have no notation."""
        self.is_labelled |= is_labelled(column)
        column = codes_of(column)
        encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        if not _is_text(encoded.dictionary.type) or len(encoded) == 0:
            return
        words = tidy(encoded.dictionary)
        places = pc.drop_null(encoded.indices).to_numpy(zero_copy_only=False)
        counts = np.bincount(places, minlength=len(words))
        self._add_words(words)
        self._add_gap_words(words, counts)
        numbers, units = without_unit(words)
        shapes = _shapes(numbers)
        for shape, count in enumerate(np.bincount(shapes, weights=counts)):
            self.shapes[shape] += int(count)
        for unit in set(units.tolist()):
            is_number = _booleans(pc.match_substring_regex(numbers, r"^[+-]?[\d.,]"))
            self.units[unit] += int(counts[(units == unit) & is_number].sum())
        for shape in (POINT_GROUP, COMMA_GROUP):
            self._keep_first(shape, shapes, encoded, line)

    def _add_words(self, words: Any) -> None:
        if self.words is None:
            return
        if len(words) > MOST_WORDS_KEPT + len(MISSING_WORDS):
            self.words = None
            return
        self.words |= {word.casefold() for word in words.to_pylist() if word not in NO_ANSWER}
        if len(self.words) > MOST_WORDS_KEPT:
            self.words = None

    def _add_gap_words(self, words: Any, counts: NDArray[np.int64]) -> None:
        self.rows += int(counts.sum())
        gap_words = pa.array(GAP_WORDS)
        for place in np.flatnonzero(_booleans(pc.is_in(words, value_set=gap_words))).tolist():
            self.gap_words[words[place].as_py()] += int(counts[place])

    def frequent_gap_words(self) -> frozenset[str]:
        """Return words such as NA and None that are too frequent in a text column to be gaps."""
        if self.is_labelled:
            return LABELS
        least = FREQUENT * self.rows
        return frozenset(word for word, count in self.gap_words.items() if count >= least)

    def _keep_first(
        self, shape: int, shapes: NDArray[np.int8], encoded: Any, line: NDArray[np.int64]
    ) -> None:
        if shape in self.first or not (shapes == shape).any():
            return
        alike = pc.is_in(encoded.indices, value_set=pa.array(np.flatnonzero(shapes == shape)))
        row = int(np.flatnonzero(_booleans(alike))[0])
        self.first[shape] = Ambiguity(line=int(line[row]), value=str(encoded[row].as_py()))

    def decide(
        self, decimal: Decimal | None = None, missing: tuple[float, ...] = ()
    ) -> tuple[NumberFormat, Ambiguity | None]:
        """Return the notation, and the value to ask about where it does not follow.

        decimal: what people said; missing: numbers they said stand for no answer.
        """
        seen, open_question = (decimal, None) if decimal else self._decimal()
        chosen: Decimal = seen or "."
        return (
            NumberFormat(
                decimal=chosen,
                thousands=self._thousands(chosen),
                unit=self._unit(),
                booleans=self._booleans(),
                missing=missing,
            ),
            open_question,
        )

    def _decimal(self) -> tuple[Decimal | None, Ambiguity | None]:
        point = self._count(POINT, ENGLISH, SPACES_POINT, APOSTROPHES_POINT)
        comma = self._count(COMMA, GERMAN, SPACES_COMMA, APOSTROPHES_COMMA)
        if point and comma and min(point, comma) > MOST_SLIPS * (point + comma):
            return None, self._first_ambiguous()
        if point or comma:
            return ("." if point > comma else ","), None
        if self.shapes[POINT_GROUP] and self.shapes[COMMA_GROUP]:
            return None, self._first_ambiguous()
        if self.shapes[SPACES] or self.shapes[APOSTROPHES]:
            return ("," if self.shapes[COMMA_GROUP] else "."), None
        return None, self._first_ambiguous()

    def _first_ambiguous(self) -> Ambiguity | None:
        return min(self.first.values(), key=lambda each: each.line, default=None)

    def _thousands(self, decimal: Decimal) -> Thousands:
        grouped: Thousands = "," if decimal == "." else "."
        full, short = (ENGLISH, COMMA_GROUP) if decimal == "." else (GERMAN, POINT_GROUP)
        lone = COMMA if decimal == "." else POINT
        if self.shapes[full] or (self.shapes[short] and not self.shapes[lone]):
            return grouped
        if self._count(SPACES, SPACES_POINT, SPACES_COMMA):
            return " "
        return "'" if self._count(APOSTROPHES, APOSTROPHES_POINT, APOSTROPHES_COMMA) else ""

    def _count(self, *shapes: int) -> int:
        return sum(self.shapes[shape] for shape in shapes)

    def _unit(self) -> str:
        percent = self.units["%"]
        if percent > sum(self.units.values()) - percent:
            return "%"
        money = Counter({unit: n for unit, n in self.units.items() if unit not in ("", "%")})
        return money.most_common(1)[0][0] if money else ""

    def _booleans(self) -> tuple[tuple[str, str], ...]:
        if not self.words:
            return ()
        pair = next((pair for pair in BOOLEANS if self.words <= pair.keys()), None)
        return tuple(pair.items()) if pair else ()


def marks_of(batches: Iterable[Batch], names: Sequence[str]) -> dict[str, Marks]:
    """Return what all rows show of how the named columns are written."""
    marks = {name: Marks() for name in names}
    for batch in batches:
        for name in names:
            if name in batch.columns:
                marks[name].add(batch.columns[name], batch.line)
    return marks


NO_ANSWER: Final = (None, *MISSING_WORDS)
# A label is a value whatever it says.
LABELS: Final = frozenset(word for word in MISSING_WORDS if word)
GAP_WORDS: Final = [word for word in MISSING_WORDS if word]


def tidy(words: Any) -> Any:
    """Return trimmed text with the plain signs that numbers are written with."""
    if pc.any(pc.match_substring_regex(words, r"[^\x00-\x7f]")).as_py():
        words = pc.replace_substring_regex(words, "[\u00a0\u2007\u2009\u202f]", " ")
        words = pc.replace_substring(pc.replace_substring(words, "\u2212", "-"), "’", "'")
    return pc.utf8_trim_whitespace(words)


def without_unit(words: Any) -> tuple[Any, NDArray[np.object_]]:
    """Return the words without percent and currency signs, and object[n]: which each carried."""
    has_unit = pc.fill_null(pc.match_substring_regex(words, UNITS), False)
    if not pc.any(has_unit).as_py():
        return words, np.full(len(words), "", object)
    signed = pc.and_(has_unit, pc.fill_null(pc.match_substring_regex(words, SIGNED), False))
    bare = pc.if_else(signed, pc.replace_substring_regex(words, SIGNED, r"\1\2"), words)
    units = pc.struct_field(pc.extract_regex(words, f"(?P<unit>{UNITS})"), "unit")
    kept = pc.fill_null(pc.if_else(signed, units, ""), "")
    return pc.utf8_trim_whitespace(bare), np.array(kept.to_pylist(), object)


def plain_numbers(words: Any, notation: NumberFormat) -> tuple[Any, NDArray[np.bool_]]:
    """Return the words as a conversion to float reads them, and bool[n]: which are numbers.

    A value in another notation or unit than the column's is none.
    """
    words, units = without_unit(words)
    for word, digit in notation.booleans:
        same = pc.equal(pc.utf8_lower(words), word)
        words = pc.if_else(pc.fill_null(same, False), digit, words)
    readable = pc.fill_null(pc.match_substring_regex(words, _pattern(notation)), False)
    plain = pc.replace_substring(words, notation.thousands, "") if notation.thousands else words
    if notation.decimal == ",":
        plain = pc.replace_substring(plain, ",", ".")
    return plain, _booleans(readable) & _has_unit(units, notation.unit)


def _has_unit(units: NDArray[np.object_], unit: str) -> NDArray[np.bool_]:
    return units == "%" if unit == "%" else (units == "") | (units == unit)


def _pattern(notation: NumberFormat) -> str:
    mark = r"\." if notation.decimal == "." else ","
    grouped = ""
    if notation.thousands:
        sign = r"\." if notation.thousands == "." else notation.thousands
        grouped = rf"[1-9]\d{{0,2}}(?:{sign}\d{{3}})+(?:{mark}\d*)?|"
    return (
        rf"^[+-]?(?:(?:{grouped}\d+(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?"
        r"|(?i:inf|infinity))$"
    )


def _shapes(words: Any) -> NDArray[np.int8]:
    shapes = np.zeros(len(words), np.int8)
    if not pc.any(pc.match_substring_regex(words, r"[.,' ]")).as_py():
        return shapes
    for shape, pattern in SHAPES:
        alike = _booleans(pc.fill_null(pc.match_substring_regex(words, pattern), False))
        shapes[alike & (shapes == 0)] = shape
    return shapes


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _booleans(array: Any) -> NDArray[np.bool_]:
    return array.to_numpy(zero_copy_only=False).astype(bool)
