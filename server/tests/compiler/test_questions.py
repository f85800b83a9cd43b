"""What a compilation carries beside its scripts, and which texts are refused unread."""

import pytest
from compiler_vocabularies import heating_vocabulary, travel_vocabulary

from agentverse.compiler import (
    Alternative,
    Family,
    QuestionEmpty,
    QuestionTooLong,
    QuestionUnreadable,
    Vocabulary,
    compile_question,
)
from agentverse_engine.inputs.script_checks import validate_scripts
from agentverse_engine.inputs.variables import Variable

HEATING = heating_vocabulary()


def test_compile_question_empty_is_refused() -> None:
    with pytest.raises(QuestionEmpty, match="What if the price falls"):
        compile_question(" \n ", HEATING)


def test_compile_question_of_ten_thousand_characters_is_refused() -> None:
    with pytest.raises(QuestionTooLong, match="at most 2,000"):
        compile_question("heat pumps " * 1000, HEATING)


def test_compile_question_of_two_thousand_characters_is_read() -> None:
    question = "heat pumps 30% cheaper" + " " * 1978

    assert compile_question(question, HEATING).ok


@pytest.mark.parametrize("text", ["\x00\x01", "???", "\u200b\u200d", "…—"])
def test_compile_question_without_words_is_refused(text: str) -> None:
    with pytest.raises(QuestionUnreadable):
        compile_question(text, HEATING)


def test_compile_question_understood_gives_sentence_text_and_script() -> None:
    question = "What if the installation cost of heat pumps falls by 30% from month 6?"

    compilation = compile_question(question, HEATING)

    (understood,) = compilation.understood
    assert understood.sentence == "installation cost of heat pump × 0.7 from month 6"
    assert understood.text == "the installation cost of heat pumps falls by 30% from month 6"
    assert question[understood.span[0] : understood.span[1]] == understood.text
    assert compilation.event_scripts[understood.script].label == understood.sentence
    assert compilation.ok
    assert compilation.compiler == "rule-based"


def test_compile_question_with_unknown_words_names_the_nearest_variables() -> None:
    compilation = compile_question("What if solar pump installation costs 30% less?", HEATING)

    (unmapped,) = compilation.unmapped
    assert not compilation.ok
    assert not compilation.event_scripts
    assert unmapped.nearest[0] == "installation_cost.hp"


def test_compile_question_partly_unknown_keeps_what_it_understood() -> None:
    question = "if interest rates rise 2% and heat pumps get 30% cheaper"

    compilation = compile_question(question, HEATING)

    assert len(compilation.event_scripts) == 1
    assert [part.text for part in compilation.unmapped] == ["interest rates rise 2%"]
    assert not compilation.ok


def test_compile_question_with_unknown_region_names_the_known_ones() -> None:
    compilation = compile_question("heat pumps 30% cheaper in Texas", HEATING)

    assert "Central Valley" in compilation.unmapped[0].message


def test_compile_question_beyond_horizon_names_the_horizon() -> None:
    compilation = compile_question("heat pumps 30% cheaper from month 40", HEATING)

    assert "36" in compilation.unmapped[0].message


def test_compile_question_with_default_reading_states_it() -> None:
    compilation = compile_question("heat pumps cost 30% less", HEATING)

    assert compilation.assumptions == ('read "cost" as installation cost',)


def test_compile_question_with_typo_states_the_correction() -> None:
    compilation = compile_question("instalation of heat pumps 30% cheaper", HEATING)

    assert 'read "instalation" as "installation"' in compilation.assumptions


def test_compile_question_contradicting_itself_gives_both_scripts() -> None:
    compilation = compile_question("heat pumps 30% cheaper and 20% dearer", HEATING)

    (contradiction,) = compilation.contradictions
    assert contradiction.variable == "installation_cost.hp"
    assert [script.value for script in contradiction.event_scripts] == [0.7, 1.2]
    assert not compilation.event_scripts
    assert not compilation.ok


