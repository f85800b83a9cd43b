"""What a number rests on, told from template, variant and measure alone."""

import pytest

from agentverse.populations.schemas import DecisionMapping
from agentverse.runs.basis import basis_of
from agentverse.runs.schemas import BasisKind, RoleMapping, RunVariant, ShareKind
from agentverse.runs.selection import select_template

ASSUMED = DecisionMapping()


@pytest.mark.parametrize(
    ("variant", "metric", "options", "kind", "assumed"),
    [
        ("without_social_rules", "flow_share", {}, "data", []),
        ("without_social_rules", "stock_share", {}, "mixed", ["how often they choose"]),
        ("with_social_rules", "flow_share", {}, "mixed", ["conformity and loss aversion"]),
        (
            "without_social_rules",
            "flow_share",
            {"advertising": "on"},
            "mixed",
            ["how advertising moves a choice"],
        ),
    ],
)
def test_basis_of_choices_names_what_the_survey_does_not_say(
    variant: RunVariant,
    metric: ShareKind,
    options: dict[str, str],
    kind: BasisKind,
    assumed: list[str],
) -> None:
    selection = select_template("consumer_choice", options, None)
    found = basis_of(selection, variant=variant, decision=ASSUMED, metric=metric)
    assert (found.kind, found.assumed) == (kind, assumed)
    assert found.note.startswith("From the file: what people choose")


def test_basis_of_shares_that_the_project_gives_is_an_assumption() -> None:
    given = select_template("consumer_choice", {}, {"one": 1.0})
    found = basis_of(given, variant="without_social_rules", decision=ASSUMED, metric="stock_share")
    assert "what they have at the start" in found.assumed


def test_basis_without_the_file_is_illustrative_whatever_the_variant() -> None:
    selection = select_template("election", {}, None)
    for variant in ("with_social_rules", "without_social_rules"):
        found = basis_of(selection, variant=variant, decision=ASSUMED)
        assert found.is_illustrative
        assert found.assumed[0] == "the start (parties and abstention as frequent as each other)"


def test_share_of_states_that_no_column_says_is_illustrative_whatever_the_levels() -> None:
    income = RoleMapping(column="inc")
    selection = select_template("consumption", {}, None, {"income": income})
    kinds = [
        basis_of(selection, variant="with_social_rules", decision=ASSUMED, metric=metric).kind
        for metric in ("stock_share", None)
    ]
    assert kinds == ["assumptions", "mixed"]
