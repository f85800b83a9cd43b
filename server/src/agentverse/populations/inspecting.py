"""What is in an uploaded file: columns, types, first rows, and a suggested mapping."""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownLambdaType=false

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from agentverse.platform.wire import WireModel
from agentverse.populations.checking import (
    FINE,
    MISSING,
    as_whole_number,
    natural_order,
    read_numbers,
    showable,
)
from agentverse.populations.errors import HeaderOnly
from agentverse.populations.far_values import find_far_values
from agentverse.populations.file_formats import FileFormat, detect_format
from agentverse.populations.labelled import is_labelled
from agentverse.populations.layouts import find_layout
from agentverse.populations.long_format import LongSurvey
from agentverse.populations.naming import names_column
from agentverse.populations.number_formats import MISSING_WORDS, Marks, NumberFormat
from agentverse.populations.opening import AS_IT_STANDS, open_survey
from agentverse.populations.personal_data import find_personal
from agentverse.populations.row_batches import Batch, ColumnFacts, as_text
from agentverse.populations.sampled_columns import SampledColumn
from agentverse.populations.schemas import (
    ColumnMapping,
    ColumnSummary,
    FarValue,
    FileReading,
    NoAnswerCode,
    PersonalColumn,
    SuggestionNote,
    ValueLabel,
)
from agentverse.populations.suggesting import in_layout, suggest_mapping

PREVIEW_ROWS = 20
EXAMPLES = 6
SHOWN_LABELS = 300
# An attribute with this share of other words is still one; the import names those rows.
MOST_STRAY = 0.05


class Inspection(WireModel):
    """Stored with the upload."""

    format: FileFormat
    columns: list[ColumnSummary]
    preview: list[dict[str, str]]
    rows_estimated: int = Field(ge=0)
    suggested_mapping: ColumnMapping | None
    suggestion_notes: list[SuggestionNote] = Field(default_factory=list[SuggestionNote])
    personal_data: list[PersonalColumn] = Field(default_factory=list[PersonalColumn])
    # As they stand in the file; `columns` is what the layout makes of them.
    raw_columns: list[str] = Field(default_factory=list[str])
    # How the file was read, and the sheets that a workbook offers instead.
    reading: FileReading = AS_IT_STANDS
    sheets: list[str] = Field(default_factory=list[str])
    odd_words: list[str] = Field(default_factory=list[str])


def inspect(path: Path, reading: FileReading = AS_IT_STANDS) -> Inspection:
    """Read the first rows of a file; refuses what can never be imported.

    Raises HeaderOnly where no row fits, or another InvalidFile.
    """
    survey_file = open_survey(path, reading)
    sample = survey_file.sample()
    facts = survey_file.facts()
    if sample.line.size == 0:
        raise HeaderOnly(
            f"No row has as many values as the header has columns ({len(survey_file.columns)}). "
            "Check the separator and the quotes of the first rows."
        )
    raw_columns = list(survey_file.columns)
    columns = _sampled_columns(sample, facts.columns)
    layout = find_layout(columns)
    if layout is not None:
        survey_file = LongSurvey(survey_file, layout)
        sample = survey_file.sample()
        columns = _sampled_columns(sample, facts.columns)
    personal = [
        finding for column in columns if (finding := find_personal(column.name, column.distinct))
    ]
    kept_out = {each.column for each in personal}
    suggestion = suggest_mapping([column for column in columns if column.name not in kept_out])
    if layout is not None:
        suggestion = in_layout(suggestion, layout)
    return Inspection(
        format=detect_format(path),
        columns=[_summary(column) for column in columns],
        preview=_preview(sample, columns),
        rows_estimated=survey_file.rows_estimated(sample),
        suggested_mapping=suggestion.mapping,
        suggestion_notes=suggestion.notes,
        personal_data=personal,
        raw_columns=raw_columns,
        reading=facts.reading,
        sheets=list(facts.sheets),
        odd_words=[showable(word) for word in facts.odd_words],
    )


def _sampled_columns(sample: Batch, facts: Mapping[str, ColumnFacts]) -> list[SampledColumn]:
    names = list(sample.columns)
    made: list[SampledColumn] = []
    for name, column in sample.columns.items():
        sampled = _sampled(name, column, sample.line, names=names)
        said = facts.get(name)
        if said is not None:
            sampled = _as_said(replace(sampled, facts=said), has_codes=is_labelled(column))
        made.append(sampled)
    return made


