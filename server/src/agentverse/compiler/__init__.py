"""Rule-based event compiler: a question in English becomes event scripts, without a model.

Pure: no database, clock, network or model. It needs a `Vocabulary` built from the project's
registry: every `Variable`; a label and synonyms per alternative, region and segment; a label, unit
("USD", "USD/year", "minutes") and synonyms per attribute family; the horizon and the tick unit.
Words shared by labels of several alternatives ("gas", "central") become names of groups.
Families in money get the general words for it: one-off money is what "buy", "price" and a subsidy
mean, money per year what "run" and "bills" mean. A parameter is known by its name, label, synonyms.

Reading of time: month n is tick n. "from month 6" starts at 6, "after month 6" and "after half a
year" at 7, "before month 12" ends at 11, "until month 12" ends at 12. "for a year" without a start
is months 1 to 12. Nothing said: from tick 0 to the horizon. Calendar dates are refused.
"""

from agentverse.compiler.compilation import (
    COMPILER,
    COMPILER_VERSION,
    Compilation,
    Contradiction,
    Reason,
    Understood,
    Unmapped,
)
from agentverse.compiler.errors import (
    QuestionEmpty,
    QuestionRefused,
    QuestionTooLong,
    QuestionUnreadable,
)
from agentverse.compiler.goals import GoalAsked, find_goal
from agentverse.compiler.questions import (
    MAXIMUM_CHARACTERS,
    check_question,
    compile_question,
)
from agentverse.compiler.readings import (
    PROMPT_VERSION,
    READER,
    ReadingRefused,
    answer_schema,
    compile_reading,
    instructions,
)
from agentverse.compiler.starting import find_no_effect, find_nothing_left
from agentverse.compiler.suggestions import Suggestion, suggest
from agentverse.compiler.sweeps import find_sweep
from agentverse.compiler.vocabulary import (
    Alternative,
    Family,
    Term,
    TickUnit,
    Vocabulary,
    subject_of,
)

__all__ = [
    "COMPILER",
    "COMPILER_VERSION",
    "MAXIMUM_CHARACTERS",
    "PROMPT_VERSION",
    "READER",
    "Alternative",
    "Compilation",
    "Contradiction",
    "Family",
    "GoalAsked",
    "QuestionEmpty",
    "QuestionRefused",
    "QuestionTooLong",
    "QuestionUnreadable",
    "ReadingRefused",
    "Reason",
    "Suggestion",
    "Term",
    "TickUnit",
    "Understood",
    "Unmapped",
    "Vocabulary",
    "answer_schema",
    "check_question",
    "compile_question",
    "compile_reading",
    "find_goal",
    "find_no_effect",
    "find_nothing_left",
    "find_sweep",
    "instructions",
    "subject_of",
    "suggest",
]