@pytest.mark.parametrize(
    ("vocabulary", "question"),
    [
        (HEATING, "heat pumps free for the poor in the valley until month 36"),
        (HEATING, "conformity off and loss aversion off from month 3"),
        (travel_vocabulary(), "trains 10 minutes faster and 10% cheaper for tourists"),
    ],
)
def test_compile_question_gives_scripts_the_engine_accepts(
    vocabulary: Vocabulary, question: str
) -> None:
    compilation = compile_question(question, vocabulary)

    assert compilation.ok
    validate_scripts(
        compilation.event_scripts,
        variables=vocabulary.variables,
        segments=tuple(vocabulary.segments),
        regions=tuple(vocabulary.regions),
        horizon=vocabulary.horizon,
    )


@pytest.mark.parametrize(
    ("question", "assumption"),
    [
        ("What if installation costs fall 30%?", "no system named: read as all systems"),
        ("heat pumps 30% cheaper in month 6", 'read "in month 6" as that month only'),
        ("heat pumps 30% cheaper by month 12", 'read "by month 12" as from month 12'),
        (
            "cut heat pump prices by 20% in month 6 and by another 10% in month 12",
            'read "in month 6" as from then on',
        ),
        ("systems last 12 years", "read a life of 144 months as 1/144 per month"),
        ("give households $1000 towards a heat pump", 'read "give" as a subsidy'),
    ],
)
def test_compile_question_that_leaves_something_open_says_its_assumption(
    question: str, assumption: str
) -> None:
    compilation = compile_question(question, HEATING)

    assert compilation.ok
    assert assumption in compilation.assumptions


@pytest.mark.parametrize(
    "condition",
    ["if the state agrees", "only if gas gets dearer", "provided that oil falls", "if rates rise"],
)
def test_compile_question_that_hangs_on_a_condition_gives_no_script(condition: str) -> None:
    after = compile_question(f"heat pumps get 30% cheaper {condition}", HEATING)
    ahead = compile_question(f"{condition}, heat pumps get 30% cheaper", HEATING)

    assert not after.event_scripts
    assert not ahead.event_scripts


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What if the cost of the bus falls by 20%?", [("cost.bus", "multiply", 0.8)]),
        ("What if the train costs 20% more?", [("cost.train", "multiply", 1.2)]),
        ("What if the bus gets $5 cheaper?", [("cost.bus", "add", -5.0)]),
        ("What if the bus price falls by 5%?", [("cost.bus", "multiply", 0.95)]),
        ("What if trains are 20% faster?", [("travel_time.train", "multiply", 0.8)]),
    ],
)
@pytest.mark.parametrize("unit", ["currency", "USD"])
def test_compile_question_with_a_family_called_cost_reads_it(
    question: str, expected: list[tuple[str, str, float]], unit: str
) -> None:
    """What an import suggests for columns called cost.bus and travel_time.bus."""
    compiled = compile_question(question, _plain_vocabulary(unit))
    assert compiled.ok
    assert [(s.variable, s.operation, s.value) for s in compiled.event_scripts] == expected


def _plain_vocabulary(unit: str) -> Vocabulary:
    alternatives = ("bus", "train")
    families = {"cost": Family("cost", unit, ()), "travel_time": Family("travel time", "min", ())}
    return Vocabulary(
        variables=tuple(
            Variable(
                name=f"{name}.{alternative}",
                label=f"{family[0]} of {alternative}",
                unit=family[1],
                minimum=0.0,
                maximum=1e6,
                default=None,
                kind="attribute",
                family=name,
                alternative=alternative,
                moves=("new_installations",),
                source="survey",
            )
            for name, family in families.items()
            for alternative in alternatives
        ),
        alternatives={name: Alternative(name, ()) for name in alternatives},
        families=families,
        regions={},
        segments={},
        horizon=36,
        tick_unit="month",
    )
