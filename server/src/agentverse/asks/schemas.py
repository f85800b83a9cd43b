"""Wire types of questions and of what the compiler made of them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from agentverse.platform.wire import RequestModel, WireModel
from agentverse.tasks import TaskPayload
from agentverse.universe.event_schemas import EventScriptWire

AskStatus = Literal[
    "queued", "compiling", "needs_input", "running", "succeeded", "failed", "cancelled"
]


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
    question: str = Field(description="Asked as it is, it runs with these scripts.")
    sentence: str = Field(description="What it changes, in plain words.")
    event_scripts: list[EventScriptWire]


class CompilationWire(WireModel):
    compiler: str
    compiler_version: str
    event_scripts: list[EventScriptWire]
    understood: list[str] = Field(description="The sentence of each event script, in order.")
    unmapped: list[UnmappedWire]
    contradictions: list[ContradictionWire]
    assumptions: list[str]
    needs_confirmation: bool = Field(
        default=False,
        description="The question does not run as it is; one of the suggestions may be meant.",
    )
    suggestions: list[SuggestionWire] = Field(
        default_factory=list[SuggestionWire],
        description="Whole questions that run, nearest to what was said.",
    )


class AskRequest(RequestModel):
    question: str = Field(
        min_length=1, max_length=10_000, description="Of up to 2,000 characters; more is refused."
    )
    parent_node_id: UUID | None = Field(default=None, description="Default: the baseline.")
    accept_partial: bool = Field(
        default=False, description="Run with what was understood although a part was not."
    )


class CompileRequest(RequestModel):
    question: str = Field(
        min_length=1, max_length=10_000, description="Of up to 2,000 characters; more is refused."
    )
    parent_node_id: UUID | None = Field(
        default=None, description="The node it would be asked from. Default: the baseline."
    )


class Ask(WireModel):
    id: UUID
    project_id: UUID
    question: str
    status: AskStatus
    compilation: CompilationWire | None
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
