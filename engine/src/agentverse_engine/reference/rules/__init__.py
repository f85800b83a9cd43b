"""The equations of our own rules, reimplemented in plain Python for the reference."""

from collections.abc import Callable, Mapping
from typing import Any

from agentverse_engine.reference.rules import choice, contagion, economy, opinion

EQUATIONS: Mapping[str, Callable[..., Any]] = {
    **choice.EQUATIONS,
    **contagion.EQUATIONS,
    **economy.EQUATIONS,
    **opinion.EQUATIONS,
}
