"""From a file to a survey: rows that fit the mapping as arrays, the others with the reason."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from agentverse.platform.errors import FieldError
from agentverse.platform.spreadsheets import escape_formula
from agentverse.populations.categories import Category, CategoryCheck, category_check
from agentverse.populations.checking import (
    Check,
    GroupCheck,
    choice_check,
    group_check,
    is_band,
    number_check,
    take,
    trait_check,
    weight_check,
)
from agentverse.populations.errors import (
    AlternativeNeverChosen,
    AmbiguousNumbers,
    InvalidMapping,
    NoRowsLeft,
)
from agentverse.populations.limits import LISTED_REFUSALS
from agentverse.populations.mapping import check_mapping, named_columns
from agentverse.populations.number_formats import PLAIN, Ambiguity, NumberFormat, marks_of
from agentverse.populations.row_batches import SurveyFile, open_survey
from agentverse.populations.schemas import (
    ColumnMapping,
    ColumnReading,
    GroupMapping,
    LabelMapping,
    Loss,
    RefusedRow,
)

Progress = Callable[[str, int, int], None]
# The column and what is wrong with a value of it.
Reason = tuple[str | None, str]
EVERYWHERE = LabelMapping(name="everywhere", label="everywhere")
EVERYONE = LabelMapping(name="everyone", label="everyone")
# What a spreadsheet would take for the start of a formula, full-width signs too (OWASP).


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The accepted rows, n of them.

    line: int64[n], where a row stood in the file; choice: uint8[n], index of the alternative, 0
    where the file has no choice; region, segment: int16[n]; attributes ("family.alternative") and
    traits: float64[n] each; categories: n codes each; weight: float64[n], people a row stands for,
    or None: all alike.
    """

    line: NDArray[np.int64]
    choice: NDArray[np.uint8]
    regions: tuple[LabelMapping, ...]
    region: NDArray[np.int16]
    segments: tuple[LabelMapping, ...]
    segment: NDArray[np.int16]
    attributes: dict[str, NDArray[np.float64]]
    traits: dict[str, NDArray[np.float64]]
    categories: dict[str, Category]
    weight: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return self.line.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A survey with the account of what was refused; the whole list is in the refused file."""

    survey: Survey
    rows_refused: int
    refused: list[RefusedRow]
    losses: list[Loss]

    @property
    def rows_read(self) -> int:
        return len(self.survey) + self.rows_refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The checks of a mapping, by what they read; `all` is the order rows are judged in."""

    choice: Check | None
    attributes: dict[str, Check]
    region: GroupCheck | None
    segment: GroupCheck | None
    traits: dict[str, Check]
    categories: dict[str, CategoryCheck]
    weight: Check | None

    @property
    def all(self) -> list[Check]:
        groups = [group.check for group in (self.region, self.segment) if group is not None]
        first = [self.choice] if self.choice is not None else []
        weight = [self.weight] if self.weight is not None else []
        kept = [*self.traits.values(), *(each.check for each in self.categories.values())]
        return [*first, *self.attributes.values(), *weight, *groups, *kept]


