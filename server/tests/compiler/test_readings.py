"""A model's answer becomes scripts only of names of the project and of what the question says."""

import json
from typing import Any

import jsonschema_rs
import pytest
from compiler_corpus import write
from compiler_vocabularies import heating_vocabulary, pack_vocabularies
from hypothesis import given
from hypothesis import strategies as st

from agentverse.compiler import (
    Compilation,
    ReadingRefused,
    Vocabulary,
    answer_schema,
    compile_question,
    compile_reading,
    instructions,
)

HEATING = heating_vocabulary()
QUESTION = (
    "Suppose getting a heat pump put in came out a third below what folks pay today in the valley, "
    "starting month 6, and nothing else moved for the other 2 fuels"
)


def change(**fields: Any) -> dict[str, Any]:
    """The right reading of QUESTION, less what a test gets wrong."""
    return {
        "words": "getting a heat pump put in came out a third below what folks pay today",
        "variable": "installation_cost.hp",
        "mode": "scale",
        "direction": "down",
        "amount": "a third",
        "of_today": False,
        "when": ["starting month 6"],
        "who": "in the valley",
        "regions": ["valley"],
        "segments": [],
        **fields,
    }


def answer(*changes: dict[str, Any], left_out: tuple[str, ...] = ()) -> str:
    return json.dumps({"changes": list(changes), "left_out": list(left_out)})


def read(text: str, question: str = QUESTION, vocabulary: Vocabulary = HEATING) -> Compilation:
    return compile_reading(question, text, vocabulary)


def test_reading_of_what_the_rules_leave_open_becomes_scripts() -> None:
    assert not compile_question(QUESTION, HEATING).ok
    found = read(answer(change()))
    assert [write(script) for script in found.event_scripts] == [
        "ic.hp *0.6666666667 @6.. in valley"
    ]
    (understood,) = found.understood
    assert QUESTION[slice(*understood.span)] == change()["words"]
    assert found.compiler == "language model"
    assert "left out: “2”" in found.assumptions


def test_reading_that_fits_the_schema_is_what_is_parsed() -> None:
    schema = jsonschema_rs.validator_for(answer_schema(HEATING))
    assert schema.is_valid(json.loads(answer(change())))
    for wrong in ({"variable": "price.bread"}, {"mode": "divide"}, {"regions": ["nowhere"]}):
        assert not schema.is_valid(json.loads(answer(change(**wrong))))


def test_instructions_name_every_variable_and_group_with_its_words() -> None:
    told = instructions(HEATING)
    assert all(f"- {variable.name}: " in told for variable in HEATING.variables)
    assert "- valley: " in told
    assert "month 36" in told


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"amount": "40 %"}, "does not say “40 %”"),
        ({"amount": "folks pay"}, "no amount that can be read"),
        ({"amount": "a third below what folks pay today in the valley, starting month 6, and "
          "nothing else moved for the other 2 fuels"}, "more than one amount"),
        ({"amount": ""}, "does not say"),
        ({"amount": 0.4}, "must be a text"),
        ({"variable": "price.bread"}, "is no variable of this project"),
        ({"variable": "operating_cost.zz"}, "is no variable of this project"),
        ({"when": ["from month 9"]}, "does not say “from month 9”"),
        ({"when": ["today"]}, "no time that can be counted"),
        ({"regions": ["coast of another project"]}, "is not among the regions"),
        ({"who": "", "regions": ["valley"]}, "need the words"),
        ({"who": "for pensioners"}, "does not say “for pensioners”"),
        ({"who": "in the valley", "regions": []}, "names no region"),
        ({"words": "heat pumps get cheaper"}, "does not say"),
        ({"direction": "none"}, "up or down"),
        ({"mode": "shift"}, "goes with the mode"),
        ({"mode": "points"}, "goes with the mode"),
        ({"mode": "floor"}, "goes with the mode"),
        ({"mode": "remove"}, "has no amount"),
        ({"mode": "remove", "amount": ""}, "cannot be switched off"),
        ({"of_today": "yes"}, "true or false"),
        ({"value": 12}, "exactly these fields"),
    ],
)  # fmt: skip
def test_reading_that_says_what_the_question_does_not_is_refused(
    fields: dict[str, Any], why: str
) -> None:
    with pytest.raises(ReadingRefused, match=why):
        read(answer(change(**fields)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I think the cost falls by a third.",
        "```json\n" + answer(change()) + "\n```",
        answer(change())[:-20],
        "[]",
        "null",
        "[" * 5_000,
        '{"changes": []}',
        '{"changes": [3], "left_out": []}',
        '{"changes": {}, "left_out": []}',
        '{"changes": [], "left_out": [1]}',
        answer(*[change()] * 9),
        " " * 30_000,
    ],
)
def test_prose_and_cut_answers_are_refused(text: str) -> None:
    with pytest.raises(ReadingRefused):
        read(text)


