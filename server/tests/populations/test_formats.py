"""The same people in every format are the same population; what is not read is named."""

# pandas and pyarrow ship no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from factories.files import dta, ods, sav, xlsx
from factories.populations import silent, taken

from agentverse.populations.building import build
from agentverse.populations.errors import InvalidFile, UnknownSheet
from agentverse.populations.importing import import_survey
from agentverse.populations.inspecting import inspect
from agentverse.populations.schemas import (
    CategoryMapping,
    ColumnMapping,
    FileReading,
    GroupMapping,
    ImportRequest,
    SynthesisOptions,
)

PARTIES = {1: "Greens", 2: "Reds", 3: "None of these"}
REFUSED, UNKNOWN = 99, 98
MAPPING = ColumnMapping(
    region=GroupMapping(column="region"),
    traits=["age", "rent"],
    categories=[CategoryMapping(column="party", values=list(PARTIES.values()))],
    weight_column="weight",
)


def people() -> pd.DataFrame:
    """Words as words, gaps as gaps."""
    random = np.random.default_rng(4)
    rows = 240
    frame = pd.DataFrame(
        {
            "region": random.choice(["Zürich", "Genève", "Ticino"], rows),
            "age": random.integers(18, 90, rows).astype(float),
            "rent": np.round(random.gamma(4, 300, rows), 2),
            "party": random.choice(list(PARTIES.values()), rows),
            "weight": np.round(random.uniform(0.2, 3, rows), 4),
        }
    )
    frame.loc[random.choice(rows, 20, replace=False), "age"] = np.nan
    frame.loc[random.choice(rows, 30, replace=False), "party"] = None
    return frame


def party_codes(frame: pd.DataFrame) -> list[float]:
    codes = {word: float(code) for code, word in PARTIES.items()}
    return [codes.get(word, np.nan) for word in frame["party"]]


def coded() -> tuple[pd.DataFrame, dict[str, Any]]:
    """The same people as a questionnaire's program keeps them: codes with labels."""
    frame = people()
    gone = np.flatnonzero(frame["party"].isna())
    frame["party"] = party_codes(frame)
    frame.loc[gone, "party"] = np.where(np.arange(gone.size) % 3 > 0, REFUSED, UNKNOWN)
    frame["age"] = frame["age"].fillna(-9.0)
    labels = {"party": {**PARTIES, REFUSED: "refused", UNKNOWN: "does not know"}}
    missing = {"party": [{"lo": 98, "hi": 99}], "age": [{"lo": -9, "hi": -9}]}
    return frame, {
        "variable_value_labels": labels,
        "missing_ranges": missing,
        "column_labels": {"party": "Which party would you vote for?"},
        "variable_measure": {"party": "nominal"},
    }


def rows_of(frame: pd.DataFrame) -> list[list[Any]]:
    cells = frame.astype(object).where(frame.notna(), None)
    return [list(frame.columns), *cells.to_numpy().tolist()]


def text(delimiter: str) -> bytes:
    return people().to_csv(index=False, sep=delimiter).encode()


def records(*, in_lines: bool) -> bytes:
    return str(people().to_json(orient="records", lines=in_lines, force_ascii=False)).encode()


def parquet() -> bytes:
    file = io.BytesIO()
    people().to_parquet(file)
    return file.getvalue()


def stata() -> bytes:
    frame = people()
    frame["party"] = party_codes(frame)
    return dta(frame, variable_value_labels={"party": PARTIES})


def spss(**options: Any) -> bytes:
    frame, said = coded()
    return sav(frame, **said, **options)


def in_every_format() -> dict[str, bytes]:
    rows = rows_of(people())
    return {
        "csv": text(","),
        "tab": text("\t"),
        "tab in a gzip": gzip.compress(text("\t")),
        "windows": people().to_csv(index=False, sep=";").encode("windows-1252"),
        "unicode text of excel": people().to_csv(index=False, sep="\t").encode("utf-16"),
        "below its separator": b"sep=;\r\n" + text(";"),
        "below a title": "Umfrage 2024\n\nStand: März\n".encode() + text(","),
        "json": records(in_lines=False),
        "json lines": records(in_lines=True),
        "json lines in a gzip": gzip.compress(records(in_lines=True)),
        "parquet": parquet(),
        "xlsx": xlsx({"People": rows}),
        "xlsx below a title": xlsx({"Cover": [["Survey"]], "Data": [["Wave 3"], [], *rows]}),
        "ods": ods({"People": rows}),
        "sav": spss(),
        "zsav": spss(compress=True),
        "dta": stata(),
    }


def digest_of(path: Path) -> str:
    request = ImportRequest(mapping=MAPPING, synthesis=SynthesisOptions(personas=500))
    built = build(path, request, file_sha256="", source="", progress=silent)
    assert built.import_report.rows_imported == 240
    return built.snapshot.digest


def test_same_people_are_the_same_population_in_every_format(tmp_path: Path) -> None:
    digests: dict[str, str] = {}
    for name, data in in_every_format().items():
        path = tmp_path / "file"
        path.write_bytes(data)
        digests[name] = digest_of(path)
    assert set(digests.values()) == {digests["csv"]}, digests


def test_labels_and_missing_codes_survive_a_questionnaires_file(survey: Path) -> None:
    survey.write_bytes(spss())
    found = inspect(survey)
    columns = {column.name: column for column in found.columns}
    party = columns["party"]
    assert found.format == "sav"
    assert party.label == "Which party would you vote for?"
    assert [(each.code, each.label) for each in party.value_labels][:3] == [
        ("1", "Greens"), ("2", "Reds"), ("3", "None of these"),
    ]  # fmt: skip
    assert {each.code: each.rows for each in party.no_answer} == {
        "98 does not know": 10, "99 refused": 20,
    }  # fmt: skip
    assert (party.type, party.missing, party.examples) == ("text", 30, list(PARTIES.values()))
    assert {each.code: each.rows for each in columns["age"].no_answer} == {"-9": 20}
    assert columns["age"].missing == 20


