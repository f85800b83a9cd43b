"""What a number means for a variable: the right value, or refused with the way out; never
another value without a word."""

from dataclasses import replace

import pytest
from compiler_corpus import write
from compiler_vocabularies import pack_vocabularies

from agentverse.compiler import Compilation, Term, compile_question

TEMPLATES = pack_vocabularies()


def compiled(template: str, question: str) -> Compilation:
    return compile_question(question, TEMPLATES[template])


@pytest.mark.parametrize(
    ("template", "question", "script"),
    [
        ("consumption", "The interest rate is set to 4 %", "interest_rate =4"),
        ("consumption", "The interest rate is set to -1 %", "interest_rate =-1"),
        ("consumption", "A rate cut of 1", "interest_rate +-1"),
        ("consumption", "A rate hike of 25 bp", "interest_rate +0.25"),
        ("consumption", "raise the interest rate by 100 basis points", "interest_rate +1"),
        ("consumption", "the policy rate falls by half a percentage point", "interest_rate +-0.5"),
        ("consumption", "Incomes fall by 3 %", "income_change +-0.03"),
        ("consumption", "a stimulus of 5 %", "income_change +0.05"),
        ("contagion", "raise vaccination by 0.2 percentage points", "vaccination_rate +0.002"),
        ("contagion", "vaccination is set to 2 % a week", "vaccination_rate =0.00288194026"),
        ("contagion", "a lockdown of 30 %", "contact_reduction =0.3"),
        ("contagion", "contacts fall by half from day 14", "contact_reduction =0.5 @14.."),
        ("contagion", "people avoid 30% of their contacts", "contact_reduction =0.3"),
        ("contagion", "halve transmission for the first month", "infection_chance *0.5 @1..30"),
        ("opinion", "a campaign in favour of 3 contacts a week", "campaign_for =3"),
        ("opinion", "a campaign against with one contact a day", "campaign_against =7"),
        ("election", "the appeal of the left falls by 0.3", "appeal.left +-0.3"),
        ("adoption", "what if it gets 15% cheaper", "price *0.85"),
        ("adoption", "churn is 5 % a year", "abandonment =0.05"),
        ("adoption", "churn is 1 % a month", "abandonment =0.12"),
        ("adoption", "A subsidy of 20 %", "price *0.8"),
        ("opinion", "news coverage is set to 80 %", "coverage =0.8"),
        ("election", "peer influence falls by 20 %", "susceptibility *0.8"),
        ("opinion", "peer influence falls by 20 %", "susceptibility *0.8"),
        ("adoption", "peer influence falls by 20 %", "imitation *0.8"),
    ],
)  # fmt: skip
def test_compile_question_reads_a_number_by_the_kind_of_its_variable(
    template: str, question: str, script: str
) -> None:
    compilation = compiled(template, question)

    assert compilation.ok, compilation.unmapped
    assert [write(found) for found in compilation.event_scripts] == [script]


@pytest.mark.parametrize(
    ("template", "question", "code", "way_out"),
    [
        ("adoption", "A subsidy rises by 20 %", "policy_level", "price"),
        ("adoption", "The subsidy doubles", "policy_level", "price"),
        ("election", "Turnout rises by 10 %", "outcome", "appeal.abstain"),
        ("consumption", "the interest rate rises by 1 %", "amount_ambiguous", "1 percentage point"),
        ("consumption", "wages double", "amount_ambiguous", "by 100 %"),
        ("consumption", "the interest rate is set to 50 %", "out_of_range", "-5 to 30"),
        ("consumption", "confidence rises by 150 points", "out_of_range", "0 to 200"),
        ("contagion", "the recovery rate is 20 % faster", "direction_conflict", "rises or falls"),
        ("contagion", "the vaccination rate is set to 20", "out_of_range", "20 %, or 0.2"),
        ("adoption", "advertising is 20 % cheaper", "direction_conflict", "rises or falls"),
        ("adoption", "the price is set to 1", "nothing_changes", "now"),
        ("election", "peer pressure is seven times as strong", "out_of_range", "0 to 3"),
    ],
)
def test_compile_question_without_one_meaning_is_refused_with_the_way_out(
    template: str, question: str, code: str, way_out: str
) -> None:
    compilation = compiled(template, question)

    assert not compilation.event_scripts
    assert [part.code for part in compilation.unmapped] == [code]
    assert way_out in compilation.unmapped[0].message


@pytest.mark.parametrize(
    ("template", "name"),
    [
        (template, variable.name)
        for template, vocabulary in TEMPLATES.items()
        for variable in vocabulary.variables
        if variable.default == 0
    ],
)
@pytest.mark.parametrize("change", ["rises by 20 %", "doubles", "is halved", "is set to 0"])
def test_compile_question_of_a_part_of_nothing_never_runs_without_a_change(
    template: str, name: str, change: str
) -> None:
    vocabulary = TEMPLATES[template]
    variable = vocabulary.variable(name)
    assert variable is not None

    compilation = compile_question(f"{variable.label} {change}", vocabulary)

    assert all(s.operation == "add" and s.value for s in compilation.event_scripts)


def test_compile_question_on_what_a_branch_already_changed_does_not_judge_by_the_default() -> None:
    vocabulary = replace(TEMPLATES["adoption"], changed=frozenset({"advertising"}))

    assert compile_question("advertising rises by 20 %", vocabulary).ok


def test_compile_question_of_two_steps_of_one_variable_judges_them_together() -> None:
    compilation = compiled(
        "adoption", "advertising is set to 100 until month 6 and rises by 20 % from month 7"
    )

    assert "nothing_changes" not in [part.code for part in compilation.unmapped]


TOWNS = ("Munster", "Münster", "Essen", "Hessen", "Essex", "Bonn", "Born")


@pytest.mark.parametrize("town", TOWNS)
def test_compile_question_of_names_a_letter_or_an_accent_apart_never_swaps_them(town: str) -> None:
    places = {f"place_{number}": Term(name) for number, name in enumerate(TOWNS)}
    vocabulary = replace(TEMPLATES["adoption"], regions=places)

    compilation = compile_question(f"the price falls by 10 % in {town}", vocabulary)

    assert compilation.ok, compilation.unmapped
    assert compilation.event_scripts[0].scope.regions == (f"place_{TOWNS.index(town)}",)


@pytest.mark.parametrize("town", TOWNS)
def test_compile_question_of_a_place_next_to_a_known_one_by_name_never_runs_there(
    town: str,
) -> None:
    """Without its own entry a name is asked about; only a missing accent is read as the name."""
    others = {name.lower(): Term(name) for name in TOWNS if name != town}
    vocabulary = replace(TEMPLATES["adoption"], regions=others)

    compilation = compile_question(f"the price falls by 10 % in {town}", vocabulary)

    expected = {"Munster": ("münster",)}.get(town)
    assert [s.scope.regions for s in compilation.event_scripts] == ([expected] if expected else [])


def test_project_without_attributes_never_lists_them() -> None:
    question = "the right campaigns with 2 contacts per week from week 10"
    for part in compile_question(question, TEMPLATES["election"]).unmapped:
        assert ": ." not in part.message
