"""How a column of the file is read as a role, where its values say it and where they do not."""

import numpy as np
import pytest

from agentverse.runs import role_columns
from agentverse.runs.errors import RoleInvalid
from agentverse.runs.role_columns import HeldColumn
from agentverse.runs.template_roles import MONEY, OPINION, TakenRole

INCOME = MONEY[0]


def words(*labels: str, ordered: bool = False) -> HeldColumn:
    codes = np.arange(len(labels), dtype=np.int64)
    return HeldColumn(
        name="column", numbers=None, codes=codes, values=labels, labels=labels, ordered=ordered
    )


def amounts(*numbers: float) -> HeldColumn:
    return HeldColumn(
        name="inc",
        numbers=np.array(numbers),
        codes=np.full(len(numbers), -1),
        values=(),
        labels=(),
    )


@pytest.mark.parametrize(
    ("column", "stances"),
    [
        (words("agree", "neither", "disagree"), ["for", "undecided", "against"]),
        (words("Against it", "For it", "Unsure"), ["against", "for", "undecided"]),
        (words("low", "middle", "high", ordered=True), ["against", "undecided", "for"]),
    ],
)
def test_stances_are_read_from_words_or_from_an_order(
    column: HeldColumn, stances: list[str]
) -> None:
    taken = role_columns.taken_of(OPINION, column)
    assert taken is not None
    assert [item.state for item in taken.states] == stances


@pytest.mark.parametrize(
    "column",
    [
        words("About Right", "Too Little", "Too Much"),
        words("agree", "agree a lot", "disagree"),
        words("1 never", "2", "3", "4", "5 always", ordered=True),
    ],
)
def test_words_that_say_nothing_of_a_stance_are_not_guessed(column: HeldColumn) -> None:
    assert role_columns.fits(OPINION, column)
    assert role_columns.taken_of(OPINION, column) is None
    with pytest.raises(RoleInvalid, match="say what at least two of its values mean"):
        role_columns.check_role(TakenRole(role="opinion", column="column"), OPINION, column)


def test_amounts_in_thousands_are_offered_and_say_how_to_be_read() -> None:
    column = amounts(*(float(value) for value in range(5, 60)))
    assert role_columns.fits(INCOME, column)
    with pytest.raises(RoleInvalid, match="multiplied by 1000"):
        role_columns.check_role(TakenRole(role="income", column="inc"), INCOME, column)
    role_columns.check_role(TakenRole(role="income", column="inc", times=250.0), INCOME, column)


def test_debts_are_no_missing_answers() -> None:
    wealth = MONEY[2]
    column = amounts(-4_000.0, np.nan, 8_000.0)
    level = role_columns.level_of(TakenRole(role="wealth", column="inc"), column, wealth)
    assert level.tolist() == [0.0, 8_000.0, 8_000.0]