def test_labelled_column_is_its_codes_where_a_number_is_meant(survey: Path) -> None:
    frame = pd.DataFrame({"rating": [1.0, 2, 3, 3, 2], "sex": [1.0, 2, 1, 2, 1]})
    labels = {"rating": {1: "bad", 2: "fair", 3: "good"}, "sex": {1: "f", 2: "m"}}
    survey.write_bytes(sav(frame, variable_value_labels=labels))
    mapping = ColumnMapping(
        traits=["rating"],
        categories=[CategoryMapping(column="rating", ordered=True), CategoryMapping(column="sex")],
    )
    # One use each: as a number here, as words there.
    numbers = taken(survey, mapping.model_copy(update={"categories": []}), survey.parent).survey
    assert numbers.traits["rating"].tolist() == [1, 2, 3, 3, 2]
    words = taken(survey, mapping.model_copy(update={"traits": []}), survey.parent).survey
    assert words.categories["rating"].values == ("bad", "fair", "good")
    assert words.categories["sex"].codes.tolist() == [0, 1, 0, 1, 0]


def test_label_that_reads_like_a_gap_is_a_value(survey: Path) -> None:
    frame = pd.DataFrame({"children": [1.0] * 40 + [2.0]})
    survey.write_bytes(sav(frame, variable_value_labels={"children": {1: "some", 2: "None"}}))
    mapping = ColumnMapping(categories=[CategoryMapping(column="children")])
    kept = taken(survey, mapping, survey.parent).survey.categories["children"]
    assert set(kept.values) == {"some", "None"}
    assert (kept.codes >= 0).all()


def test_another_sheet_is_read_when_it_is_named(survey: Path) -> None:
    survey.write_bytes(
        xlsx({"People": [["a", "b"], [1, 2]], "Old": [["c", "d"], [3, 4], [5, 6]]}, hidden="")
    )
    first = inspect(survey)
    assert (first.reading.sheet, first.sheets) == ("People", ["People", "Old"])
    other = inspect(survey, FileReading(sheet="Old"))
    assert [column.name for column in other.columns] == ["c", "d"]
    assert other.rows_estimated == 2
    with pytest.raises(UnknownSheet, match="'Old'"):
        inspect(survey, FileReading(sheet="Nowhere"))


def test_row_of_a_workbook_is_named_as_its_program_shows_it(survey: Path) -> None:
    survey.write_bytes(xlsx({"S": [["Title"], [], ["n", "m"], [1, 1], [None, None], ["x", 2]]}))
    mapping = ColumnMapping(traits=["n"])
    refused = taken(survey, mapping, survey.parent).refused
    assert [(each.row, each.value) for each in refused] == [(6, "x")]


def test_number_among_words_is_never_a_thousand(survey: Path) -> None:
    survey.write_bytes(xlsx({"S": [["n", "m"], [1.215, 1], ["n/a", 1], ["NA", 1], [645, 1]]}))
    mapping = ColumnMapping(traits=["n"])
    imported = taken(survey, mapping, survey.parent)
    assert imported.survey.traits["n"][0] == 1.215
    assert [each.value for each in imported.refused] == ["n/a"]


def test_odd_letters_of_a_guessed_encoding_are_shown(survey: Path) -> None:
    survey.write_bytes("stadt;größe\nKöln;1\nMünchen;2\n".encode("windows-1252"))
    found = inspect(survey)
    assert (found.reading.encoding, found.odd_words) == (
        "windows-1252",
        ["größe", "Köln", "München"],
    )
    survey.write_bytes("stadt,größe\nKöln,1\n".encode())
    assert (inspect(survey).reading.encoding, inspect(survey).odd_words) == ("utf-8", [])


def test_header_stands_where_a_person_says(survey: Path) -> None:
    survey.write_bytes(b"x,y,z\n1,2,3\na,b,c\n4,5,6\n7,8,9\n")
    assert [column.name for column in inspect(survey).columns] == ["x", "y", "z"]
    found = inspect(survey, FileReading(header_line=3))
    assert [column.name for column in found.columns] == ["a", "b", "c"]
    assert (found.rows_estimated, found.reading.header_line) == (2, 3)
    mapping = ColumnMapping(traits=["a"])
    refused_path = survey.parent / "refused.csv"
    imported = import_survey(
        survey, mapping, refused_path=refused_path, progress=silent, reading=found.reading
    )
    assert imported.survey.line.tolist() == [4, 5]


REFUSED_FILES: dict[str, tuple[bytes, str, list[str]]] = {
    "portable": (
        b"0" * 40 * 5 + b"ASCII SPSS PORT FILE" + b"0" * 400,
        "unknown_file_type",
        ["SPSS portable", ".sav"],
    ),
    "old excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "unknown_file_type", [".xls", ".xlsx"]),
    "password": (
        b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
        "password_protected",
        ["remove the password"],
    ),
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_what_is_not_read_is_named_with_the_way_out(name: str, survey: Path) -> None:
    data, code, words = REFUSED_FILES[name]
    survey.write_bytes(data)
    with pytest.raises(InvalidFile) as refused:
        inspect(survey)
    assert refused.value.code == code
    for word in words:
        assert word in refused.value.detail
