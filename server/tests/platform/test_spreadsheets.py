"""A cell of an exported file is text, whatever somebody wrote into it."""

import pytest

from agentverse.platform.spreadsheets import escape_formula


@pytest.mark.parametrize(
    "start", [*"=+-@", *"＝＋－＠", "\t", "\r", "\n", "  =", "\u00a0=", "\ufeff=", " \ufeff@"]
)
def test_escape_formula_puts_an_apostrophe_before_a_formula_alone(start: str) -> None:
    assert escape_formula(f"{start}1+1") == f"'{start}1+1"
    assert escape_formula(f"a{start}") == f"a{start}"
    assert escape_formula("") == ""
