"""The answer of the compiler: scripts, what was understood, what was not, and why."""

from dataclasses import dataclass
from typing import Literal

from agentverse_engine.inputs.events import EventScript

COMPILER = "rule-based"
COMPILER_VERSION = "1.5.0"

Reason = Literal[
    "unknown_words",
    "amount_missing",
    "amount_vague",
    "amount_ambiguous",
    "amount_invalid",
    "target_missing",
    "alternative_missing",
    "direction_missing",
    "direction_conflict",
    "wrong_unit",
    "percent_over_100",
    "negative_result",
    "out_of_range",
    "negated",
    "outcome",
    "comparison",
    "recurring",
    "policy_level",
    "scope_unknown",
    "time_invalid",
    "beyond_horizon",
    "calendar_date",
    "nothing_changes",
    "nothing_left",
    "not_english",
    "unclear",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One script by its label, and the words of the question it comes from."""

    text: str
    span: tuple[int, int]
    script: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A part that produced no script; `message` says the way out."""

    text: str
    code: Reason
    message: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two changes of one variable that cannot both be meant; neither is in the scripts."""

    variable: str
    event_scripts: tuple[EventScript, EventScript]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    event_scripts: tuple[EventScript, ...] = ()
    understood: tuple[Understood, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    assumptions: tuple[str, ...] = ()
    compiler: str = COMPILER
    compiler_version: str = COMPILER_VERSION

    @property
    def ok(self) -> bool:
        """Whether the scripts say all that the question says, and may run."""
        return bool(self.event_scripts) and not self.unmapped and not self.contradictions
