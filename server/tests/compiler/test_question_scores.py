"""The evaluation's scorer: by values and not by syntax, with a price on what is wrong and runs."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "evaluation" / "questions"))
from evaluate import report
from question_files import Change, Question, read_questions
from question_scores import Score, Verdict, judge, penalty, wilson
from question_worlds import vocabulary_of

from agentverse.compiler import Compilation, Unmapped
from agentverse_engine.inputs.events import EventScript, Operation, Scope

WORLD = vocabulary_of("consumption")
RATE = Change(variable="interest rate that households face", mode="set", value=4.0)
MEANT = Question(
    id="t-1", text="rate to 4 %", template="consumption", expect="compile", changes=(RATE,)
)
REFUSED = replace(MEANT, id="t-2", expect="refuse", changes=())
GAP = (Unmapped(text="?", code="unclear", message=""),)


def rate(operation: Operation, value: float, start: int = 0) -> EventScript:
    scope = Scope(start_tick=start)
    return EventScript(variable="interest_rate", operation=operation, value=value, scope=scope)


def verdict(question: Question, *scripts: EventScript, offered: EventScript | None = None) -> str:
    compilation = Compilation(event_scripts=scripts, unmapped=() if scripts else GAP)
    suggested = [] if offered is None else [(offered,)]
    return judge(question, compilation, suggested, WORLD).verdict


@pytest.mark.parametrize(
    "script", [rate("set", 4.0), rate("add", 1.0), rate("multiply", 4 / 3), rate("set", 4.0, 1)]
)
def test_other_words_for_the_same_values_are_exact(script: EventScript) -> None:
    assert verdict(MEANT, script) == "exact"


@pytest.mark.parametrize(
    "script",
    [
        rate("set", 4.1),
        rate("multiply", 0.04),
        rate("set", 4.0, 2),
        replace(rate("set", 4.0), variable="neutral_rate"),
        replace(rate("set", 4.0), scope=Scope(segments=("low_income",))),
    ],
)
def test_other_values_groups_or_ticks_are_wrong_and_run(script: EventScript) -> None:
    assert verdict(MEANT, script) == "wrong and run"


def test_what_does_not_run_is_judged_by_what_is_offered_and_meant() -> None:
    assert verdict(MEANT, offered=rate("add", 1.0)) == "asked back"
    assert verdict(MEANT, offered=rate("add", 2.0)) == "refused wrongly"
    assert verdict(MEANT) == "refused wrongly"
    assert verdict(REFUSED) == "refused rightly"
    assert verdict(REFUSED, rate("set", 4.0)) == "wrong and run"


def test_a_wrong_answer_that_runs_costs_ten_right_ones() -> None:
    verdicts: tuple[Verdict, ...] = ("exact", "refused rightly", "asked back", "wrong and run")
    scores = [Score(question=MEANT, verdict=one) for one in verdicts]
    assert penalty(scores) == 1 + 1 + 0 - 10
    last = report(scores)[-1].split()
    assert last[:2] == ["all", "4"]
    assert last[-1] == "-8"


def test_wilson_is_the_published_interval() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_every_open_question_names_what_its_world_has() -> None:
    questions = read_questions()
    assert len(questions) > 500
    assert not any(question.sealed for question in questions)
    for template in sorted({question.template for question in questions}):
        own = [one for one in questions if one.template == template and one.changes]
        for question in own:
            judge(question, Compilation(unmapped=GAP), (), vocabulary_of(template))
