"""A file with one row per person and alternative means the same as one with a row per person."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from factories.populations import looked_at, taken

from agentverse.populations.errors import LayoutUnclear
from agentverse.populations.estimating import fit_choices
from agentverse.populations.schemas import LongLayout
from agentverse_engine.estimation import LogitFit

CASE = Path(__file__).parent / "cases" / "long_format.csv"
MODES = ("air", "bus", "car")
Row = dict[str, str]


def case_rows() -> list[Row]:
    with CASE.open() as file:
        return list(csv.DictReader(file))


def written(folder: Path, rows: Sequence[Row], *, delimiter: str = ",") -> Path:
    path = folder / "file.csv"
    with path.open("w", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        sheet.writeheader()
        sheet.writerows(rows)
    return path


def fitted(path: Path, folder: Path) -> LogitFit:
    _, mapping = looked_at(path)
    return fit_choices(taken(path, mapping, folder).survey, mapping)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> LogitFit:
    """The case turned by hand."""
    people: dict[str, Row] = {}
    for row in case_rows():
        person = people.setdefault(row["individual"], {"income": row["income"]})
        person |= {f"{name}.{row['mode']}": row[name] for name in ("wait", "cost", "time")}
        if row["choice"] == "yes":
            person["mode"] = row["mode"]
    folder = tmp_path_factory.mktemp("wide")
    return fitted(written(folder, list(people.values())), folder)


def test_long_file_is_recognised_and_said_so(tmp_path: Path) -> None:
    found, mapping = looked_at(CASE)
    assert mapping.layout == LongLayout(
        situation=["individual"], alternative="mode", chosen="choice"
    )
    assert found.suggestion_notes[0].part == "layout"
    assert found.suggestion_notes[0].columns == ["individual", "mode", "choice"]
    assert mapping.choice_column == "mode"
    assert [each.value for each in mapping.alternatives] == list(MODES)
    assert mapping.families[1].columns == {name: f"cost.{name}" for name in MODES}
    assert (mapping.traits, found.rows_estimated) == (["income"], 400)


def test_long_file_gives_the_estimates_of_the_same_data_wide(
    tmp_path: Path, wide: LogitFit
) -> None:
    long = fitted(CASE, tmp_path)
    assert long.coefficients == wide.coefficients
    assert long.standard_errors == wide.standard_errors
    assert long.observations == 400


def numbered(rows: list[Row]) -> list[Row]:
    return [{**row, "choice": str(int(row["choice"] == "yes"))} for row in rows]


def in_tasks(rows: list[Row]) -> list[Row]:
    """Two questions to each person: only both columns together tell one choice from the next."""
    asked: list[Row] = []
    for row in rows:
        person, task = divmod(int(row["individual"]) - 1, 2)
        rest = {name: value for name, value in row.items() if name != "individual"}
        asked.append({"resp": str(person), "task": str(task), **rest})
    return asked


def shuffled(rows: list[Row]) -> list[Row]:
    order: list[int] = np.random.default_rng(3).permutation(len(rows)).tolist()
    return [{**rows[place], "choice": rows[place]["choice"].upper()} for place in order]


@pytest.mark.parametrize(
    ("change", "delimiter", "situation"),
    [
        (numbered, ";", ["individual"]),
        (in_tasks, ",", ["resp", "task"]),
        (shuffled, "\t", ["individual"]),
    ],
)
def test_long_file_in_other_disguises(
    tmp_path: Path,
    wide: LogitFit,
    change: Callable[[list[Row]], list[Row]],
    delimiter: str,
    situation: list[str],
) -> None:
    path = written(tmp_path, change(case_rows()), delimiter=delimiter)
    _, mapping = looked_at(path)
    assert mapping.layout is not None
    assert mapping.layout.situation == situation
    long = fitted(path, tmp_path)
    assert long.coefficients == pytest.approx(wide.coefficients, rel=1e-9)


def test_missing_rows_are_what_was_not_offered(tmp_path: Path) -> None:
    rows = case_rows()
    kept = [
        row
        for row in rows
        if row["mode"] != "air" or int(row["individual"]) % 3 or row["choice"] == "yes"
    ]
    assert len(kept) < len(rows) - 60
    path = written(tmp_path, kept)
    found, mapping = looked_at(path)
    assert mapping.availability is not None
    assert mapping.availability.gaps
    imported = taken(path, mapping, tmp_path)
    assert len(imported.survey) == 400
    assert 400 - imported.survey.offered["air"].sum() == len(rows) - len(kept)
    assert "availability" in {note.part for note in found.suggestion_notes}


def test_alternative_that_stands_twice_names_the_row_and_the_way_out(tmp_path: Path) -> None:
    _, mapping = looked_at(CASE)
    path = written(tmp_path, [*case_rows(), case_rows()[1]])
    with pytest.raises(LayoutUnclear, match=r"row 1202 'bus' stands a second time.*person and"):
        taken(path, mapping, tmp_path)


def test_choice_of_nothing_or_of_two_is_refused_by_row(tmp_path: Path) -> None:
    rows = case_rows()
    for row in rows[:3]:
        row["choice"] = "no"
    for row in rows[3:6]:
        row["choice"] = "yes"
    _, mapping = looked_at(CASE)
    imported = taken(written(tmp_path, rows), mapping, tmp_path)
    refused = [(row.row, row.column, row.value, row.reason) for row in imported.refused]
    assert refused[0] == (2, "mode", None, "missing value")
    assert refused[1][:3] == (5, "mode", "3 chosen")
    assert len(imported.survey) == 398


def test_column_that_differs_within_a_choice_is_no_fact_about_the_person(tmp_path: Path) -> None:
    _, mapping = looked_at(CASE)
    wrong = mapping.model_copy(update={"traits": ["cost"]})
    with pytest.raises(LayoutUnclear, match=r"'cost' differs.*cost\.air"):
        taken(CASE, wrong, tmp_path)


@pytest.mark.parametrize("case", ["availability_zeros", "opt_out_none", "survey_weights"])
def test_file_with_a_row_per_person_is_not_taken_for_long(case: str) -> None:
    _, mapping = looked_at(CASE.with_name(f"{case}.csv"))
    assert mapping.layout is None
