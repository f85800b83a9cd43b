"""Questions that ask for a value, and those that only look like it."""

from dataclasses import replace

import pytest
from compiler_vocabularies import heating_vocabulary, travel_vocabulary

from agentverse.compiler import compile_question, find_goal
from agentverse_engine.inputs.events import EventScript, Scope

TRAVEL = travel_vocabulary()
HEATING = heating_vocabulary()


@pytest.mark.parametrize(
    ("question", "variable", "alternative", "share"),
    [
        ("What ticket price gives the bus 35 %?", "ticket_price.bus", "bus", 0.35),
        ("Which ticket price of the bus gives it 35 %?", "ticket_price.bus", "bus", 0.35),
        ("What bus fare gives the train 40 %?", "ticket_price.bus", "train", 0.4),
        ("At what fare does the train reach a share of 20 percent?", "ticket_price.train", "train",
         0.2),
        ("What price gives the bus a quarter?", "ticket_price.bus", "bus", 0.25),
        ("Which travel time would the train need to get 30 %?", "travel_time.train", "train", 0.3),
    ],
)  # fmt: skip
def test_a_question_for_a_value(
    question: str, variable: str, alternative: str, share: float
) -> None:
    assert not compile_question(question, TRAVEL).ok
    found = find_goal(question, TRAVEL)
    assert found is not None
    assert (found.variable.name, found.alternative, found.share) == (variable, alternative, share)
    assert found.lower < found.upper


def test_for_whom_is_kept() -> None:
    found = find_goal("What fare gives the bus 35 % among commuters in the north?", TRAVEL)
    assert found is not None
    assert found.scope == Scope(regions=("north",), segments=("commuter",))


def test_a_parameter_needs_the_alternative_that_is_meant() -> None:
    found = find_goal("Which conformity gives heat pumps 10 %?", HEATING)
    assert found is not None
    assert (found.variable.name, found.alternative) == ("conformity", "hp")
    assert (found.lower, found.upper) == (0.0, 3.0)
    assert find_goal("Which conformity gives 10 %?", HEATING) is None


@pytest.mark.parametrize(
    "question",
    [
        "What if the bus fare falls by 35 %?",
        "What happens if the bus gets 35 % cheaper?",
        "What fare gives the bus 35 % or 40 %?",
        "What fare gives the bus 120 %?",
        "What fare gives the bus 35 riders?",
        "What fare gives neither the bus nor the train 35 %?",
        "What fare gives the tram 35 %?",
        "What gives the bus 35 %?",
        "What share does the bus have?",
        "Which fare gives the bus 35 % from week 6?",
        "Give the bus 35 %",
        "What fare does not give the bus 35 %?",
        "What fare gives the bus, the train and the car 35 %?",
    ],
)
def test_what_seeks_nothing_or_says_more(question: str) -> None:
    assert find_goal(question, TRAVEL) is None


class _Payers:
    def count(self, scope: Scope) -> int:
        return 1

    def values(self, variable: str, scope: Scope) -> tuple[float, float]:
        return 20.0, 60.0

    def without_choice(self, scripts: tuple[EventScript, ...]) -> int:
        return 0


def test_a_price_is_sought_up_to_twice_what_is_paid_today() -> None:
    found = find_goal("What fare gives the bus 35 %?", replace(TRAVEL, people=_Payers()))
    assert found is not None
    assert (found.lower, found.upper) == (0.0, 120.0)
