"""What every rule that ships with the engine has, so that the reference can be written from it."""

import inspect

import pytest

from agentverse_engine import rules
from agentverse_engine.reference.rules import EQUATIONS

SHIPPED = {
    name: rule for name in rules.__all__ if isinstance(rule := vars(rules)[name], rules.Rule)
}


def test_rules_ship() -> None:
    assert len(SHIPPED) > 30


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_rule_has_equation_source_and_words(name: str) -> None:
    rule = SHIPPED[name]
    assert rule.equation
    assert rule.source
    assert inspect.getdoc(rule.plain)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_rule_has_an_independent_version(name: str) -> None:
    assert SHIPPED[name].name in EQUATIONS
