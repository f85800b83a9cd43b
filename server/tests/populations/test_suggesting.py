"""The suggested mapping: right for known data, sensible for others, absent without a choice."""

from pathlib import Path

import pytest
from factories.populations import FEW, csv_bytes, heating_rows, silent

from agentverse.populations.building import build
from agentverse.populations.datasets import HEATING
from agentverse.populations.inspecting import Inspection, inspect
from agentverse.populations.schemas import ColumnMapping, ImportRequest


def inspected(survey: Path, data: bytes) -> Inspection:
    survey.write_bytes(data)
    return inspect(survey)


def suggested(survey: Path, data: bytes) -> ColumnMapping:
    mapping = inspected(survey, data).suggested_mapping
    assert mapping is not None
    return mapping


def renamed_heating(names: dict[str, str]) -> bytes:
    return csv_bytes(
        [
            {names.get(column, column): value for column, value in row.items()}
            for row in heating_rows()
        ]
    )


def test_shipped_data_get_their_full_mapping(survey: Path) -> None:
    assert suggested(survey, HEATING.path.read_bytes()) == HEATING.mapping


def test_the_published_file_with_more_columns_gets_it_too(survey: Path) -> None:
    rows = [{"rownames": row["idcase"], **row, "pb.gc": "4.3"} for row in heating_rows()]
    assert suggested(survey, csv_bytes(rows)) == HEATING.mapping


def test_same_survey_under_other_names_is_recognised(survey: Path) -> None:
    names = {"depvar": "chosen", "income": "household_income", "region": "state"}
    mapping = suggested(survey, renamed_heating(names))
    assert mapping.choice_column == "chosen"
    assert [each.value for each in mapping.alternatives] == ["ec", "er", "gc", "gr", "hp"]
    assert [family.name for family in mapping.families] == ["installation_cost", "operating_cost"]
    assert mapping.families[0].columns["hp"] == "ic.hp"
    assert mapping.region is not None
    assert mapping.region.column == "state"
    assert [label.name for label in mapping.region.labels] == [
        "mountn",
        "ncostl",
        "scostl",
        "valley",
    ]
    assert mapping.traits == ["household_income", "agehed", "rooms"]


def test_segment_is_cut_at_thirds_with_honest_labels(survey: Path) -> None:
    mapping = suggested(survey, renamed_heating({"depvar": "chosen"}))
    assert mapping.segment is not None
    bands = [(band.name, band.label) for band in mapping.segment.labels]
    assert bands == [
        ("low_income", "income up to 4"),
        ("middle_income", "income 5 to 6"),
        ("high_income", "income 7 or more"),
    ]
    assert [(band.minimum, band.maximum) for band in mapping.segment.labels] == [
        (None, 5.0),
        (5.0, 7.0),
        (7.0, None),
    ]


def test_suggestion_imports_without_a_change(survey: Path) -> None:
    mapping = suggested(survey, renamed_heating({"depvar": "chosen"}))
    request = ImportRequest(mapping=mapping, synthesis=FEW)
    made = build(survey, request, file_sha256="", source="", progress=silent)
    assert made.import_report.rows_imported == 900


@pytest.mark.parametrize("pattern", ["ic.{}", "ic_{}", "{}_ic", "IC-{}", "{}.ic", "ic {}"])
def test_groups_are_found_however_names_are_joined(survey: Path, pattern: str) -> None:
    names = {f"ic.{each}": pattern.format(each) for each in ("ec", "er", "gc", "gr", "hp")}
    mapping = suggested(survey, renamed_heating({"depvar": "chosen", **names}))
    columns = {family.name: family.columns for family in mapping.families}
    assert columns["installation_cost"]["gc"] == pattern.format("gc")


def test_numbered_alternatives_need_no_separator(survey: Path) -> None:
    rows = [
        {"choice": str(1 + place % 2), "price1": str(place % 7), "price2": str(place % 5)}
        for place in range(40)
    ]
    mapping = suggested(survey, csv_bytes(rows))
    assert [each.value for each in mapping.alternatives] == ["1", "2"]
    assert mapping.families[0].name == "price"
    assert mapping.families[0].columns == {"1": "price1", "2": "price2"}


def test_attribute_derived_from_two_others_is_left_out(survey: Path) -> None:
    rows = heating_rows()
    for row in rows:
        row["chosen"] = row.pop("depvar")
        for each in ("ec", "er", "gc", "gr", "hp"):
            row[f"pb.{each}"] = repr(float(row[f"ic.{each}"]) / float(row[f"oc.{each}"]))
    mapping = suggested(survey, csv_bytes(rows))
    assert [family.name for family in mapping.families] == ["installation_cost", "operating_cost"]
    assert not any(trait.startswith("pb") for trait in mapping.traits)


def with_stray_words(count: int) -> bytes:
    """Under a foreign name for the choice, so that nothing is recognised as shipped."""
    rows = [{**row, "chosen": row["depvar"]} for row in heating_rows()]
    for row in rows:
        del row["depvar"]
    for row in rows[:count]:
        row["ic.gc"] = "on request"
    return csv_bytes(rows)


