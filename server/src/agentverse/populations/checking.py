"""Every row against the mapping: accepted rows become numbers and codes, the others are named."""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownLambdaType=false

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agentverse.populations.errors import InvalidMapping, UnsupportedColumn
from agentverse.populations.labelled import codes_of, words_of
from agentverse.populations.limits import MOST_GROUPS
from agentverse.populations.number_formats import (
    MISSING_WORDS,
    PLAIN,
    NumberFormat,
    plain_numbers,
    tidy,
)
from agentverse.populations.row_batches import Batch, as_text
from agentverse.populations.schemas import GroupMapping, LabelMapping, RefusedRow

FINE, MISSING, NOT_A_NUMBER, INFINITE, UNKNOWN = range(5)
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
DECIMAL_POINT = re.compile(r"[+-]?\d+\.\d+")
WHOLE_NUMBER = re.compile(r"([+-]?\d+)[.,]0+")
MOST_DISTINCT = 10_000
GAP = -1
NOT_STATED = "not_stated"
LONGEST_SHOWN = 120

ParsedColumn = tuple[NDArray[Any], NDArray[np.uint8]]


@dataclass(slots=True, kw_only=True)
class Check:
    """One use of one column: how it is read and what to say of a value that does not fit."""

    column: str
    read: Callable[[Any], ParsedColumn]
    unknown: str = ""
    notation: NumberFormat = PLAIN
    accepted: list[NDArray[Any]] = field(default_factory=list[NDArray[Any]])

    def reason(self, fault: int, value: str | None) -> str:
        if fault == MISSING:
            return "missing value"
        if fault == INFINITE:
            return "infinite: a finite number is needed"
        if fault == UNKNOWN:
            return self.unknown
        return f"not a number{_notation_advice(value or '', self.notation)}"

    def result(self, kind: Any) -> NDArray[Any]:
        return np.concatenate([np.zeros(0, kind), *self.accepted]).astype(kind, copy=False)


def _notation_advice(value: str, notation: NumberFormat) -> str:
    """What the rest of the column does and this value does not."""
    if notation.decimal == "." and DECIMAL_COMMA.fullmatch(value.strip()):
        return ": write decimals with a point, 3.14"
    if notation.decimal == "," and DECIMAL_POINT.fullmatch(value.strip()):
        return ": write decimals with a comma as in the rest of the column, 3,14"
    carries_other_unit = any(sign in value for sign in "€$£¥₹%") or notation.unit == "%"
    if carries_other_unit and any(sign.isdigit() for sign in value):
        return f": the rest of the column is written {notation.unit or 'without a unit'}"
    return ""


def take(batch: Batch, checks: Sequence[Check], *, width: int) -> list[RefusedRow]:
    """Keep what is accepted in the checks and return the refused rows in file order.

    Raises UnsupportedColumn for a type that cannot be read.
    """
    faulty = np.zeros(batch.line.size, np.int16)
    faults = np.zeros(batch.line.size, np.uint8)
    parsed: list[NDArray[Any]] = []
    if batch.line.size:
        for index, check in enumerate(checks, start=1):
            values, column_faults = _read(check, batch.columns[check.column])
            first = (column_faults != FINE) & (faulty == 0)
            faulty[first] = index
            faults[first] = column_faults[first]
            parsed.append(values)
    fine = faulty == 0
    for check, values in zip(checks, parsed, strict=False):
        check.accepted.append(values[fine] if not fine.all() else values)
    refused = _named(batch, checks, faulty, faults)
    refused += [_wrong_width(row.line, row.values, width) for row in batch.wrong_width]
    return sorted(refused, key=lambda row: row.row) if batch.wrong_width else refused


def _read(check: Check, column: Any) -> ParsedColumn:
    try:
        return check.read(column)
    except pa.ArrowException as error:
        raise UnsupportedColumn(
            f"Column {check.column!r} has the type {column.type}, which cannot be used here. "
            "Write it as numbers or text, or map another column.",
            column=check.column,
        ) from error


