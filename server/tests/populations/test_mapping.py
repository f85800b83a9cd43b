"""A mapping that does not fit is refused before anything is queued, all faults at once."""

from typing import Any

import pytest

from agentverse.platform.errors import AgentVerseError
from agentverse.populations.datasets import HEATING
from agentverse.populations.errors import InvalidMapping, MissingColumn
from agentverse.populations.mapping import check_mapping
from agentverse.populations.schemas import (
    AlternativeMapping,
    ColumnMapping,
    FamilyMapping,
    GroupMapping,
    LabelMapping,
)

COLUMNS = (
    ["idcase", "depvar", "income", "agehed", "rooms", "region"]
    + [f"ic.{each}" for each in ("gc", "gr", "ec", "er", "hp")]
    + [f"oc.{each}" for each in ("gc", "gr", "ec", "er", "hp")]
)


def refused(**changes: Any) -> AgentVerseError:
    mapping = HEATING.mapping.model_copy(update=changes)
    with pytest.raises(InvalidMapping) as raised:
        check_mapping(mapping, COLUMNS)
    return raised.value


def band(name: str, low: float | None, high: float | None) -> LabelMapping:
    return LabelMapping(name=name, label=name, minimum=low, maximum=high)


def test_demo_mapping_fits() -> None:
    check_mapping(HEATING.mapping, COLUMNS)


def test_missing_column_names_the_nearest_and_its_field() -> None:
    error = refused(choice_column="depvra")
    assert isinstance(error, MissingColumn)
    assert "'depvra'; the nearest are 'depvar'" in error.detail
    assert [fault.field for fault in error.errors] == ["mapping.choice_column"]


def test_all_missing_columns_are_named_at_once() -> None:
    error = refused(traits=["age", "room"], region=GroupMapping(column="regions"))
    assert [fault.field for fault in error.errors] == [
        "mapping.region.column",
        "mapping.traits.0",
        "mapping.traits.1",
    ]
    assert "'rooms'" in error.detail


def test_alternative_without_column_is_named() -> None:
    columns = {
        key: name for key, name in HEATING.mapping.families[0].columns.items() if key != "hp"
    }
    family = HEATING.mapping.families[0].model_copy(update={"columns": columns})
    error = refused(families=[family, HEATING.mapping.families[1]])
    assert "'installation_cost' names no column for the alternative 'hp'" in error.detail


def test_column_without_alternative_is_named() -> None:
    fewer = HEATING.mapping.alternatives[:4]
    error = refused(alternatives=fewer, reference_alternative="gr")
    assert "'installation_cost' has a column for 'hp', which is no alternative" in error.detail


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"alternatives": [*HEATING.mapping.alternatives, HEATING.mapping.alternatives[0]]},
            "alternative 'ec' stands twice",
        ),
        ({"reference_alternative": "solar"}, "'solar' is no alternative. Choose one of ec"),
        ({"traits": ["rooms", "rooms"]}, "trait 'rooms' stands twice"),
        (
            {"families": [HEATING.mapping.families[0]] * 2},
            "attribute 'installation_cost' stands twice",
        ),
        (
            {
                "segment": GroupMapping(
                    column="income", labels=[band("a", None, 4), band("b", 3, 5)]
                )
            },
            "'a' and 'b' overlap",
        ),
        (
            {"segment": GroupMapping(column="income", labels=[band("a", 4, 4)])},
            "'a' is empty",
        ),
        (
            {
                "segment": GroupMapping(
                    column="income",
                    labels=[band("a", None, 4), LabelMapping(name="b", label="b", values=["5"])],
                )
            },
            "mix numeric bands and named values",
        ),
        (
            {
                "region": GroupMapping(
                    column="region",
                    labels=[
                        LabelMapping(name="a", label="a", values=["valley"]),
                        LabelMapping(name="b", label="b", values=["valley"]),
                    ],
                )
            },
            "region value 'valley' stands twice",
        ),
    ],
)
def test_contradiction_is_named(changes: dict[str, Any], words: str) -> None:
    error = refused(**changes)
    assert words in error.detail
    assert error.errors


def test_blank_alternative_is_named() -> None:
    mapping = ColumnMapping(
        choice_column="depvar",
        alternatives=[
            AlternativeMapping(value="", label="nothing"),
            AlternativeMapping(value="gc", label="gas"),
        ],
        families=[FamilyMapping(name="cost", label="cost", columns={"": "ic.gr", "gc": "ic.gc"})],
    )
    with pytest.raises(InvalidMapping, match="value is empty"):
        check_mapping(mapping, COLUMNS)