@pytest.mark.parametrize(
    ("question", "amount", "script"),
    [
        ("Make the heat pump's bill at most $900", "900", "at most"),
        ("Make the heat pump's bill 30% lower", "30", "× 0.7"),
        ("Make the heat pump's bill 12.5% lower", "12", None),
        ("Make the heat pump's bill 12.5% lower", "5%", None),
        ("Make the heat pump's bill 130% lower", "30%", None),
    ],
)
def test_amount_is_read_where_it_stands_whatever_was_cut_off_it(
    question: str, amount: str, script: str | None
) -> None:
    """A quote without its unit, or of a part of a number, is not another amount."""
    given = change(
        words="heat pump's bill",
        variable="operating_cost.hp",
        mode="cap" if "most" in question else "scale",
        amount=amount,
        when=[],
        who="",
        regions=[],
    )
    if script is None:
        with pytest.raises(ReadingRefused):
            read(answer(given), question)
        return
    (found,) = read(answer(given), question).event_scripts
    assert script in found.label
    assert found.value in (900, 0.7)


def test_reading_of_nothing_has_no_scripts_and_is_not_ok() -> None:
    found = read(answer(left_out=("nothing else moved",)))
    assert not found.event_scripts
    assert not found.ok


def test_two_changes_that_cannot_both_hold_are_refused() -> None:
    with pytest.raises(ReadingRefused, match="cannot both hold"):
        read(answer(change(), change(direction="up")))


def test_time_beyond_the_horizon_is_refused() -> None:
    question = QUESTION.replace("month 6", "month 60")
    with pytest.raises(ReadingRefused, match="beyond the horizon"):
        read(answer(change(when=["starting month 60"])), question)


TEXTS = st.sampled_from(
    ["", "a third", "30%", "2", "month 6", "starting month 6", "in the valley", "half", "$1e9"]
) | st.text(max_size=12)
LIES = st.fixed_dictionaries(
    {
        "words": TEXTS,
        "variable": st.sampled_from([v.name for v in HEATING.variables]) | TEXTS,
        "mode": st.sampled_from(["set", "scale", "points", "shift", "floor", "cap", "remove", "?"]),
        "direction": st.sampled_from(["up", "down", "none", ""]),
        "amount": TEXTS,
        "of_today": st.booleans(),
        "when": st.lists(TEXTS, max_size=2),
        "who": TEXTS,
        "regions": st.lists(st.sampled_from(["valley", "moon"]), max_size=2),
        "segments": st.lists(TEXTS, max_size=1),
    }
)


@given(st.lists(LIES, min_size=1, max_size=2))
def test_no_lie_makes_a_number_that_the_question_does_not_say(lies: list[dict[str, Any]]) -> None:
    try:
        found = read(answer(*lies))
    except ReadingRefused:
        return
    # What QUESTION can say: a third down or up, to a third, or the lone 2; from month 6 or always.
    spoken = {2 / 3, 4 / 3, 1 / 3, 2.0, -2.0, 0.02}
    for script in found.event_scripts:
        variable = HEATING.variable(script.variable)
        assert variable is not None
        said = any(abs(script.value - value) < 1e-6 for value in spoken)
        assert said or script.value == variable.minimum, script
        assert (script.scope.start_tick, script.scope.end_tick) in {(0, None), (6, None)}


@pytest.mark.parametrize("name", sorted(pack_vocabularies()))
def test_schema_of_every_template_is_a_schema(name: str) -> None:
    jsonschema_rs.meta.validate(answer_schema(pack_vocabularies()[name]))
