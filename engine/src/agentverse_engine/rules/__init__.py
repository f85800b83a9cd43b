"""The rule library: one behaviour a file, each with its equation and its source."""

from agentverse_engine.rules.agenda import AGENDA_SETTING
from agentverse_engine.rules.availability import AVAILABILITY
from agentverse_engine.rules.bass import (
    ABANDONMENT,
    ADOPTION,
    EFFORT,
    IMITATION,
    INNOVATION,
    MARKETING,
)
from agentverse_engine.rules.biased_assimilation import BIASED_ASSIMILATION
from agentverse_engine.rules.choice import (
    CONFORMITY,
    LOGIT_CHOICE,
    LOGIT_UTILITY,
    LOSS_AVERSION,
    MEDIA_UTILITY,
)
from agentverse_engine.rules.complex_contagion import COMPLEX_CONTAGION
from agentverse_engine.rules.consumption import BUDGET, EARNINGS, HABIT_SPENDING, KEEPING_UP
from agentverse_engine.rules.deffuant import DEFFUANT_WEISBUCH
from agentverse_engine.rules.degroot import DEGROOT
from agentverse_engine.rules.epidemic import (
    INFECTION,
    RECOVERY,
    RECOVERY_WITHOUT_IMMUNITY,
    VACCINATION,
)
from agentverse_engine.rules.friedkin_johnsen import (
    ANCHORING,
    CONFIRMATION_BIAS,
    FRIEDKIN_JOHNSEN,
    OPPOSED,
)
from agentverse_engine.rules.hegselmann_krause import HEGSELMANN_KRAUSE, TRUSTED
from agentverse_engine.rules.media import MEDIA_EXPOSURE, MEDIA_HABITUATION, MEDIA_PERSUASION
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
from agentverse_engine.rules.voter import VOTER
from agentverse_engine.rules.voting import PARTY_APPEAL, PARTY_PROXIMITY, STANCE, VOTE_HABIT
from agentverse_engine.rules.wearout import KEPT_CHOICE, WEAROUT, WORN_MEDIA

__all__ = [
    "ABANDONMENT",
    "ADOPTION",
    "AGENDA_SETTING",
    "ANCHORING",
    "AVAILABILITY",
    "BIASED_ASSIMILATION",
    "BUDGET",
    "COMPLEX_CONTAGION",
    "CONFIRMATION_BIAS",
    "CONFORMITY",
    "DEFFUANT_WEISBUCH",
    "DEGROOT",
    "EARNINGS",
    "EFFORT",
    "FRIEDKIN_JOHNSEN",
    "HABIT_SPENDING",
    "HEGSELMANN_KRAUSE",
    "IMITATION",
    "INFECTION",
    "INNOVATION",
    "KEEPING_UP",
    "KEPT_CHOICE",
    "LOGIT_CHOICE",
    "LOGIT_UTILITY",
    "LOSS_AVERSION",
    "MARKETING",
    "MEDIA_EXPOSURE",
    "MEDIA_HABITUATION",
    "MEDIA_PERSUASION",
    "MEDIA_UTILITY",
    "NESTING",
    "OPPOSED",
    "PARTY_APPEAL",
    "PARTY_PROXIMITY",
    "PROSPECT_UTILITY",
    "RECOVERY",
    "RECOVERY_WITHOUT_IMMUNITY",
    "REPLACEMENT",
    "STANCE",
    "THRESHOLD",
    "TRUSTED",
    "VACCINATION",
    "VOTER",
    "VOTE_HABIT",
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