def import_survey(
    path: Path, mapping: ColumnMapping, *, refused_path: Path, progress: Progress
) -> Imported:
    """Read the file at `path` as the mapping says; write every refused row to `refused_path`.

    Raises AmbiguousNumbers, InvalidMapping where every weight is 0, NoRowsLeft or
    AlternativeNeverChosen.
    """
    progress("reading", 0, path.stat().st_size)
    survey_file = open_survey(path)
    check_mapping(mapping, survey_file.columns)
    notations = _notations(survey_file, mapping)
    checks = _checks(mapping, notations)
    with refused_path.open("w", newline="", encoding="utf-8") as file:
        lines, refused, losses = _read_all(survey_file, checks, file, progress)
    rows_refused = sum(loss.rows for loss in losses)
    progress("checking", 0, 1)
    survey = _survey(np.concatenate([np.zeros(0, np.int64), *lines]), checks)
    _refuse_unusable(survey, mapping, refused, rows_refused)
    progress("checking", 1, 1)
    return Imported(survey=survey, rows_refused=rows_refused, refused=refused, losses=losses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notations:
    """How each column is written, found from all its rows.

    value_words: by column, the words such as NA that are values of it and no gaps.
    """

    numbers: dict[str, NumberFormat]
    value_words: dict[str, frozenset[str]]


def _notations(survey_file: SurveyFile, mapping: ColumnMapping) -> Notations:
    """Read the columns once for their notation; refuse what can be read in two ways."""
    names = list(dict.fromkeys(name for _, name in named_columns(mapping)))
    marks = marks_of(survey_file.batches(names), names)
    numbers: dict[str, NumberFormat] = {}
    faults: list[FieldError] = []
    for name in numeric_columns(mapping):
        reading = mapping.readings.get(name, ColumnReading())
        numbers[name], ambiguity = marks[name].decide(reading.decimal, tuple(reading.missing))
        if ambiguity is not None:
            faults.append(_two_ways(name, ambiguity))
    if faults:
        raise AmbiguousNumbers(" ".join(fault.message for fault in faults[:5]), errors=faults)
    words = {name: each.frequent_gap_words() for name, each in marks.items()}
    return Notations(numbers=numbers, value_words=words)


def _two_ways(column: str, ambiguity: Ambiguity) -> FieldError:
    return FieldError(
        field=f"mapping.readings.{column}.decimal",
        message=f"Column {column!r} can be read in two ways: {ambiguity.value!r} on row "
        f"{ambiguity.line} is either a number with three decimals or one above a thousand, and no "
        "row decides. Say whether the point or the comma is the decimal mark of this column.",
    )


def numeric_columns(mapping: ColumnMapping) -> list[str]:
    """Return the columns that the mapping reads as numbers, each once."""
    attributes = [name for family in mapping.families for name in family.columns.values()]
    banded = [
        group.column
        for group in (mapping.region, mapping.segment)
        if group is not None and any(is_band(label) for label in group.labels)
    ]
    weight = [mapping.weight_column] if mapping.weight_column is not None else []
    return list(dict.fromkeys([*attributes, *weight, *banded, *mapping.traits]))


def _checks(mapping: ColumnMapping, notations: Notations) -> Checks:
    def group(role: str, each: GroupMapping | None) -> GroupCheck | None:
        if each is None:
            return None
        notation = notations.numbers.get(each.column, PLAIN)
        words = notations.value_words[each.column]
        return group_check(role, each, notation, value_words=words)

    return Checks(
        choice=None
        if mapping.choice_column is None
        else choice_check(mapping.choice_column, [each.value for each in mapping.alternatives]),
        attributes={
            f"{family.name}.{alternative.value}": number_check(column, notations.numbers[column])
            for family in mapping.families
            for alternative in mapping.alternatives
            for column in (family.columns[alternative.value],)
        },
        region=group("region", mapping.region),
        segment=group("segment", mapping.segment),
        traits={
            column: trait_check(column, notations.numbers[column]) for column in mapping.traits
        },
        categories={
            each.column: category_check(each, notations.value_words[each.column])
            for each in mapping.categories
        },
        weight=None
        if mapping.weight_column is None
        else weight_check(mapping.weight_column, notations.numbers[mapping.weight_column]),
    )


def _read_all(
    survey_file: SurveyFile, checks: Checks, file: IO[str], progress: Progress
) -> tuple[list[NDArray[np.int64]], list[RefusedRow], list[Loss]]:
    columns = list(dict.fromkeys(check.column for check in checks.all))
    sheet = csv.writer(file)
    sheet.writerow(["row", "column", "value", "reason"])
    lines: list[NDArray[np.int64]] = []
    listed: list[RefusedRow] = []
    first: dict[Reason, RefusedRow] = {}
    rows: Counter[Reason] = Counter()
    for batch in survey_file.batches(columns):
        refused = take(batch, checks.all, width=len(survey_file.columns))
        sheet.writerows(_cells(row) for row in refused)
        listed += refused[: LISTED_REFUSALS - len(listed)]
        for row in refused:
            first.setdefault((row.column, row.reason), row)
            rows[row.column, row.reason] += 1
        bad = np.array([row.row for row in refused], np.int64)
        lines.append(batch.line[~np.isin(batch.line, bad)] if bad.size else batch.line)
        progress("reading", batch.bytes_done, survey_file.size_bytes)
    return lines, listed, _losses(first, rows)


def _losses(first: dict[Reason, RefusedRow], rows: Counter[Reason]) -> list[Loss]:
    """What each reason costs, the most costly first."""
    return [
        Loss(
            column=first[reason].column,
            reason=first[reason].reason,
            rows=count,
            first_row=first[reason].row,
            first_value=first[reason].value,
        )
        for reason, count in rows.most_common()
    ]


def _cells(row: RefusedRow) -> tuple[int, str, str, str]:
    return row.row, escape_formula(row.column or ""), escape_formula(row.value or ""), row.reason


def _survey(line: NDArray[np.int64], checks: Checks) -> Survey:
    regions, region = _groups(checks.region, EVERYWHERE, line.size)
    segments, segment = _groups(checks.segment, EVERYONE, line.size)
    return Survey(
        line=line,
        choice=np.zeros(line.size, np.uint8)
        if checks.choice is None
        else checks.choice.result(np.uint8),
        regions=regions,
        region=region,
        segments=segments,
        segment=segment,
        attributes={name: check.result(np.float64) for name, check in checks.attributes.items()},
        traits={name: check.result(np.float64) for name, check in checks.traits.items()},
        categories={name: check.result() for name, check in checks.categories.items()},
        weight=checks.weight and checks.weight.result(np.float64),
    )


def _groups(
    group: GroupCheck | None, whole: LabelMapping, rows: int
) -> tuple[tuple[LabelMapping, ...], NDArray[np.int16]]:
    if group is None:
        return (whole,), np.zeros(rows, np.int16)
    labels, codes = group.labels()
    return tuple(labels), codes


def _refuse_unusable(
    survey: Survey, mapping: ColumnMapping, refused: list[RefusedRow], rows_refused: int
) -> None:
    if len(survey) == 0:
        first = refused[0]
        where = f"column {first.column!r}: " if first.column else ""
        raise NoRowsLeft(
            f"All {rows_refused:,} rows were refused; the first on row {first.row}, {where}"
            f"{first.reason}. Correct the file or the mapping and import again.",
            refused=[row.model_dump() for row in refused[:20]],
        )
    if survey.weight is not None and not survey.weight.any():
        raise InvalidMapping(
            f"Every weight in {mapping.weight_column!r} is 0, so no row stands for anybody. Map "
            "another column as the weight, or none.",
            column=mapping.weight_column,
        )
    if mapping.choice_column is not None:
        _refuse_one_sided(survey, mapping)


def _refuse_one_sided(survey: Survey, mapping: ColumnMapping) -> None:
    counts = np.bincount(survey.choice, weights=survey.weight, minlength=len(mapping.alternatives))
    never = [
        each.value for each, count in zip(mapping.alternatives, counts, strict=True) if not count
    ]
    if len(never) >= len(mapping.alternatives) - 1:
        raise AlternativeNeverChosen(
            f"Every accepted row of {mapping.choice_column!r} has the same value, so nothing can "
            "be learned about the choice. Map the column that holds what each person chose.",
            alternatives=never,
        )
    if never:
        raise AlternativeNeverChosen(
            f"No accepted row of {mapping.choice_column!r} chose {', '.join(map(repr, never))}, so "
            "how attractive it is cannot be estimated. Remove it from the alternatives and from "
            "every attribute, or add rows that chose it.",
            alternatives=never,
        )
