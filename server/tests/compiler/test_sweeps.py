"""Several values in one question become a question for each, and nothing else does."""

import pytest
from compiler_vocabularies import adoption_vocabulary, travel_vocabulary

from agentverse.compiler import compile_question, find_sweep

TRAVEL = travel_vocabulary()


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("What if the bus fare is $5, $6 or $7?", [5, 6, 7]),
        ("What if the bus costs $5 or $6?", [5, 6]),
        ("What if the ticket price of the bus is set to $5, $6 … $9?", [5, 6, 7, 8, 9]),
        ("What if the bus fare is at $5, $6, ..., $9?", [5, 6, 7, 8, 9]),
        ("What if the bus fare is $5, 5.50, 6 and 6.50 in the north?", [5, 5.5, 6, 6.5]),
        ("What if the bus fare is set to 5, 10 and 15 USD?", [5, 10, 15]),
        ("What if the bus fare falls by 10, 20 or 30 %?", [0.9, 0.8, 0.7]),
        ("What if the bus fare falls by 10 %, 20 % or 30 % from week 6?", [0.9, 0.8, 0.7]),
    ],
)
def test_each_value_is_a_question_that_runs(question: str, values: list[float]) -> None:
    assert not compile_question(question, TRAVEL).ok
    found = find_sweep(question, TRAVEL)
    assert [one.event_scripts[0].value for one in found] == pytest.approx(values)
    assert {one.event_scripts[0].variable for one in found} == {"ticket_price.bus"}
    for one in found:
        assert compile_question(one.question, TRAVEL).event_scripts == one.event_scripts


@pytest.mark.parametrize(
    "question",
    [
        "What if the bus fare is $5?",
        "What if the bus fare is $5 and the train fare is $6?",
        "What if the bus, the train and the car cost $5, $6 and $7 respectively?",
        "What if the bus fare is $5 and $6?",
        "What if the bus fare falls by 10 % in weeks 5, 6 and 7?",
        "What if the bus fare is $5, 6 minutes or 7?",
        "What if the bus fare is $5, $5 or $5?",
        "What if the bus fare is $5, $6 … $9.50?",
        "What if the bus fare is $1, $2 … $20?",
        "What if the tram costs $5, $6 or $7?",
        "What if the bus does not cost $5, $6 or $7?",
    ],
)
def test_what_is_no_sweep(question: str) -> None:
    assert find_sweep(question, TRAVEL) == ()


def test_a_parameter_is_swept_too() -> None:
    found = find_sweep("What if abandonment is set to 0.1, 0.2 or 0.3?", adoption_vocabulary())
    assert [one.event_scripts[0].value for one in found] == [0.1, 0.2, 0.3]
