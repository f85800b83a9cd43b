"""From a file to a survey: rows that fit the mapping as arrays, the others with the reason."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentverse.platform.errors import FieldError
from agentverse.populations.categories import CategoryCheck, category_check
from agentverse.populations.checking import (
    Check,
    GroupCheck,
    choice_check,
    group_check,
    is_band,
    number_check,
    person_check,
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
from agentverse.populations.long_format import LongSurvey
from agentverse.populations.mapping import check_mapping, named_columns
from agentverse.populations.number_formats import PLAIN, Ambiguity, NumberFormat, marks_of
from agentverse.populations.offers import settle_offers
from agentverse.populations.opening import AS_IT_STANDS, open_survey
from agentverse.populations.refused_rows import Refusals
from agentverse.populations.row_batches import SurveyFile
from agentverse.populations.schemas import (
    ColumnMapping,
    ColumnReading,
    FileReading,
    GroupMapping,
    LabelMapping,
    Loss,
    RefusedRow,
)
from agentverse.populations.survey import Survey

Progress = Callable[[str, int, int], None]
EVERYWHERE = LabelMapping(name="everywhere", label="everywhere")
EVERYONE = LabelMapping(name="everyone", label="everyone")


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
    offered: dict[str, Check]
    person: Check | None

    @property
    def all(self) -> list[Check]:
        groups = [group.check for group in (self.region, self.segment) if group is not None]
        first = [self.choice] if self.choice is not None else []
        weight = [each for each in (self.weight, self.person) if each is not None]
        kept = [*self.traits.values(), *(each.check for each in self.categories.values())]
        attributes = [*self.attributes.values(), *self.offered.values()]
        return [*first, *attributes, *weight, *groups, *kept]


def import_survey(
    path: Path,
    mapping: ColumnMapping,
    *,
    refused_path: Path,
    progress: Progress,
    reading: FileReading = AS_IT_STANDS,
) -> Imported:
    """Read the file at `path` as the mapping says; write every refused row to `refused_path`.

    Raises AmbiguousNumbers, InvalidMapping where every weight is 0, NoRowsLeft or
    AlternativeNeverChosen.
    """
    progress("reading", 0, path.stat().st_size)
    survey_file = open_survey(path, reading)
    if mapping.layout is not None:
        survey_file = LongSurvey(survey_file, mapping.layout)
    check_mapping(mapping, survey_file.columns)
    notations = _notations(survey_file, mapping)
    checks = _checks(mapping, notations)
    with refused_path.open("w", newline="", encoding="utf-8") as file:
        refusals = Refusals(file)
        lines = _read_all(survey_file, checks, refusals, progress)
        progress("checking", 0, 1)
        survey = _survey(np.concatenate([np.zeros(0, np.int64), *lines]), checks)
        if mapping.availability is not None:
            survey = settle_offers(survey, mapping, refusals)
    _refuse_unusable(survey, mapping, refusals)
    progress("checking", 1, 1)
    return Imported(
        survey=survey,
        rows_refused=refusals.rows,
        refused=refusals.listed,
        losses=refusals.losses,
    )


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
    offered = list(mapping.availability.columns.values()) if mapping.availability else []
    return list(dict.fromkeys([*attributes, *offered, *weight, *banded, *mapping.traits]))


def _checks(mapping: ColumnMapping, notations: Notations) -> Checks:
    # Of what was not offered an attribute may be missing; who needs it is known with all columns.
    attribute_check = number_check if mapping.availability is None else trait_check

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
            f"{family.name}.{alternative.value}": attribute_check(column, notations.numbers[column])
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
        offered={
            value: trait_check(column, notations.numbers[column])
            for value, column in (
                mapping.availability.columns if mapping.availability else {}
            ).items()
        },
        person=None if mapping.person_column is None else person_check(mapping.person_column),
    )


def _read_all(
    survey_file: SurveyFile, checks: Checks, refusals: Refusals, progress: Progress
) -> list[NDArray[np.int64]]:
    """Return the lines of the accepted rows of each batch."""
    columns = list(dict.fromkeys(check.column for check in checks.all))
    lines: list[NDArray[np.int64]] = []
    for batch in survey_file.batches(columns):
        refused = take(batch, checks.all, width=len(survey_file.columns))
        refusals.add(refused)
        bad = np.array([row.row for row in refused], np.int64)
        lines.append(batch.line[~np.isin(batch.line, bad)] if bad.size else batch.line)
        progress("reading", batch.bytes_done, survey_file.size_bytes)
    return lines


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
        offered={
            value: np.nan_to_num(check.result(np.float64), nan=0.0) != 0
            for value, check in checks.offered.items()
        },
        person=checks.person and checks.person.result(np.int64),
    )


def _groups(
    group: GroupCheck | None, whole: LabelMapping, rows: int
) -> tuple[tuple[LabelMapping, ...], NDArray[np.int16]]:
    if group is None:
        return (whole,), np.zeros(rows, np.int16)
    labels, codes = group.labels()
    return tuple(labels), codes


def _refuse_unusable(survey: Survey, mapping: ColumnMapping, refusals: Refusals) -> None:
    if len(survey) == 0:
        first = refusals.listed[0]
        where = f"column {first.column!r}: " if first.column else ""
        raise NoRowsLeft(
            f"All {refusals.rows:,} rows were refused; the first on row {first.row}, {where}"
            f"{first.reason}. Correct the file or the mapping and import again.",
            refused=[row.model_dump() for row in refusals.listed[:20]],
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