def test_attribute_with_a_few_stray_words_is_suggested_and_said(survey: Path) -> None:
    data = with_stray_words(len(heating_rows()) // 20)
    found = inspected(survey, data)
    assert found.suggested_mapping is not None
    families = found.suggested_mapping.families
    assert [family.name for family in families] == ["installation_cost", "operating_cost"]
    assert families[0].columns["gc"] == "ic.gc"
    summaries = {column.name: column for column in found.columns}
    stray = summaries["ic.gc"]
    assert (stray.type, stray.not_numeric) == ("text", len(heating_rows()) // 20)
    assert (stray.minimum, stray.maximum) == (None, None)
    assert (summaries["ic.hp"].type, summaries["ic.hp"].not_numeric) == ("number", 0)
    assert "ic.gc" not in found.suggested_mapping.traits


def test_attribute_with_many_stray_words_is_not_suggested(survey: Path) -> None:
    mapping = suggested(survey, with_stray_words(len(heating_rows()) // 20 + 1))
    assert [family.name for family in mapping.families] == ["operating_cost"]


def test_file_of_people_is_suggested_without_a_choice_and_says_so(survey: Path) -> None:
    rows = [f"{n},{('often', 'never')[n % 2]},text {n},{20 + n % 9}" for n in range(300)]
    found = inspected(survey, "\n".join(["serial,reads,remark,age", *rows]).encode())
    mapping = found.suggested_mapping
    assert mapping is not None
    assert (mapping.choice_column, mapping.alternatives, mapping.families) == (None, [], [])
    assert mapping.traits == ["age"]
    kept = [(each.column, each.values, each.ordered) for each in mapping.categories]
    assert kept == [("reads", ["never", "often"], True)]
    open_parts = {note.part: note.columns for note in found.suggestion_notes if note.is_open}
    assert open_parts == {"choice": [], "region": [], "left_out": ["serial", "remark"]}
    assert mapping.segment is not None
    assert mapping.segment.column == "age"


def test_column_called_a_choice_is_one_and_the_missing_attributes_are_left_open(
    survey: Path,
) -> None:
    rows = [f"{n},{('Clinton', 'Perot')[n % 2]},{n % 7}" for n in range(60)]
    found = inspected(survey, "\n".join(["id,vote,dist", *rows]).encode())
    mapping = found.suggested_mapping
    assert mapping is not None
    assert (mapping.choice_column, mapping.families) == ("vote", [])
    assert [each.value for each in mapping.alternatives] == ["Clinton", "Perot"]
    assert next(note.part for note in found.suggestion_notes if note.is_open) == "attributes"


def test_file_of_which_nothing_is_recognised_has_no_suggestion(survey: Path) -> None:
    found = inspected(survey, b"name,remark\nAda,first\nAlan,\n")
    assert found.suggested_mapping is None
    assert {note.part for note in found.suggestion_notes if note.is_open} >= {"choice", "left_out"}


PEOPLE = [
    "resp,email,Phone,first_name,contact,home_address,choice,price_a,price_b,age",
    *(
        f"{1000 + 7 * n},p{n}@example.org,{4930000000 + n},Ada,+49 30 {100000 + n},Lane {n % 3},"
        f"{'ab'[n % 3 == 0]},{n % 7},{n % 5},{20 + n % 50}"
        for n in range(60)
    ),
]


def test_personal_columns_are_named_with_a_reason_and_suggested_for_nothing(survey: Path) -> None:
    found = inspected(survey, "\n".join(PEOPLE).encode())
    assert {each.column: each.reason for each in found.personal_data} == {
        "email": "called like an e-mail address",
        "Phone": "called like a telephone number",
        "first_name": "called like a person's name",
        "contact": "holds telephone numbers",
        "home_address": "called like an address",
    }
    mapping = found.suggested_mapping
    assert mapping is not None
    assert (mapping.traits, mapping.region) == (["age"], None)


@pytest.mark.parametrize("name", ["product_name", "nameplate", "fuel", "telecommute", "airmail"])
def test_words_that_only_contain_a_personal_one_are_not(survey: Path, name: str) -> None:
    found = inspected(survey, f"{name},b\nx,1\ny,2\n".encode())
    assert found.personal_data == []


def test_groups_of_joined_names_are_found_where_every_alternative_has_one(survey: Path) -> None:
    lines = ["mode,pbeach,ppier,cbeach,cpier,cboat"]
    lines += [f"{('beach', 'pier')[n % 2]},{n % 7},{n % 5},{n % 3},{n % 4},{n}" for n in range(40)]
    mapping = suggested(survey, "\n".join(lines).encode())
    assert [family.columns for family in mapping.families] == [
        {"beach": "pbeach", "pier": "ppier"},
        {"beach": "cbeach", "pier": "cpier"},
    ]


def test_columns_are_summarised(survey: Path) -> None:
    found = inspected(survey, b"a,b,c\n1,x,0.5\n2,,NA\n2,y,-1\n")
    a, b, c = found.columns
    assert (a.type, a.distinct, a.minimum, a.maximum) == ("integer", 2, 1.0, 2.0)
    assert (b.type, b.missing, b.examples) == ("text", 1, ["x", "y"])
    assert (c.type, c.missing, c.minimum) == ("number", 1, -1.0)
    assert found.preview[1] == {"a": "2", "b": "", "c": "NA"}
    assert found.rows_estimated == 3


def test_rows_of_a_long_file_are_estimated_from_its_head(survey: Path) -> None:
    rows = 1_200_000
    survey.write_bytes(b"a,b,c\n" + b"1234,5678,90123\n" * rows)
    assert inspect(survey).rows_estimated == pytest.approx(rows, rel=0.01)
