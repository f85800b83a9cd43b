"""Work is bounded by the length of a question: counted in calls, never in seconds."""

import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

import pytest
from compiler_vocabularies import heating_vocabulary
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentverse.compiler import MAXIMUM_CHARACTERS, QuestionRefused, compile_question
from agentverse.compiler.errors import QuestionUnreadable
from agentverse.compiler.lexicon import LEXICON
from agentverse.compiler.steps import MOST_STEPS, StepBudget

HEATING = heating_vocabulary()
OWN_WORDS = (
    "heat pumps|gas|central|room heaters|installation cost|all systems|everything|low income"
)
JOINTS = "and|or|,|&|, and|.|if|but|not|than|in the|from month 6 to|one hundred|a|30%|$5|-|x"
WORDS = sorted({*OWN_WORDS.split("|"), *JOINTS.split("|"), *(" ".join(key) for key in LEXICON)})
MIXES = st.lists(st.sampled_from(WORDS) | st.text(min_size=1, max_size=6), min_size=1, max_size=8)


class TooMuchWork(Exception):
    """More calls than the bound; raised in the middle, for the work may never end."""


def most_calls(question: str) -> int:
    """The polynomial that every question stays under."""
    length = len(question)
    return 150_000 + 2_500 * length + length**2


@contextmanager
def bounded_calls(most: int) -> Generator[None]:
    made = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")
        if made > most:
            sys.setprofile(None)
            raise TooMuchWork(f"more than {most:,} calls")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


def read(question: str) -> None:
    with bounded_calls(most_calls(question)), suppress(QuestionRefused):
        compile_question(question, HEATING)


@settings(max_examples=60, deadline=None)
@given(MIXES, st.sampled_from([" ", ", ", ". ", " and "]), st.integers(1, 60))
@example(["and"], " ", 60)
@example(["gas"], ", ", 60)
def test_compile_question_of_any_mix_stays_under_a_polynomial(
    words: list[str], joint: str, times: int
) -> None:
    read(joint.join(words * times)[:400])


@pytest.mark.parametrize(
    "words",
    ["and ", "gas, ", "a,", "low and middle income ", "e", "one hundred ", "from month 6 to ",
     "all systems cost 5% less, ", "everything 5% cheaper. ", "banana if "],
)  # fmt: skip
def test_compile_question_of_the_greatest_length_stays_under_the_polynomial(words: str) -> None:
    read((words * MAXIMUM_CHARACTERS)[:MAXIMUM_CHARACTERS])


def test_compile_question_beyond_its_budget_is_unreadable() -> None:
    with pytest.raises(QuestionUnreadable, match="fewer changes"):
        compile_question("What if gas costs 5% more?", HEATING, budget=StepBudget(limit=100))


def test_compile_question_spends_steps_of_its_budget() -> None:
    budget = StepBudget()

    compile_question("What if gas costs 5% more?", HEATING, budget=budget)

    assert 0 < budget.spent < MOST_STEPS / 100


def test_compile_question_of_contradictions_without_end_is_unreadable() -> None:
    changes = [f"heat pumps cost ${price}" for price in range(1_000, 1_070)]
    question = " and ".join(changes)

    with pytest.raises(QuestionUnreadable, match="fewer changes"):
        compile_question(question, HEATING)
