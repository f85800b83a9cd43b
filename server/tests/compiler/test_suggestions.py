"""A question that does not run is answered with questions that do."""

import pytest
from compiler_corpus import write
from compiler_vocabularies import pack_vocabularies

from agentverse.compiler import compile_question, suggest

TEMPLATES = pack_vocabularies()


def suggested(template: str, question: str) -> list[list[str]]:
    vocabulary = TEMPLATES[template]
    offered = suggest(question, compile_question(question, vocabulary), vocabulary)
    for one in offered:
        assert compile_question(one.question, vocabulary).event_scripts == one.event_scripts
    return [[write(script) for script in one.event_scripts] for one in offered]


def test_suggest_of_two_readings_offers_both_of_them() -> None:
    offered = suggested("consumption", "the interest rate rises by 1 % in quarter 3")

    assert ["interest_rate +1 @3..3"] in offered


def test_suggest_of_an_outcome_offers_what_moves_it_both_ways() -> None:
    offered = suggested("election", "Turnout rises by 10 % from week 5")

    assert ["appeal.abstain *1.1 @5.."] in offered


def test_suggest_of_talk_around_a_change_offers_the_change() -> None:
    offered = suggested("adoption", "our board met last week and the price falls by 10 %")

    assert offered[0] == ["price *0.9"]


def test_suggest_of_what_runs_offers_nothing() -> None:
    assert suggested("adoption", "the price falls by 10 %") == []


def test_suggest_of_an_outcome_names_both_directions_and_no_value() -> None:
    vocabulary = TEMPLATES["election"]
    question = "Turnout rises by 10 %"
    offered = suggest(question, compile_question(question, vocabulary), vocabulary)

    assert {"falls" in one.question for one in offered} == {True, False}
    assert not any("is set to" in one.question for one in offered)


@pytest.mark.parametrize(
    ("question", "offered"),
    [
        ("persuasion is twice as effective", "persuasion_rate *2"),
        ("our persuasion halves somehow", "persuasion_rate *0.5"),
        ("yawning persuasion falls by a factor of two", "persuasion_rate *0.5"),
    ],
)
def test_suggest_of_a_factor_offers_the_factor_alone(question: str, offered: str) -> None:
    vocabulary = TEMPLATES["election"]
    found = suggest(question, compile_question(question, vocabulary), vocabulary)

    first = found[0]
    assert [write(script) for script in first.event_scripts] == [offered]
    assert " is multiplied by " in first.question
    assert not any("by twice" in one.question or "set to twice" in one.question for one in found)
