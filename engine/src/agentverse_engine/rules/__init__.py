"""The rule library: one behaviour a file, each with its equation and its source."""

from agentverse_engine.rules.choice import (
    CONFORMITY,
    LOGIT_CHOICE,
    LOGIT_UTILITY,
    LOSS_AVERSION,
    MEDIA_UTILITY,
)
from agentverse_engine.rules.replacement import REPLACEMENT
from agentverse_engine.rules.rule import NeighbourFilter, Rule

__all__ = [
    "CONFORMITY",
    "LOGIT_CHOICE",
    "LOGIT_UTILITY",
    "LOSS_AVERSION",
    "MEDIA_UTILITY",
    "REPLACEMENT",
    "NeighbourFilter",
    "Rule",
]
