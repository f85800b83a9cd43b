"""Wire types of questions and of what the compiler made of them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from agentverse.platform.wire import RequestModel, WireModel
from agentverse.runs.schemas import OutcomeStrip, RunVariant, ShareKind
from agentverse.tasks import TaskPayload
from agentverse.universe.event_schemas import (
    MOST_SCRIPTS,
    EventScriptInput,
    EventScriptWire,
    ScopeWire,
)
from agentverse.universe.schemas import CompilerChoice

# Who reads a question: the rules, a model, or a model what the rules leave open.
Reader = Literal["rules", "model"]
ReadingState = Literal[
    "read",
    "nothing",
    "invalid",
    "timed_out",
    "over_budget",
    "unavailable",
    "not_configured",
    "not_allowed",
]
AskStatus = Literal[
    "queued", "compiling", "needs_input", "running", "succeeded", "failed", "cancelled"
]


WHO_READS = (
    "rules; model; or both: a model reads what the rules leave open. null: as the project says. "
    "What a model reads runs only when it is confirmed."
)


class UnderstoodWire(WireModel):
    """One event script in plain words, and the words of the question that it comes from."""

    text: str
    sentence: str

    @model_validator(mode="before")
    @classmethod
    def _as_stored_before(cls, value: object) -> object:
        """Questions asked before the words were kept have the sentence alone."""
        return {"text": "", "sentence": value} if isinstance(value, str) else value


class GroupValues(WireModel):
    """Means of one variable among those whom a change reaches; name "": all of them."""

    name: str
    label: str
    personas: int
    before: float
    after: float


class ChangeValues(WireModel):
    """What an event script makes of its variable at its first tick."""

    first_tick: int
    groups: list[GroupValues] = Field(
        description="All whom it reaches, then each segment where values differ by persona. "
        "Empty where chance or a condition of an earlier change decides the value before."
    )


class UnmappedWire(WireModel):
    text: str
    code: str
    message: str
    nearest: list[str]


class ContradictionWire(WireModel):
    variable: str
    texts: list[str]
    message: str


class SuggestionWire(WireModel):
    question: str = Field(
        description="Of the rules: asked as it is, it runs with these scripts. Of a model: the "
        "question itself, which runs with these scripts only when they are sent along."
    )
    sentence: str = Field(description="What it changes, in plain words.")
    event_scripts: list[EventScriptWire]
    values: list[ChangeValues] = Field(
        default_factory=list[ChangeValues], description="Of each event script, in order."
    )
    read_by: Reader = "rules"
    understood: list[UnderstoodWire] = Field(
        default_factory=list[UnderstoodWire],
        description="Of a model: the words that it took each event script from, in order.",
    )
    assumptions: list[str] = Field(
        default_factory=list[str], description="Of a model: what was assumed, what was left out."
    )


class ModelReadingWire(WireModel):
    """How a model came off with the question; what it read stands among the suggestions."""

    state: ReadingState
    message: str
    code: str | None = Field(description="Of the error, where the model did not answer.")
    reason: str | None = Field(description="Why its last answer was not used.")
    served_model: str | None
    prompt_version: str
    calls: int
    cost_usd: str = Field(description="Of all calls that have ended.")


class GoalOffer(WireModel):
    """What a question seeks: the value of one change at which a share is what is wanted.

    POST /projects/{id}/plans takes `seek` with these.
    """

    sentence: str
    variable: str
    unit: str
    scope: ScopeWire
    lower: float = Field(description="Where it is looked for, in the variable's unit.")
    upper: float
    alternative: str
    kind: ShareKind
    value: float = Field(description="The share that is wanted, 0 to 1.")


class CompilationWire(WireModel):
    compiler: str
    compiler_version: str
    event_scripts: list[EventScriptWire]
    understood: list[UnderstoodWire] = Field(description="Of each event script, in order.")
    values: list[ChangeValues] = Field(
        default_factory=list[ChangeValues], description="Of each event script, in order."
    )
    unmapped: list[UnmappedWire]
    contradictions: list[ContradictionWire]
    assumptions: list[str]
    warnings: list[str] = Field(
        default_factory=list[str],
        description="What may be a slip although it runs: values that the file does not hold by "
        "far, with what may be meant.",
    )
    needs_confirmation: bool = Field(
        default=False,
        description="The question does not run as it is; one of the suggestions may be meant.",
    )
    suggestions: list[SuggestionWire] = Field(
        default_factory=list[SuggestionWire],
        description="Whole questions that run, nearest to what was said; a model's reading first.",
    )
    model_reading: ModelReadingWire | None = Field(
        default=None, description="null: no language model was asked."
    )
    sweep: list[SuggestionWire] = Field(
        default_factory=list[SuggestionWire],
        description="Of a question with several values, “at $5, $6 or $7”: one for each of them.",
    )
    goal: GoalOffer | None = Field(
        default=None, description="Of a question that asks for a value, as “what price gives …”."
    )


class SweepPoint(WireModel):
    """One value and what it leads to; null: that node has no finished run yet."""

    node_id: UUID
    value: float = Field(description="Mean of the variable among those whom the change reaches.")
    outcome: OutcomeStrip | None
    difference: OutcomeStrip | None = Field(description="Against the baseline, paired.")


class ArcElasticity(WireModel):
    """Percent by which the outcome changes for one percent of the value, between two values."""

    from_value: float
    to_value: float
    low: float
    median: float
    high: float
    clear: bool = Field(description="The interval excludes zero.")


class Sweep(WireModel):
    """Nodes that differ in one value alone, in order of the value."""

    node_id: UUID
    variable: str | None = Field(description="null: the node does not change one thing alone.")
    label: str
    unit: str
    alternative: str
    alternative_label: str
    metric: ShareKind
    share_of: str = Field(description="What its shares are shares of.", examples=["purchases"])
    headline: RunVariant = Field(description="Whose numbers these are.")
    points: list[SweepPoint]
    elasticities: list[ArcElasticity] = Field(
        description="Between neighbours, paired by replicate (midpoint formula)."
    )


class AskRequest(RequestModel):
    question: str = Field(
        min_length=1, max_length=10_000, description="Of up to 2,000 characters; more is refused."
    )
    compiler: CompilerChoice | None = Field(default=None, description=WHO_READS)
    parent_node_id: UUID | None = Field(default=None, description="Default: the baseline.")
    accept_partial: bool = Field(
        default=False, description="Run with what was understood although a part was not."
    )
    event_scripts: list[EventScriptInput] = Field(
        default_factory=list[EventScriptInput],
        max_length=MOST_SCRIPTS,
        description="The change that a person confirmed: it runs in place of what is read.",
    )


class CompileRequest(RequestModel):
    question: str = Field(
        min_length=1, max_length=10_000, description="Of up to 2,000 characters; more is refused."
    )
    compiler: CompilerChoice | None = Field(default=None, description=WHO_READS)
    parent_node_id: UUID | None = Field(
        default=None, description="The node it would be asked from. Default: the baseline."
    )
    event_scripts: list[EventScriptInput] = Field(
        default_factory=list[EventScriptInput],
        max_length=MOST_SCRIPTS,
        description="A change as a person edited it: told in place of what is read.",
    )


class Ask(WireModel):
    id: UUID
    project_id: UUID
    question: str
    status: AskStatus
    compilation: CompilationWire | None
    confirmed: list[EventScriptWire] = Field(
        description="What a person confirmed in place of what was read; empty: nothing."
    )
    node_id: UUID | None
    parent_node_id: UUID
    run_ids: list[UUID]
    progress: float = Field(description="0 … 1 over the runs of the node.")
    problem: dict[str, object] | None
    llm_calls: int
    llm_cost_usd: str
    created_at: datetime
    finished_at: datetime | None


class CompileAsk(TaskPayload):
    """Queue payload: question to scripts, node and runs."""
