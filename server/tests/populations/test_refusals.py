"""Rows that do not fit are named, each with line, column, value and reason; the rest goes on."""

# pyarrow ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from factories.populations import FEW, csv_bytes, heating_rows, silent
from hypothesis import given
from hypothesis import strategies as st

from agentverse.platform.errors import AgentVerseError
from agentverse.populations.building import Built, build
from agentverse.populations.checking import read_numbers
from agentverse.populations.datasets import HEATING
from agentverse.populations.limits import LISTED_REFUSALS
from agentverse.populations.number_formats import PLAIN
from agentverse.populations.schemas import (
    ColumnMapping,
    GroupMapping,
    ImportRequest,
    LabelMapping,
    RefusedRow,
)

Rows = list[dict[str, str]]


def imported(survey: Path, data: bytes, mapping: ColumnMapping = HEATING.mapping) -> Built:
    survey.write_bytes(data)
    request = ImportRequest(mapping=mapping, synthesis=FEW, accepted_loss=1)
    return build(survey, request, file_sha256="", source="", progress=silent)


def damaged(change: Callable[[Rows], None]) -> bytes:
    rows = heating_rows()
    change(rows)
    return csv_bytes(rows)


def put(row: int, column: str, value: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[row][column] = value

    return change


ALTERNATIVES = "not one of the alternatives ec, er, gc, gr, hp"


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (0, "ic.gc", "", "missing value"),
        (7, "ic.gc", "NA", "missing value"),
        (7, "oc.hp", "NaN", "missing value"),
        (7, "oc.hp", "  ", "missing value"),
        (8, "oc.hp", "cheap", "not a number"),
        (8, "oc.hp", "1_000", "not a number"),
        (8, "oc.hp", "5 %", "not a number: the rest of the column is written without a unit"),
        (8, "oc.hp", "1,5", "not a number: write decimals with a point, 3.14"),
        (9, "oc.hp", "-inf", "infinite: a finite number is needed"),
        (9, "oc.hp", "1e999", "infinite: a finite number is needed"),
        (899, "depvar", "solar", ALTERNATIVES),
        (899, "depvar", "HP", ALTERNATIVES),
        (5, "depvar", "", "missing value"),
        (5, "region", "texas", "in no region; the mapping knows valley, scostl, mountn, ncostl"),
        (5, "agehed", "old", "not a number"),
        (5, "income", "", "missing value"),
    ],
)
def test_bad_value_refuses_its_row_by_name(
    survey: Path, row: int, column: str, value: str, reason: str
) -> None:
    report = imported(survey, damaged(put(row, column, value))).import_report
    assert report.rows_read == 900
    assert report.rows_imported == 899
    assert report.rows_refused == 1
    assert report.refused == [RefusedRow(row=row + 2, column=column, value=value, reason=reason)]


def test_value_outside_every_band_is_refused(survey: Path) -> None:
    assert HEATING.mapping.segment is not None
    bands = [band for band in HEATING.mapping.segment.labels if band.name != "middle_income"]
    segment = GroupMapping(column="income", labels=bands)
    mapping = HEATING.mapping.model_copy(update={"segment": segment})
    report = imported(survey, damaged(lambda _: None), mapping).import_report
    assert report.rows_imported == 266 + 320
    assert report.refused[0].reason == "outside every segment band (low_income, high_income)"


def test_negative_numbers_and_spaces_are_fine(survey: Path) -> None:
    def change(rows: Rows) -> None:
        rows[3]["ic.gc"] = " -25.5 "
        rows[4]["depvar"] = f" {rows[4]['depvar']}"
        rows[5]["oc.hp"] = "+1.5e2"

    made = imported(survey, damaged(change))
    assert made.import_report.rows_refused == 0
    assert -25.5 in made.snapshot.population.attributes["installation_cost.gc"]


def test_rows_of_wrong_width_are_named_among_the_others(survey: Path) -> None:
    lines = damaged(put(4, "ic.gc", "x")).splitlines()
    lines[2] += b",extra"
    lines[9] = b"only,three,values"
    report = imported(survey, b"\n".join(lines)).import_report
    assert [(row.row, row.reason) for row in report.refused] == [
        (3, "17 values where the header has 16"),
        (6, "not a number"),
        (10, "3 values where the header has 16"),
    ]
    assert report.rows_imported == 897


def test_lines_stay_right_below_quoted_line_breaks(survey: Path) -> None:
    def change(rows: Rows) -> None:
        rows[1]["idcase"] = "two\nlines"
        rows[10]["ic.gc"] = "?"

    report = imported(survey, damaged(change)).import_report
    assert [row.row for row in report.refused] == [13]


def test_parquet_names_the_row(survey: Path) -> None:
    table = pacsv.read_csv(HEATING.path)
    costs = table["ic.gc"].to_pylist()
    costs[6] = None
    costs[7] = float("inf")
    place = table.column_names.index("ic.gc")
    pq.write_table(table.set_column(place, "ic.gc", pa.array(costs)), survey)
    report = imported(survey, survey.read_bytes()).import_report
    assert [(row.row, row.reason) for row in report.refused] == [
        (7, "missing value"),
        (8, "infinite: a finite number is needed"),
    ]


