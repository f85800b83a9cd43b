"""What scripts are called: changes, for whom, when; a label that stays as it is hashed."""

import pytest

from agentverse.compiler import Term, Vocabulary, wording
from agentverse_engine import EventScript, IntensityProfile, Scope, Variable
from agentverse_engine.inputs.variables import parameter

COST = Variable(
    name="installation_cost.hp",
    label="installation cost of heat pump",
    unit="USD",
    minimum=0.0,
    maximum=20_000.0,
    default=None,
    kind="attribute",
    family="installation_cost",
    alternative="hp",
    moves=("new_installations",),
    source="test",
)


@pytest.mark.parametrize(
    ("operation", "value", "told"),
    [
        ("multiply", 0.7, "installation cost of heat pump −30 %"),
        ("multiply", 1.055, "installation cost of heat pump +5.5 %"),
        ("add", -400.0, "installation cost of heat pump −$400"),
        ("add", 1250.5, "installation cost of heat pump +$1,250.5"),
        ("set", 500.0, "installation cost of heat pump set to $500"),
        ("min", 900.0, "installation cost of heat pump at most $900"),
    ],
)
def test_change_says_what_happens(operation: str, value: float, told: str) -> None:
    script = EventScript(variable=COST.name, operation=operation, value=value)  # type: ignore[arg-type]
    assert wording.change(script, COST) == told


@pytest.mark.parametrize(
    ("name", "label", "told"),
    [
        ("price", "price, as a multiple of today's", "price set to 2"),
        (
            "infection_chance",
            "chance that an infected neighbour infects",
            "infection chance set to 2",
        ),
        ("campaign_for", "campaign in favour", "campaign in favour set to 2"),
    ],
)
def test_change_calls_a_variable_by_its_name_where_its_label_explains(
    name: str, label: str, told: str
) -> None:
    variable = parameter(name, label=label, default=1.0, bounds=(0.0, 9.0), source="test")
    script = EventScript(variable=name, operation="set", value=2.0)
    assert wording.change(script, variable) == told


@pytest.mark.parametrize(
    ("unit", "operation", "value", "told"),
    [
        ("share", "set", 0.05, "rate set to 5 %"),
        ("share", "add", -0.05, "rate −5 pp"),
        ("% a year", "add", 1.0, "rate +1 pp"),
        ("% a year", "set", 4.0, "rate set to 4 % a year"),
        ("index, 100 at the start", "set", 120.0, "rate set to 120"),
        ("contacts per week", "add", 2.0, "rate +2 contacts per week"),
    ],
)
def test_change_tells_percentages_apart_from_their_points(
    unit: str, operation: str, value: float, told: str
) -> None:
    variable = parameter(
        "rate", label="rate", default=1.0, bounds=(-9.0, 999.0), source="test", unit=unit
    )
    script = EventScript(variable="rate", operation=operation, value=value)  # type: ignore[arg-type]
    assert wording.change(script, variable) == told


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (Scope(), "for everyone, all the time"),
        (Scope(start_tick=6), "for everyone, from month 6"),
        (Scope(start_tick=6, end_tick=12), "for everyone, from month 6 to 12"),
        (Scope(start_tick=6, end_tick=6), "for everyone, in month 6 only"),
        (Scope(start_tick=6, end_tick=36), "for everyone, from month 6"),
        (Scope(regions=("v", "m")), "in valley and mountains, all the time"),
        (Scope(segments=("l",), regions=("v",)), "for low income in valley, all the time"),
    ],
)
def test_sentence_says_for_whom_and_when(scope: Scope, told: str) -> None:
    script = EventScript(variable=COST.name, operation="multiply", value=0.7, scope=scope)
    names = {"v": "valley", "m": "mountains", "l": "low income"}
    found = wording.sentence(script, COST, names=names, tick_unit="month", horizon=36)
    assert found == f"installation cost of heat pump −30 %, {told}"


def test_short_leaves_out_what_says_nothing() -> None:
    assert wording.short("cost −30 %, for everyone, from month 6") == "cost −30 %, from month 6"
    assert wording.short("cost −30 %, in valley, all the time") == "cost −30 %, in valley"


def test_sentence_of_a_pulse_is_one_month() -> None:
    script = EventScript(
        variable=COST.name,
        operation="multiply",
        value=0.7,
        scope=Scope(start_tick=3),
        intensity=IntensityProfile(kind="pulse"),
    )
    found = wording.sentence(script, COST, names={}, tick_unit="month", horizon=36)
    assert found.endswith("in month 3 only")


@pytest.mark.parametrize(
    ("operation", "value", "scope", "told"),
    [
        ("multiply", 0.7, Scope(start_tick=6), "× 0.7 from month 6"),
        ("add", -400.0, Scope(regions=("v", "m")), "− 400 USD in valley, mountains"),
        ("add", 400.0, Scope(end_tick=11), "+ 400 USD until month 11"),
        ("set", 500.0, Scope(start_tick=3, end_tick=3), "= 500 USD in month 3"),
        ("min", 900.0, Scope(segments=("l",)), "at most 900 USD for low income"),
        (
            "max",
            9.0,
            Scope(start_tick=2, end_tick=4, regions=("v",), segments=("l",)),
            "at least 9 USD from month 2 until month 4 in valley for low income",
        ),
    ],
)
def test_label_is_what_the_digest_of_earlier_runs_holds(
    operation: str, value: float, scope: Scope, told: str
) -> None:
    vocabulary = Vocabulary(
        variables=(COST,),
        alternatives={},
        families={},
        regions={"v": Term("valley"), "m": Term("mountains")},
        segments={"l": Term("low income")},
        horizon=36,
    )
    script = EventScript(variable=COST.name, operation=operation, value=value, scope=scope)  # type: ignore[arg-type]
    assert wording.label(script, vocabulary) == f"installation cost of heat pump {told}"