def _named(
    batch: Batch, checks: Sequence[Check], faulty: NDArray[np.int16], faults: NDArray[np.uint8]
) -> list[RefusedRow]:
    """The first value that does not fit stands for its row."""
    places = np.flatnonzero(faulty)
    rows: dict[int, RefusedRow] = {}
    for number, check in enumerate(checks, start=1):
        mine = places[faulty[places] == number]
        if mine.size == 0:
            continue
        values = words_of(batch.columns[check.column]).take(pa.array(mine)).to_pylist()
        for place, value in zip(mine.tolist(), values, strict=True):
            shown = None if value is None else showable(str(value))
            rows[place] = RefusedRow(
                row=int(batch.line[place]),
                column=check.column,
                value=shown,
                reason=check.reason(int(faults[place]), shown),
            )
    return [rows[place] for place in places.tolist()]


def showable(value: str) -> str:
    """Return a value as reports can hold it: short, and without the NUL that JSON storage bars."""
    return value[:LONGEST_SHOWN].replace("\0", "\ufffd")


def _wrong_width(line: int, values: int, width: int) -> RefusedRow:
    return RefusedRow(
        row=line,
        column=None,
        value=None,
        reason=f"{values} value{'' if values == 1 else 's'} where the header has {width}",
    )


def number_check(column: str, notation: NumberFormat) -> Check:
    """Read a column as finite float64."""
    return Check(column=column, read=lambda array: read_numbers(array, notation), notation=notation)


def weight_check(column: str, notation: NumberFormat) -> Check:
    """Read how many people a row stands for: zero or more."""

    def read(array: Any) -> ParsedColumn:
        numbers, faults = read_numbers(array, notation)
        faults[(faults == FINE) & (numbers < 0)] = UNKNOWN
        return numbers, faults

    below = "a weight below zero: a row stands for no one or more people"
    return Check(column=column, read=read, unknown=below, notation=notation)


def trait_check(column: str, notation: NumberFormat) -> Check:
    """Read a column that is merely kept: a gap in it is NaN and refuses nobody."""

    def read(array: Any) -> ParsedColumn:
        numbers, faults = read_numbers(array, notation)
        gaps = faults == MISSING
        return np.where(gaps, np.nan, numbers), np.where(gaps, FINE, faults).astype(np.uint8)

    return Check(column=column, read=read, notation=notation)


def read_numbers(array: Any, notation: NumberFormat) -> ParsedColumn:
    """Return float64[n] (0 where unusable) and the fault of each value."""
    array = codes_of(array)
    if pa.types.is_dictionary(array.type):
        return _through_dictionary(array, lambda words: read_numbers(words, notation))
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        numbers, faults = _parse_numbers(array, notation)
    else:
        values = pc.cast(array, pa.float64(), safe=False)
        numbers, faults = _finite(values, pc.is_null(values), np.zeros(len(array), bool))
    if notation.missing:
        codes = (faults == FINE) & np.isin(numbers, np.array(notation.missing))
        faults[codes] = MISSING
        numbers[codes] = 0.0
    return numbers, faults


def _parse_numbers(words: Any, notation: NumberFormat) -> ParsedColumn:
    nothing = np.zeros(len(words), bool)
    try:
        if notation.is_plain:
            return _finite(pc.cast(words, pa.float64()), pc.is_null(words), nothing)
    except pa.ArrowInvalid:
        pass  # At least one value is no plain number: look at each.
    words = tidy(words)
    missing = pc.or_kleene(pc.is_null(words), pc.is_in(words, value_set=pa.array(MISSING_WORDS)))
    missing = pc.fill_null(missing, True)
    plain, readable = plain_numbers(words, notation)
    values = pc.cast(pc.if_else(pa.array(readable), plain, "0"), pa.float64())
    return _finite(values, missing, ~readable & ~_booleans(missing))


def _finite(values: Any, missing: Any, wrong: NDArray[np.bool_]) -> ParsedColumn:
    numbers = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False)
    faults = np.zeros(numbers.size, np.uint8)
    faults[np.isinf(numbers)] = INFINITE
    # NaN is how many programs write an absent number.
    faults[np.isnan(numbers)] = MISSING
    faults[wrong] = NOT_A_NUMBER
    faults[_booleans(missing)] = MISSING
    # Minus zero equals zero but has other bits, so it would change the digest.
    return np.where(faults == FINE, numbers, 0.0) + 0.0, faults


