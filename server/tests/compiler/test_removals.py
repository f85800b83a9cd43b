"""Words that take an alternative away, and those that only look like it."""

from dataclasses import replace

import pytest
from compiler_vocabularies import election_vocabulary, travel_vocabulary

from agentverse.compiler import Vocabulary, compile_question, wording
from agentverse_engine.packs.availability_variables import availability_variables


def _removable(vocabulary: Vocabulary) -> Vocabulary:
    labels = {name: words[0] for name, words in vocabulary.alternatives.items()}
    offer = availability_variables(labels, tuple(labels))
    return replace(vocabulary, variables=(*vocabulary.variables, *offer))


Gone = dict[str, tuple[int, int | None, tuple[str, ...], tuple[str, ...]]]
TRAVEL = _removable(travel_vocabulary())
ELECTION = _removable(election_vocabulary())


def _read(question: str, vocabulary: Vocabulary) -> Gone:
    compiled = compile_question(question, vocabulary)
    assert compiled.ok, compiled.unmapped
    assert all(s.operation == "set" and s.value == 0 for s in compiled.event_scripts)
    return {
        s.variable.removeprefix("availability."): (
            s.scope.start_tick,
            s.scope.end_tick,
            s.scope.regions,
            s.scope.segments,
        )
        for s in compiled.event_scripts
    }


ALWAYS = (0, None, (), ())


@pytest.mark.parametrize(
    ("question", "gone"),
    [
        ("What if we ban cars?", {"car": ALWAYS}),
        ("what if cars are banned", {"car": ALWAYS}),
        ("What happens if the train is removed?", {"train": ALWAYS}),
        ("What if there were no buses?", {"bus": ALWAYS}),
        ("a world without flights", {"air": ALWAYS}),
        ("The train closes in week 6", {"train": (6, None, (), ())}),
        ("What if the train shuts down from week 6 to week 10?", {"train": (6, 10, (), ())}),
        ("ban cars in the inner city", {"car": (0, None, ("city",), ())}),
        (
            "What if cars are no longer available for tourists?",
            {"car": (0, None, (), ("tourist",))},
        ),
        ("ban cars and buses", {"car": ALWAYS, "bus": ALWAYS}),
        ("The car and the bus are discontinued", {"car": ALWAYS, "bus": ALWAYS}),
        ("ban everything except the train", {"car": ALWAYS, "bus": ALWAYS, "air": ALWAYS}),
        ("What if driving is prohibited after week 10?", {"car": (11, None, (), ())}),
    ],
)
def test_what_takes_an_alternative_away(question: str, gone: Gone) -> None:
    assert _read(question, TRAVEL) == gone


@pytest.mark.parametrize(
    ("question", "gone"),
    [
        ("The centre drops out of the race in week 6", {"centre": (6, None, (), ())}),
        ("What if the left withdraws from the election?", {"left": ALWAYS}),
        ("What if the right leaves the race after week 4?", {"right": (5, None, (), ())}),
    ],
)
def test_a_party_drops_out(question: str, gone: Gone) -> None:
    assert _read(question, ELECTION) == gone


@pytest.mark.parametrize(
    "question",
    [
        "What if we do not ban cars?",
        "What if cars are not banned?",
        "ban cars or buses",
        "ban old cars",
        "ban train buses",
        "cars shut down the train",
        "the bus closes in on the train",
        "the train bus closes in week 6",
        "ban trucks",
        "What if we ban car advertising?",
        "remove the tax on cars",
        "remove the subsidy for buses",
        "eliminate bus fares",
        "ban cars by 20 %",
        "ban half of the cars",
        "What if nobody bans cars?",
        "no cars cost less",
        "no change for buses",
        "what if the pier closes",
        "ban it",
        "unless cars are banned",
        "the price of the bus closes the gap",
        "What if some cars are banned?",
        "ban cars except for commuters",
        "The train gets $5 cheaper unless it closes",
    ],
)
def test_what_is_no_removal_runs_nothing(question: str) -> None:
    assert not compile_question(question, TRAVEL).ok


def test_a_ban_beside_another_change_keeps_both() -> None:
    compiled = compile_question("What if we ban cars and the bus fare falls by 20 %?", TRAVEL)
    assert compiled.ok
    assert [(s.variable, s.operation, s.value) for s in compiled.event_scripts] == [
        ("availability.car", "set", 0.0),
        ("ticket_price.bus", "multiply", 0.8),
    ]


def test_where_alternatives_cannot_be_removed_nothing_runs() -> None:
    assert not compile_question("What if we ban cars?", travel_vocabulary()).ok


def test_a_removal_is_told_in_plain_words() -> None:
    (script,) = compile_question("The train closes in week 6", TRAVEL).event_scripts
    variable = TRAVEL.variable(script.variable)
    assert variable is not None
    told = wording.sentence(script, variable, names={}, tick_unit="week", horizon=52)
    assert told == "train not available, for everyone, from week 6"
