"""Tables of questions in many people's words, each with exactly what has to come out."""

import pytest
from compiler_corpus import Case, outcome, read_cases
from compiler_vocabularies import (
    adoption_vocabulary,
    election_vocabulary,
    heating_vocabulary,
    travel_vocabulary,
)

from agentverse.compiler import compile_question

HEATING = heating_vocabulary()
TRAVEL = travel_vocabulary()
ADOPTION = adoption_vocabulary()
ELECTION = election_vocabulary()


@pytest.mark.parametrize("case", read_cases("heating.txt"), ids=lambda case: case.question)
def test_compile_question_about_heating_gives_the_expected_scripts(case: Case) -> None:
    assert outcome(case.question, compile_question(case.question, HEATING)) == case


@pytest.mark.parametrize(
    "case",
    read_cases("holdout.txt") + read_cases("holdout_second.txt") + read_cases("review.txt"),
    ids=lambda case: case.question,
)
def test_compile_question_held_out_gives_the_expected_scripts(case: Case) -> None:
    assert outcome(case.question, compile_question(case.question, HEATING)) == case


@pytest.mark.parametrize("case", read_cases("travel.txt"), ids=lambda case: case.question)
def test_compile_question_about_travel_gives_the_expected_scripts(case: Case) -> None:
    assert outcome(case.question, compile_question(case.question, TRAVEL)) == case


@pytest.mark.parametrize("case", read_cases("adoption.txt"), ids=lambda case: case.question)
def test_compile_question_about_thresholds_gives_the_expected_scripts(case: Case) -> None:
    assert outcome(case.question, compile_question(case.question, ADOPTION)) == case


@pytest.mark.parametrize("case", read_cases("election.txt"), ids=lambda case: case.question)
def test_compile_question_about_an_election_gives_the_expected_scripts(case: Case) -> None:
    assert outcome(case.question, compile_question(case.question, ELECTION)) == case


@pytest.mark.parametrize("case", read_cases("heating.txt"), ids=lambda case: case.question)
def test_compile_question_reworded_in_case_and_space_gives_the_same(case: Case) -> None:
    reworded = "  " + case.question.upper().replace(" ", "  ") + "  "

    result = outcome(case.question, compile_question(reworded, HEATING))

    assert result == case