def _booleans(array: Any) -> NDArray[np.bool_]:
    return array.to_numpy(zero_copy_only=False).astype(bool)


def _through_dictionary(array: Any, read: Callable[[Any], ParsedColumn]) -> ParsedColumn:
    """Read each distinct value once."""
    return _taken(array, *read(array.dictionary))


def _taken(array: Any, values: NDArray[Any], faults: NDArray[np.uint8]) -> ParsedColumn:
    """What each row has of what its distinct values gave."""
    values = np.append(values, np.zeros(1, values.dtype))
    faults = np.append(faults, np.uint8(MISSING))
    places = pc.fill_null(pc.cast(array.indices, pa.int64()), len(array.dictionary)).to_numpy(
        zero_copy_only=False
    )
    return values[places], faults[places]


def choice_check(column: str, alternatives: Sequence[str]) -> Check:
    """Read the choice as the index of its alternative."""
    codes = {value: index for index, value in enumerate(alternatives)}
    return Check(
        column=column,
        read=lambda array: read_codes(array, codes),
        unknown=f"not one of the alternatives {', '.join(alternatives)}",
    )


def read_codes(array: Any, codes: dict[str, int]) -> ParsedColumn:
    whole = {as_whole_number(value): code for value, code in codes.items()} | codes

    def read(words: Any) -> ParsedColumn:
        listed = [word if word in whole else as_whole_number(word) for word in words.to_pylist()]
        parsed = np.array([whole.get(word, 0) for word in listed], np.int16)
        faults = np.array([_word_fault(word, whole) for word in listed], np.uint8)
        return parsed, faults

    return _through_dictionary(as_text(array), read)


def as_whole_number(word: str | None) -> str | None:
    """Return "1" for "1.0": programs differ in how they write the same code."""
    whole = WHOLE_NUMBER.fullmatch(word) if word else None
    return whole[1] if whole else word


def person_check(column: str) -> Check:
    """Read whose row it is, numbered in the order in which people first appear."""
    codes: dict[str, int] = {}

    def read(array: Any) -> ParsedColumn:
        text = as_text(array)
        listed = [as_whole_number(word) for word in text.dictionary.to_pylist()]
        absent = [word is None or word in MISSING_WORDS for word in listed]
        numbers = [
            0 if gone else codes.setdefault(str(word), len(codes))
            for word, gone in zip(listed, absent, strict=True)
        ]
        faults = np.where(absent, MISSING, FINE).astype(np.uint8)
        return _taken(text, np.array(numbers, np.int64), faults)

    return Check(column=column, read=read)


def _word_fault(word: str | None, codes: Mapping[str | None, int]) -> int:
    if word in codes:
        return FINE
    return MISSING if word is None or word in MISSING_WORDS else UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCheck:
    """A check that gives codes, and the labels the codes stand for once all rows are read."""

    check: Check
    labels: Callable[[], tuple[list[LabelMapping], NDArray[np.int16]]]


def group_check(
    role: str, mapping: GroupMapping, notation: NumberFormat, *, value_words: Collection[str] = ()
) -> GroupCheck:
    """Read a column as region or segment: by named values, by numeric bands, or as it is.

    value_words: words such as NA that are values of this column and no gaps.
    """
    if not mapping.labels:
        group = _distinct_check(role, mapping.column, value_words)
    else:
        banded = any(is_band(label) for label in mapping.labels)
        check = _band_check(role, mapping, notation) if banded else _value_check(role, mapping)
        labels = list(mapping.labels)
        group = GroupCheck(check=check, labels=lambda: (labels, check.result(np.int16)))
    return _with_gaps(group) if mapping.keep_gaps else group


def _with_gaps(group: GroupCheck) -> GroupCheck:
    """People without an answer become the last group; without such people there is none."""
    inner = group.check.read

    def read(array: Any) -> ParsedColumn:
        codes, faults = inner(array)
        gaps = faults == MISSING
        filled = np.where(gaps, GAP, codes).astype(np.int16)
        return filled, np.where(gaps, FINE, faults).astype(np.uint8)

    def labels() -> tuple[list[LabelMapping], NDArray[np.int16]]:
        named, codes = group.labels()
        if not (codes == GAP).any():
            return named, codes
        free = free_name(NOT_STATED, {label.name for label in named})
        gap_label = LabelMapping(name=free, label="not stated")
        return [*named, gap_label], np.where(codes == GAP, len(named), codes).astype(np.int16)

    group.check.read = read
    return GroupCheck(check=group.check, labels=labels)


