"""Whatever is asked: only known names, finite values, ticks within the horizon, no invention."""

import math

from compiler_vocabularies import heating_vocabulary, travel_vocabulary
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.compiler import Compilation, Vocabulary, compile_question

HEATING = heating_vocabulary()
TRAVEL = travel_vocabulary()
TARGETS = ["heat pumps", "gas", "central", "installation", "run", "conformity", "cost", "trains"]
CHANGES = ["cheaper", "dearer", "cut", "raise", "subsidy", "tax", "double", "free", "off", "set"]
AMOUNTS = ["30%", "-15 %", "$400", "a fifth", "half", "12", "200 percent", "$1,200", "by", "to"]
TIMES = ["from month 6", "until", "month 40", "for a year", "after", "between month 6 and 12"]
SCOPES = ["in the valley", "for pensioners", "except", "low-income", "outside", "everyone"]
JOINTS = ["and", ",", "but", "if", "than", "not", "without", ".", "?", "respectively", "others"]
QUIET = ["the", "of", "what", "people", "share", "win", "a bit", "banana", "every year", "they"]
WORDS = st.sampled_from(TARGETS + CHANGES + AMOUNTS + TIMES + SCOPES + JOINTS + QUIET)
SALAD = (
    st.lists(WORDS, min_size=1, max_size=14)
    .map(" ".join)
    .filter(lambda text: any(c.isalnum() for c in text))
)


def _assert_sound(compilation: Compilation, vocabulary: Vocabulary) -> None:
    for script in compilation.event_scripts:
        scope = script.scope
        assert vocabulary.variable(script.variable)
        assert math.isfinite(script.value)
        assert script.operation != "multiply" or script.value >= 0
        assert set(scope.regions) <= set(vocabulary.regions)
        assert set(scope.segments) <= set(vocabulary.segments)
        assert 0 <= scope.start_tick <= vocabulary.horizon
        assert scope.end_tick is None or scope.start_tick <= scope.end_tick <= vocabulary.horizon
    assert (
        compilation.ok
        or compilation.unmapped
        or compilation.contradictions
        or (not compilation.event_scripts)
    )


@settings(max_examples=60, deadline=None)
@given(SALAD)
def test_compile_question_of_word_salad_is_sound(text: str) -> None:
    _assert_sound(compile_question(text, HEATING), HEATING)
    _assert_sound(compile_question(text, TRAVEL), TRAVEL)


@settings(max_examples=80, deadline=None)
@given(st.text(min_size=1, max_size=80).filter(lambda text: any(c.isalpha() for c in text)))
def test_compile_question_of_any_text_never_fails(text: str) -> None:
    _assert_sound(compile_question(text, HEATING), HEATING)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(TARGETS + CHANGES[:6] + SCOPES + TIMES), max_size=10).map(" ".join))
def test_compile_question_without_an_amount_gives_no_cost_script(text: str) -> None:
    compilation = compile_question(f"what if {text}", HEATING)

    assert not [s for s in compilation.event_scripts if "cost" in s.variable]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(AMOUNTS + CHANGES + TIMES + SCOPES), max_size=10).map(" ".join))
def test_compile_question_without_a_target_gives_no_script(text: str) -> None:
    assert not compile_question(f"what if {text}", HEATING).event_scripts


@settings(max_examples=80, deadline=None)
@given(SALAD, st.sampled_from(["rebels", "quinoa", "interest rates", "pellet stoves"]))
def test_compile_question_with_a_foreign_body_is_never_ok(text: str, alien: str) -> None:
    assert not compile_question(f"{text} {alien} rise 5% {text}", HEATING).ok


@settings(max_examples=60, deadline=None)
@given(
    share=st.integers(1, 99),
    start=st.integers(1, 36),
    template=st.sampled_from(
        [
            "What if heat pumps get {}% cheaper from month {}?",
            "from month {1}, the installation cost of heat pumps falls by {0} percent",
            "Cut the price of heat pumps by {} % starting in month {}",
            "a rebate of {} per cent on heat pumps as of month {}",
            "{}% off heat pumps, from month {} on",
        ]
    ),
)
def test_compile_question_reworded_gives_the_same_script(
    share: int, start: int, template: str
) -> None:
    compilation = compile_question(template.format(share, start), HEATING)

    (script,) = compilation.event_scripts
    assert compilation.ok
    assert script.variable == "installation_cost.hp"
    assert script.operation == "multiply"
    assert script.value == (100 - share) / 100
    assert script.scope.start_tick == start