def test_parquet_column_of_unusable_type_is_named(survey: Path) -> None:
    table = pacsv.read_csv(HEATING.path)
    dates = pa.array([0] * 900, pa.timestamp("s"))
    place = table.column_names.index("ic.gc")
    pq.write_table(table.set_column(place, "ic.gc", dates), survey)
    with pytest.raises(AgentVerseError, match=r"'ic.gc' has the type timestamp"):
        imported(survey, survey.read_bytes())


def test_report_lists_the_first_thousand_and_the_file_all(survey: Path) -> None:
    rows = heating_rows() * 3
    for row in rows[900:]:
        row["region"] = "=HYPERLINK(1)"
    made = imported(survey, csv_bytes([dict(row) for row in heating_rows()] + rows[900:]))
    report = made.import_report
    assert report.rows_refused == 1_800
    assert len(report.refused) == LISTED_REFUSALS
    sheet = list(csv.reader(io.StringIO(made.refused_csv.decode())))
    assert sheet[0] == ["row", "column", "value", "reason"]
    assert len(sheet) == 1 + 1_800
    assert sheet[1][:3] == ["902", "region", "'=HYPERLINK(1)"]


def test_file_without_a_usable_row_names_the_first_fault(survey: Path) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            row["ic.gc"] = "n.a."

    with pytest.raises(AgentVerseError, match=r"All 900 rows.*row 2, column 'ic.gc': not a number"):
        imported(survey, damaged(change))


def test_alternative_nobody_chose_is_refused_with_the_remedy(survey: Path) -> None:
    def change(rows: Rows) -> None:
        rows[:] = [row for row in rows if row["depvar"] != "hp"]

    with pytest.raises(AgentVerseError, match=r"chose 'hp'.*Remove it") as raised:
        imported(survey, damaged(change))
    assert raised.value.code == "alternative_never_chosen"


def test_constant_choice_is_refused(survey: Path) -> None:
    def change(rows: Rows) -> None:
        rows[:] = [row for row in rows if row["depvar"] == "gc"]

    with pytest.raises(AgentVerseError, match="has the same value"):
        imported(survey, damaged(change))


def test_attribute_that_explains_nothing_is_named(survey: Path) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            for alternative in ("ec", "er", "gc", "gr", "hp"):
                row[f"oc.{alternative}"] = "100"

    with pytest.raises(AgentVerseError, match=r"operating_cost.*Remove it") as raised:
        imported(survey, damaged(change))
    assert raised.value.code == "estimation_impossible"


def test_semicolons_and_decimal_commas_give_the_same_population(survey: Path) -> None:
    def change(rows: Rows) -> None:
        for row in rows:
            for column in row:
                row[column] = row[column].replace(".", ",")

    rows = heating_rows()
    change(rows)
    german = imported(survey, csv_bytes(rows, delimiter=";"))
    assert german.import_report.rows_refused == 0
    assert german.snapshot.digest == imported(survey, csv_bytes(heating_rows())).snapshot.digest


def test_distinct_values_become_groups_in_their_own_order(survey: Path) -> None:
    mapping = HEATING.mapping.model_copy(
        update={"region": GroupMapping(column="region"), "segment": GroupMapping(column="rooms")}
    )
    made = imported(survey, csv_bytes(heating_rows()), mapping)
    assert made.snapshot.population.regions == ("mountn", "ncostl", "scostl", "valley")
    assert made.snapshot.population.segments == ("2", "3", "4", "5", "6", "7")
    assert made.import_report.region_counts["valley"] == 177


def test_too_many_groups_are_refused(survey: Path) -> None:
    region = GroupMapping(column="ic.gc")
    mapping = HEATING.mapping.model_copy(update={"region": region})
    with pytest.raises(AgentVerseError, match=r"889 different values.*at most 60.*bands"):
        imported(survey, csv_bytes(heating_rows()), mapping)


def test_survey_without_groups_has_one_of_each(survey: Path) -> None:
    mapping = HEATING.mapping.model_copy(update={"region": None, "segment": None})
    made = imported(survey, csv_bytes(heating_rows()), mapping)
    assert made.snapshot.population.regions == ("everywhere",)
    assert made.snapshot.population.segments == ("everyone",)
    assert made.network.region_assortativity is None
    assert made.import_report.region_counts == {}


def test_label_stands_for_several_values(survey: Path) -> None:
    labels = [
        LabelMapping(name="coast", label="coast", values=["ncostl", "scostl"]),
        LabelMapping(name="inland", label="inland", values=["valley", "mountn"]),
    ]
    region = GroupMapping(column="region", labels=labels)
    mapping = HEATING.mapping.model_copy(update={"region": region})
    made = imported(survey, csv_bytes(heating_rows()), mapping)
    assert made.import_report.region_counts == {"coast": 621, "inland": 279}


NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.text(alphabet="0123456789.eE+- infatyINFTY_x", max_size=8),
)


@given(words=st.lists(NUMBERS, min_size=1, max_size=5))
def test_value_reads_the_same_whatever_stands_beside_it(words: list[str]) -> None:
    """A batch that parses in one go and one that must be looked at value by value agree."""
    alone = [read_numbers(pa.array([word]), PLAIN) for word in words]
    together = read_numbers(pa.array([*words, "no number"]), PLAIN)
    assert np.concatenate([values for values, _ in alone]).tolist() == together[0][:-1].tolist()
    assert [int(faults[0]) for _, faults in alone] == together[1][:-1].tolist()