def _as_said(column: SampledColumn, *, has_codes: bool) -> SampledColumn:
    """A column whose every value has a label is one of words, in the order of their codes."""
    labels = list(dict.fromkeys(column.facts.words.values()))
    if not has_codes or not column.distinct or not set(column.distinct) <= set(labels):
        return column
    seen = set(column.distinct)
    distinct = tuple(word for word in labels if word in seen)
    return replace(column, distinct=distinct, numbers=None, nearly=None, far_values=())


def _sampled(
    name: str, column: Any, line: NDArray[np.int64], *, names: Sequence[str]
) -> SampledColumn:
    marks = Marks()
    marks.add(column, line)
    notation, ambiguity = marks.decide()
    if ambiguity is not None:
        # Only to see whether these are numbers at all; the import asks.
        notation, _ = marks.decide("," if "," in ambiguity.value else ".")
    numbers, wrong = _numbers(column, notation)
    words, missing = _words(column, gaps=set(MISSING_WORDS))
    stray = int(wrong.sum())
    few = stray <= MOST_STRAY * int((~missing).sum())
    if not few:
        values = marks.frequent_gap_words() | _naming(marks.gap_words, name, names)
        words, missing = _words(column, gaps=set(MISSING_WORDS) - values)
    is_numeric = not stray and not missing.all()
    far = find_far_values(numbers[~missing]) if is_numeric and not notation.booleans else []
    codes = [value.value for value in far if value.is_code]
    missing = missing | (np.isin(numbers, codes) if codes else False)
    distinct = sorted(
        {as_whole_number(word) or "" for word in words[~missing].tolist()}, key=natural_order
    )
    return SampledColumn(
        name=name,
        words=words,
        missing=missing,
        numbers=numbers if is_numeric else None,
        nearly=np.where(wrong, np.nan, numbers) if few and distinct else None,
        not_numeric=stray,
        distinct=tuple(distinct),
        notation=notation,
        ambiguity=ambiguity,
        far_values=tuple(far),
    )


def _naming(gap_words: Iterable[str], column: str, names: Sequence[str]) -> set[str]:
    """Return the words that other columns are named by, as `price_None` is."""
    return {
        word
        for word in gap_words
        if any(names_column(other, word) for other in names if other != column)
    }


def _words(column: Any, *, gaps: set[str]) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    try:
        text = as_text(column)
    except pa.ArrowException:
        text = as_text(pa.array([str(value) for value in column.to_pylist()]))
    # Each distinct text once and the rows as references to it, however many rows share it.
    distinct = np.array([*(word or "" for word in text.dictionary.to_pylist()), ""], dtype=object)
    absent = pc.is_null(text).to_numpy(zero_copy_only=False).astype(bool)
    places = pc.fill_null(text.indices, distinct.size - 1).to_numpy(zero_copy_only=False)
    missing = np.array([word in gaps for word in distinct], dtype=bool)
    words = distinct[places]
    return words, missing[places] | absent


def _numbers(column: Any, notation: NumberFormat) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return float64[n] and bool[n]: which values are there and are no number."""
    try:
        numbers, faults = read_numbers(column, notation)
    except pa.ArrowException:
        return np.zeros(len(column)), np.ones(len(column), bool)
    return numbers, ~np.isin(faults, (FINE, MISSING))


def _summary(column: SampledColumn) -> ColumnSummary:
    numbers = column.present_numbers
    is_marked = numbers is not None and column.ambiguity is None
    return ColumnSummary(
        name=column.name,
        label=showable(column.facts.label),
        value_labels=[
            ValueLabel(code=showable(code), label=showable(word))
            for code, word in list(column.facts.words.items())[:SHOWN_LABELS]
        ],
        no_answer=[
            NoAnswerCode(code=showable(code), rows=rows)
            for code, rows in column.facts.no_answer.items()
        ],
        type=column.type,
        missing=int(column.missing.sum()),
        not_numeric=column.not_numeric,
        distinct=len(column.distinct),
        minimum=float(numbers.min()) if numbers is not None and numbers.size else None,
        maximum=float(numbers.max()) if numbers is not None and numbers.size else None,
        examples=[showable(value) for value in column.distinct[:EXAMPLES]],
        decimal=column.notation.decimal if is_marked else None,
        thousands=column.notation.thousands if is_marked else "",
        unit=column.notation.unit,
        ambiguous=column.ambiguity and showable(column.ambiguity.value),
        ambiguous_row=column.ambiguity and column.ambiguity.line,
        far_values=[
            FarValue(value=far.value, rows=far.rows, is_code=far.is_code)
            for far in column.far_values
        ],
    )


def _preview(sample: Batch, columns: list[SampledColumn]) -> list[dict[str, str]]:
    rows = min(PREVIEW_ROWS, sample.line.size)
    return [
        {column.name: showable(str(column.words[row])) for column in columns} for row in range(rows)
    ]