def is_band(label: LabelMapping) -> bool:
    return label.minimum is not None or label.maximum is not None


def _value_check(role: str, mapping: GroupMapping) -> Check:
    codes = {
        value: index
        for index, label in enumerate(mapping.labels)
        for value in (label.values or [label.name])
    }
    return Check(
        column=mapping.column,
        read=lambda array: read_codes(array, codes),
        unknown=f"in no {role}; the mapping knows {', '.join(list(codes)[:12])}",
    )


def _band_check(role: str, mapping: GroupMapping, notation: NumberFormat) -> Check:
    lows = np.array([_or(label.minimum, -np.inf) for label in mapping.labels])
    highs = np.array([_or(label.maximum, np.inf) for label in mapping.labels])

    def read(array: Any) -> ParsedColumn:
        numbers, faults = read_numbers(array, notation)
        inside = (numbers[:, None] >= lows) & (numbers[:, None] < highs)
        faults[(faults == FINE) & ~inside.any(axis=1)] = UNKNOWN
        return inside.argmax(axis=1).astype(np.int16), faults

    names = ", ".join(label.name for label in mapping.labels)
    return Check(column=mapping.column, read=read, unknown=f"outside every {role} band ({names})")


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _distinct_check(role: str, column: str, value_words: Collection[str]) -> GroupCheck:
    codes: dict[str, int] = {}
    gaps = set(MISSING_WORDS) - set(value_words)

    def read(array: Any) -> ParsedColumn:
        text = as_text(array)
        for word in map(as_whole_number, text.dictionary.to_pylist()):
            if word is not None and word not in gaps:
                codes.setdefault(word, len(codes))
        if len(codes) > MOST_DISTINCT:
            raise _too_many_groups(role, column, f"more than {MOST_DISTINCT:,}")
        return read_codes(text, codes)

    check = Check(column=column, read=read)
    return GroupCheck(check=check, labels=lambda: _sorted_groups(role, check, codes))


def _sorted_groups(
    role: str, check: Check, codes: dict[str, int]
) -> tuple[list[LabelMapping], NDArray[np.int16]]:
    """Number the groups in the order of their values, whatever row came first."""
    raw_codes = check.result(np.int16)
    used = set(np.unique(raw_codes).tolist())  # GAP is nobody's code
    values = sorted((value for value, code in codes.items() if code in used), key=natural_order)
    if len(values) > MOST_GROUPS:
        raise _too_many_groups(role, check.column, str(len(values)))
    renumbered = np.zeros(len(codes) + 1, np.int16)
    for index, value in enumerate(values):
        renumbered[codes[value]] = index
    return name_groups(values), np.where(raw_codes == GAP, GAP, renumbered[raw_codes]).astype(
        np.int16
    )


def _too_many_groups(role: str, column: str, count: str) -> InvalidMapping:
    return InvalidMapping(
        f"Column {column!r} has {count} different values; a {role} column may have at most "
        f"{MOST_GROUPS}. Cut it into bands or choose another column for `{role}`.",
        column=column,
    )


def natural_order(value: str) -> tuple[int, float, str]:
    """Numbers by size, then words by letter."""
    try:
        return (0, float(value), value)
    except ValueError:
        return (1, 0.0, value)


def name_groups(values: Sequence[str]) -> list[LabelMapping]:
    """Give each value a name that fits a scope, its own text as label."""
    taken: set[str] = set()
    labels: list[LabelMapping] = []
    for value in values:
        name = free_name(slug(value), taken)
        taken.add(name)
        labels.append(LabelMapping(name=name, label=value[:80], values=[value]))
    return labels


def slug(text: str) -> str:
    """Return text as lower-case letters, digits and underscores; at most 36 characters."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:36].strip("_") or "group"


def free_name(name: str, taken: set[str]) -> str:
    """Return the name, numbered if it is taken."""
    number = 2
    free = name
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    return free
