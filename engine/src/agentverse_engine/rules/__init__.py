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
from agentverse_engine.rules.consumption import BUDGET, EARNINGS, HABIT_SPENDING, KEEPING_UP
from agentverse_engine.rules.epidemic import (
    INFECTION,
    RECOVERY,
    RECOVERY_WITHOUT_IMMUNITY,
    VACCINATION,
)
from agentverse_engine.rules.nested_logit import NESTING, Nest, nested_logit_probabilities
from agentverse_engine.rules.prospect import (
    PROSPECT_UTILITY,
    ProspectPreferences,
    certainty_equivalent,
    gamble_value,
)
from agentverse_engine.rules.replacement import REPLACEMENT
from agentverse_engine.rules.rule import NeighbourFilter, Rule
from agentverse_engine.rules.threshold import THRESHOLD
from agentverse_engine.rules.wearout import KEPT_CHOICE, WEAROUT, WORN_MEDIA

__all__ = [
    "ABANDONMENT",
    "ADOPTION",
    "BUDGET",
    "COMPLEX_CONTAGION",
    "CONFORMITY",
    "EARNINGS",
    "EFFORT",
    "HABIT_SPENDING",
    "IMITATION",
    "INFECTION",
    "INNOVATION",
    "KEEPING_UP",
    "KEPT_CHOICE",
    "LOGIT_CHOICE",
    "LOGIT_UTILITY",
    "LOSS_AVERSION",
    "MARKETING",
    "MEDIA_UTILITY",
    "NESTING",
    "PROSPECT_UTILITY",
    "RECOVERY",
    "RECOVERY_WITHOUT_IMMUNITY",
    "REPLACEMENT",
    "THRESHOLD",
    "VACCINATION",
    "WEAROUT",
    "WORN_MEDIA",
    "NeighbourFilter",
    "Nest",
    "ProspectPreferences",
    "Rule",
    "certainty_equivalent",
    "gamble_value",
    "nested_logit_probabilities",
]
