"""The one formatter: ranges first, digits that the interval supports, no false direction."""

import pytest

from agentverse.comparisons import findings
from agentverse.comparisons.schemas import ShareDifference
from agentverse.compiler import wording
from agentverse.runs.intervals import interval_kind
from agentverse.runs.schemas import OutcomeStrip
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


def strip(low: float, median: float, high: float) -> OutcomeStrip:
    return OutcomeStrip(
        metric="flow_share",
        alternative="hp",
        low=low,
        median=median,
        high=high,
        dots=[median] * 20,
        interval=interval_kind(20),
        from_tick=6,
        to_tick=36,
    )


def difference(low: float, median: float, high: float) -> ShareDifference:
    return ShareDifference(
        metric="flow_share",
        alternative="hp",
        segment=None,
        region=None,
        base=strip(0.10, 0.11, 0.12),
        branch=strip(0.27, 0.32, 0.37),
        difference=strip(low, median, high),
        clear=low > 0 or high < 0,
        branch_higher_of_20=20,
    )


def test_finding_names_interval_and_direction() -> None:
    told = findings.finding(
        difference(0.15, 0.21, 0.25), label="heat pump", ticks=(6, 36), tick_unit="month"
    )
    assert told == (
        "Heat pump: share of new installations in months 6–36 is 27–37 % against 10–12 %: "
        "15–25 pp higher (90 % of 20 replicates)."
    )


def test_finding_of_an_interval_over_zero_claims_no_direction() -> None:
    told = findings.finding(
        difference(-0.01, 0.0, 0.02), label="heat pump", ticks=(6, 6), tick_unit="month"
    )
    assert told.endswith("no clear difference (90 % of 20 replicates).")
    assert "in month 6 " in told


def test_finding_of_a_loss_shows_sizes_not_signs() -> None:
    told = findings.finding(
        difference(-0.25, -0.2, -0.15), label="gas", ticks=(6, 36), tick_unit="month"
    )
    assert "15–25 pp lower" in told


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0.271, 0.369, "27–37 %"), (0.0143, 0.0178, "1.4–1.8 %"), (0.3, 0.3, "30.00 %")],
)
def test_share_range_has_the_digits_of_its_width(low: float, high: float, shown: str) -> None:
    assert findings.share_range(strip(low, low, high)) == shown


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


def test_finding_is_on_a_day_and_in_anything_longer() -> None:
    found = difference(-0.01, 0.0, 0.02)
    told = findings.finding(found, label="heat pump", ticks=(6, 6), tick_unit="day")
    assert "on day 6 " in told
    told = findings.finding(found, label="heat pump", ticks=(6, 7), tick_unit="day")
    assert "on days 6–7 " in told


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
