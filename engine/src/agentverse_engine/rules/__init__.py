"""The rule library: one behaviour a file, each with its equation and its source."""

from agentverse_engine.rules.bass import (
    ABANDONMENT,
    ADOPTION,
    EFFORT,
    IMITATION,
    INNOVATION,
    MARKETING,
)
from agentverse_engine.rules.choice import (
    CONFORMITY,
    LOGIT_CHOICE,
    LOGIT_UTILITY,
    LOSS_AVERSION,
    MEDIA_UTILITY,
)
from agentverse_engine.rules.complex_contagion import COMPLEX_CONTAGION
from agentverse_engine.rules.epidemic import (
    INFECTION,
    RECOVERY,
    RECOVERY_WITHOUT_IMMUNITY,
    VACCINATION,
)
from agentverse_engine.rules.replacement import REPLACEMENT
from agentverse_engine.rules.rule import NeighbourFilter, Rule
from agentverse_engine.rules.threshold import THRESHOLD

__all__ = [
    "ABANDONMENT",
    "ADOPTION",
    "COMPLEX_CONTAGION",
    "CONFORMITY",
    "EFFORT",
    "IMITATION",
    "INFECTION",
    "INNOVATION",
    "LOGIT_CHOICE",
    "LOGIT_UTILITY",
    "LOSS_AVERSION",
    "MARKETING",
    "MEDIA_UTILITY",
    "RECOVERY",
    "RECOVERY_WITHOUT_IMMUNITY",
    "REPLACEMENT",
    "THRESHOLD",
    "VACCINATION",
    "NeighbourFilter",
    "Rule",
]
