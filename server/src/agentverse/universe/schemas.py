"""Wire types of projects, variables, questions, nodes and comparisons."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from agentverse.platform.tags import Tags
from agentverse.platform.wire import RequestModel, WireModel
from agentverse.runs.schemas import (
    Basis,
    Calibration,
    OutcomeStrip,
    RoleMapping,
    Run,
    RunVariant,
    ShareKind,
    TemplateName,
    TickUnit,
)
from agentverse.universe.event_schemas import EventScriptWire

NodeStatus = Literal["not_run", "running", "explored", "failed", "cancelled"]


# Who may read the questions of a project: the rules, a model, or both in turn.
CompilerChoice = Literal["rules", "model", "both"]


class ProjectCreate(RequestModel):
    name: str = Field(min_length=1, max_length=80)
    goal: str = Field(default="", max_length=1000, description="The question in one sentence.")
    population_id: UUID
    domain_template: TemplateName = "consumer_choice"
    template_options: dict[str, str] = Field(
        default_factory=dict, description="Options of the template that differ from its defaults."
    )
    start_shares: dict[str, float] | None = Field(
        default=None,
        description="Share of the personas that start with each alternative; null: as the "
        "template says.",
    )
    horizon: int = Field(
        default=36, ge=1, le=600, description="Ticks, of the template's tick_unit each."
    )
    replicates: int = Field(default=20, ge=8, le=200)
    seed: int = Field(default=20, ge=0, le=2**32 - 1)
    outcome_alternative: str | None = Field(
        default=None,
        description="The alternative shown first; default: the template's, or the reference "
        "alternative of a choice model.",
    )
    parameters: dict[str, float] = Field(
        default_factory=dict, description="Values other than the registry's defaults."
    )
    roles: dict[str, RoleMapping] | None = Field(
        default=None,
        max_length=10,
        description="What the template takes from which column of the file; null: from columns "
        "whose names leave no doubt; empty: nothing, so that results are illustrative.",
    )
    social_rules: bool | None = Field(
        default=None,
        description="Whether the run with the social rules speaks first; null: not in choice "
        "projects, whose data do not identify them, and in every other template.",
    )
    compiler: CompilerChoice = Field(
        default="rules",
        description="rules: no language model sees a question; both: one reads what the rules "
        "leave open; model: one reads every question. What it reads runs only when confirmed.",
    )


class ShareWords(WireModel):
    """What a share is a share of, within a sentence: “share of …”."""

    flow_share: str = Field(examples=["purchases"])
    stock_share: str = Field(examples=["people"])

    def share_of(self, metric: ShareKind) -> str:
        return self.flow_share if metric == "flow_share" else self.stock_share


class Notice(WireModel):
    """What a reader must know before any number of the project, on every page."""

    kind: Literal["baseline_off", "no_fixed_point", "start_drift", "earlier_start"]
    message: str = Field(description="What is so, why, and the way out.")


class ProjectUpdate(RequestModel):
    """What is given changes, what is left out stays: nothing that a result depends on."""

    name: str | None = Field(default=None, min_length=1, max_length=80)
    goal: str | None = Field(default=None, max_length=1000)
    tags: Tags | None = None
    compiler: CompilerChoice | None = Field(default=None, description="Who reads its questions.")


class Project(WireModel):
    id: UUID
    name: str
    tags: list[str] = Field(default_factory=list[str])
    slug: str = Field(description="The name on the command line.")
    goal: str
    core: Literal["collective"] = "collective"
    domain_template: TemplateName
    template_options: dict[str, str] = Field(description="Every option with its value.")
    start_shares: dict[str, float] | None = Field(
        description="Of the alternatives at the start; null: as the personas' own data say."
    )
    roles: dict[str, RoleMapping] = Field(description="What is taken from the file.")
    parameters: dict[str, float] = Field(description="Values other than the defaults.")
    metrics: list[ShareKind] = Field(description="What can be compared, the default first.")
    population_id: UUID
    population_name: str
    personas: int
    horizon: int
    tick_unit: TickUnit
    replicates: int
    seed: int
    outcome_alternative: str
    outcome_label: str = Field(description="What people call the outcome alternative.")
    root_node_id: UUID
    created_at: datetime
    nodes: int
    last_run_at: datetime | None
    baseline_status: NodeStatus
    baseline_outcome: OutcomeStrip | None
    social_rules: bool = Field(description="Whether they were switched on.")
    compiler: CompilerChoice = Field(description="Who reads its questions.")
    headline: RunVariant = Field(description="Whose numbers come first, on every page.")
    calibration: Calibration | None = Field(
        description="Constants under the social rules, once the baseline has been run."
    )
    notices: list[Notice]
    basis: Basis = Field(description="What the outcome rests on.")
    words: ShareWords


class Variable(WireModel):
    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    default: float | None = Field(description="null: differs by persona")
    value: float | None = Field(description="The project's value; null: differs by persona")
    mean: float | None = Field(description="Mean over personas of an attribute.")
    kind: Literal["attribute", "parameter"]
    family: str
    alternative: str | None
    moves: list[str]
    source: str
    assumption: bool
    synonyms: list[str]


class TemplateParameter(WireModel):
    """A behavioural parameter a new project starts with."""

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    default: float
    source: str
    assumption: bool


class NamedLabel(WireModel):
    name: str
    label: str


class RoleColumn(WireModel):
    """A column that can be taken for a role."""

    name: str
    shares: dict[str, float] = Field(description="Of the people with an answer, by value.")
    mapping: RoleMapping | None = Field(description="How its values would be read.")


class RoleOffer(WireModel):
    """What a template can take from the file, and from which of its columns."""

    name: str
    label: str
    kind: Literal["state", "scale", "money"]
    states: list[NamedLabel] = Field(description="What a value can mean.")
    open: bool = Field(description="Whether the column's own values become alternatives.")
    columns: list[RoleColumn]
    suggested: str | None
    sure: bool = Field(description="Its name leaves no doubt: taken where a project does not say.")


class NamedLevel(WireModel):
    """A real number that every persona has and that evolves."""

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float


class TemplateOption(WireModel):
    name: str
    label: str
    default: str
    choices: list[NamedLabel]


class TemplateVariant(WireModel):
    """What a template has under one combination of its options."""

    options: dict[str, str]
    metrics: list[ShareKind] = Field(description="What may be read of a run, the default first.")
    closed_form: bool = Field(description="Whether the answer without social rules has one.")
    social_rules: str = Field(description="What the social rules are called.")
    parameters: list[TemplateParameter]
    alternatives: list[NamedLabel] = Field(description="Empty: those of the survey.")
    outcome_alternative: str | None = Field(description="null: depends on the survey.")
    levels: list[NamedLevel]
    start_shares: dict[str, float] | None = Field(description="null: as the personas' data say.")


class DomainTemplate(WireModel):
    """What every project of a domain has before it has people; the defaults, then each variant."""

    name: TemplateName
    label: str
    description: str
    tick_unit: TickUnit
    metrics: list[ShareKind]
    default_metric: ShareKind
    closed_form: bool
    social_rules: str = Field(description="What the social rules of this template are called.")
    options: list[TemplateOption]
    starts_by_level: bool = Field(description="Whether start_shares cannot be given.")
    start_source: str
    parameters: list[TemplateParameter]
    alternatives: list[NamedLabel]
    outcome_alternative: str | None
    levels: list[NamedLevel]
    start_shares: dict[str, float] | None
    variants: list[TemplateVariant]


class NamedGroup(WireModel):
    name: str
    label: str
    personas: int


class VariableRegistry(WireModel):
    variables: list[Variable]
    alternatives: list[NamedGroup]
    regions: list[NamedGroup]
    segments: list[NamedGroup]
    levels: list[NamedLevel]
    examples: list[str] = Field(description="Questions that this registry can answer.")


class Node(WireModel):
    id: UUID
    project_id: UUID
    parent_id: UUID | None
    kind: Literal["root", "branch"]
    label: str
    question: str | None
    explanation: str
    status: NodeStatus
    depth: int
    event_scripts: list[EventScriptWire] = Field(description="What this node adds to its parent.")
    outcome: OutcomeStrip | None = Field(
        description="Of the alternative that the node's changes are about, else the project's."
    )
    outcome_label: str = Field(description="What people call that alternative.")
    difference: OutcomeStrip | None = Field(description="Against the baseline, paired.")
    headline: RunVariant = Field(description="Whose outcome, difference and digest these are.")
    basis: Basis = Field(description="What the outcome rests on.")
    digest: str | None
    created_at: datetime


class Edge(WireModel):
    parent_id: UUID
    child_id: UUID
    label: str
    explanation: str


class NodeGraph(WireModel):
    """A page of a project's nodes; `next_cursor` leads to the next one."""

    nodes: list[Node]
    edges: list[Edge]
    next_cursor: str | None = None


class NodeDetail(Node):
    inherited_scripts: list[EventScriptWire]
    runs: list[Run]
    compute_seconds: float | None
    llm_calls: int
    llm_cost_usd: str
    population_digest: str
    engine_version: str | None


class RunStarted(WireModel):
    node_id: UUID
    run_ids: list[UUID]
