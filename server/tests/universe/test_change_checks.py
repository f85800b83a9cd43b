"""A change of nothing, of nobody or after the end is refused; a likely slip is said."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from agentverse.compiler import Vocabulary
from agentverse.universe.change_checks import ChangeChecks
from agentverse_engine import (
    EventScript,
    IntensityProfile,
    Population,
    Scope,
    Variable,
    Where,
    attribute,
    parameter,
)
from agentverse_engine.effects.scope_masks import scope_cells

PRICES = np.linspace(5.0, 14.0, 40)
PEOPLE = Population(
    segments=("young", "old"),
    regions=("north",),
    segment=np.resize(np.array([0, 1], dtype=np.int16), 40),
    region=np.zeros(40, dtype=np.int16),
    attributes={"price.tea": PRICES, "change": np.linspace(-2.0, 3.0, 40)},
    choice=np.zeros(40, dtype=np.uint8),
)
TEA = attribute("price.tea", label="price of tea", unit="USD", bounds=(0.0, 140.0), source="file")
CHANGE = attribute("change", label="change", bounds=(-30.0, 30.0), source="file")
ADVERTS = parameter("adverts", label="adverts", default=0.0, bounds=(0.0, 9.0), source="assumption")
MOOD = replace(ADVERTS, name="mood", label="mood", inertia=0.5)


class People:
    """As the compiler asks after those above."""

    def count(self, scope: Scope) -> int:
        return int(scope_cells(PEOPLE, scope)[PEOPLE.cells()].sum())

    def values(self, variable: str, scope: Scope) -> tuple[float, float] | None:
        column = PEOPLE.attributes[variable][scope_cells(PEOPLE, scope)[PEOPLE.cells()]]
        return float(column.min()), float(column.max())

    def without_choice(self, scripts: Sequence[EventScript]) -> int:
        return 0 * len(scripts)


def checks(
    *changed: str, variables: tuple[Variable, ...] = (TEA, CHANGE, ADVERTS, MOOD)
) -> ChangeChecks:
    vocabulary = Vocabulary(
        variables=variables,
        alternatives={},
        families={},
        horizon=6,
        people=People(),
        changed=frozenset(changed),
    )
    return ChangeChecks(population=PEOPLE, vocabulary=vocabulary)


def script(variable: str, operation: str, value: float, **more: object) -> EventScript:
    return EventScript(variable=variable, operation=operation, value=value, **more)  # type: ignore[arg-type]


NOBODY = Scope(where=(Where(attribute="price.tea", comparison=">", value=99.0),))
REFUSED = {
    "a base of 0": (script("adverts", "multiply", 2.0), "value", "say the new value"),
    "the same value": (script("adverts", "set", 0.0), "value", "0 now, so this changes nothing"),
    "a factor of 1": (script("price.tea", "multiply", 1.0), "value", "changes nothing"),
    "more than can be": (script("adverts", "set", 50.0), "value", "it can be 0 to 9"),
    "nobody": (script("price.tea", "multiply", 2.0, scope=NOBODY), "scope", "Nobody among"),
    "before the first month": (
        script("adverts", "set", 3.0, scope=Scope(end_tick=0)),
        "scope",
        "acts in no month of the run, which has months 1 to 6",
    ),
    "at once, before the first": (
        script("adverts", "set", 3.0, intensity=IntensityProfile(kind="instantaneous")),
        "scope",
        "longer horizon",
    ),
}


@pytest.mark.parametrize(("change", "at", "said"), REFUSED.values(), ids=REFUSED)
def test_what_could_only_mislead_is_refused_with_the_way_out(
    change: EventScript, at: str, said: str
) -> None:
    refusal = checks().refusal(change)
    assert refusal is not None
    assert refusal.at == at
    assert said in refusal.message


ALLOWED = {
    "a number from 0": script("adverts", "set", 3.0),
    "half the price": script("price.tea", "multiply", 0.5),
    "in the last month": script("adverts", "set", 3.0, scope=Scope(start_tick=6)),
    "what lasts, at once": script(
        "mood", "set", 3.0, intensity=IntensityProfile(kind="instantaneous")
    ),
}


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_what_changes_something_is_not_refused(change: EventScript) -> None:
    assert checks().refusal(change) is None


def test_what_something_else_changes_too_is_not_measured_by_today() -> None:
    assert checks("adverts").refusal(script("adverts", "set", 0.0)) is None
    assert checks("price.tea").warning(script("price.tea", "set", 0.08)) == ""


SLIPS = {
    "cents for dollars": (script("price.tea", "set", 800.0), "Did you mean 8?"),
    "dollars for cents": (script("price.tea", "set", 0.08), "Did you mean 8?"),
    "a point too far": (script("price.tea", "set", 120.0), "Did you mean 12?"),
}


@pytest.mark.parametrize(("change", "said"), SLIPS.values(), ids=SLIPS)
def test_a_value_that_the_file_does_not_hold_by_far_is_said_with_what_may_be_meant(
    change: EventScript, said: str
) -> None:
    wide = (replace(TEA, maximum=5000.0), CHANGE)
    warning = checks(variables=wide).warning(change)
    assert warning.startswith(f"Price of tea would be {change.value:g} USD; the file holds 5 to 14")
    assert warning.endswith(said)


QUIET = {
    "within the file": script("price.tea", "set", 8.0),
    "a little beyond it": script("price.tea", "set", 20.0),
    "a usual cut": script("price.tea", "multiply", 0.5),
    "a parameter": script("adverts", "set", 9.0),
    "nobody": script("price.tea", "set", 0.08, scope=NOBODY),
    "on both sides of zero": script("change", "set", 5.0),
}


@pytest.mark.parametrize("change", QUIET.values(), ids=QUIET)
def test_what_the_file_nearly_holds_is_not_warned_of(change: EventScript) -> None:
    assert checks().warning(change) == ""


def test_a_far_value_that_no_slip_explains_is_said_without_a_guess() -> None:
    for change in (
        script("price.tea", "multiply", 10.0),
        script("price.tea", "set", 0.0),
        script("change", "add", 20.0),
    ):
        warning = checks().warning(change)
        assert "nobody there was ever seen with such a value." in warning
        assert "Did you mean" not in warning
