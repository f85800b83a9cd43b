"""Wire types of runs, their progress and telemetry."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from agentverse.platform.wire import WireModel
from agentverse.tasks import TaskPayload, TaskStatus

RunVariant = Literal["with_social_rules", "without_social_rules"]
OutcomeKind = Literal["flow_share", "stock_share", "level_mean"]
ShareKind = Literal["flow_share", "stock_share"]


def _named_now(name: Any) -> Any:
    """Results stored by earlier releases call the two shares otherwise."""
    return {"new_installations": "flow_share", "stock": "stock_share"}.get(name, name)


StoredShareKind = Annotated[ShareKind, BeforeValidator(_named_now)]
TickUnit = Literal["day", "week", "month", "quarter", "year"]
TemplateName = Literal[
    "consumer_choice", "adoption", "opinion", "election", "contagion", "consumption"
]


class StateMapping(WireModel):
    """A value of the column and the alternative that it means."""

    value: str = Field(max_length=60)
    state: str = Field(min_length=1, max_length=60)
    label: str = Field(default="", max_length=80)


class RoleMapping(WireModel):
    """The column that a role is taken from, and how its values are read."""

    column: str
    states: list[StateMapping] = Field(default_factory=list[StateMapping], max_length=12)
    low: float = Field(default=0.0, allow_inf_nan=False, description="The number that means 0.")
    high: float = Field(default=1.0, allow_inf_nan=False, description="The number that means 1.")
    times: float = Field(
        default=1.0, allow_inf_nan=False, description="What an amount is multiplied by."
    )


BasisKind = Literal["data", "mixed", "assumptions"]


class Basis(WireModel):
    """What a number rests on. With kind `assumptions` it is illustrative, and is called so."""

    kind: BasisKind
    from_file: list[str] = Field(description="What of it the imported file says.")
    assumed: list[str] = Field(description="What of it is assumed.")
    note: str = Field(description="The same in a sentence or two.")

    @property
    def is_illustrative(self) -> bool:
        return self.kind == "assumptions"


class Calibration(WireModel):
    """Constants moved so that, with the social rules on, the baseline's shares are the survey's.

    By alternative: shifts in utility (0 for the reference), shares of choices 0 … 1.
    """

    key: str = Field(description="Digest of all that it was computed from.")
    shifts: dict[str, float]
    target: dict[str, float] = Field(description="The survey's shares.")
    shares: dict[str, float] = Field(description="The baseline's mean shares with these shifts.")
    tolerance: dict[str, float] = Field(description="0.1 points or two Monte-Carlo errors.")
    from_tick: int
    to_tick: int
    iterations: int
    converged: bool = Field(
        description="false: no constants lead to the survey's shares; these are the nearest."
    )


class Run(WireModel):
    id: UUID
    node_id: UUID = Field(description="The world version this run belongs to.")
    project_id: UUID
    variant: RunVariant
    domain_template: TemplateName
    template_options: dict[str, str]
    start_shares: dict[str, float] | None
    status: TaskStatus
    tick: int = Field(description="Ticks finished so far.")
    horizon: int
    replicates: int
    personas: int
    seed: int
    attempt: int
    resumed_tick: int | None = Field(
        description="Where the last attempt went on from an earlier one's checkpoint."
    )
    engine_version: str
    calibration: Calibration | None = Field(
        description="null: without social rules, or a template without a choice model."
    )
    scenario_digest: str | None
    digest: str | None
    compute_seconds: float | None
    telemetry_bytes: int | None
    problem: dict[str, object] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RunEvent(WireModel):
    """One event of a run's stream; the last has a terminal status."""

    run_id: UUID
    status: TaskStatus
    tick: int
    horizon: int
    digest: str | None = None
    problem: dict[str, object] | None = None


class Band(WireModel):
    """One series over ticks with its interval over replicates; null where nothing happened."""

    low: list[float | None]
    q25: list[float | None]
    median: list[float | None]
    q75: list[float | None]
    high: list[float | None]


class TelemetrySeries(WireModel):
    metric: StoredShareKind
    alternative: str
    segment: str | None = Field(description="null: everyone")
    region: str | None = Field(description="null: everywhere")
    band: Band
    replicates: list[list[float | None]] = Field(
        default_factory=list[list[float | None]], description="Single replicates, when asked for."
    )


class LevelSeries(WireModel):
    """The mean of a level over a group, in its unit."""

    name: str
    label: str
    unit: str
    segment: str | None = Field(description="null: everyone")
    region: str | None = Field(description="null: everywhere")
    band: Band
    replicates: list[list[float | None]] = Field(
        default_factory=list[list[float | None]], description="Single replicates, when asked for."
    )


class IntervalKind(WireModel):
    level: float
    replicates: int
    kind: str = Field(examples=["central 90 % of 20 replicates"])
    covers: str = Field(
        default="",
        description="What it holds, for who takes it elsewhere; empty: as the page around it says.",
        examples=["chance and the error of the estimation"],
    )


class OutcomeStrip(WireModel):
    """One share with its interval and 20 equally likely futures."""

    metric: StoredShareKind
    alternative: str
    low: float
    median: float
    high: float
    dots: list[float] = Field(description="20 midpoint quantiles of the replicates.")
    interval: IntervalKind
    from_tick: int
    to_tick: int


class EventMark(WireModel):
    """One event script as the run applied it."""

    label: str
    variable: str
    start_tick: int
    end_tick: int
    personas: int
    mean_before: float | None
    mean_after: float | None


class Telemetry(WireModel):
    run_id: UUID
    from_tick: int
    to_tick: int
    ticks: list[int]
    series: list[TelemetrySeries]
    levels: list[LevelSeries]
    interval: IntervalKind
    basis: Basis = Field(description="Of everything here.")
    events: list[EventMark]
    keyframe_ticks: list[int]
    digest: str


class Frame(WireModel):
    """State of every persona of one replicate at one tick, read from stored telemetry."""

    run_id: UUID
    tick: int
    replicate: int
    personas: int
    alternatives: list[str]
    choices_base64: str = Field(description="uint8 per persona: index into alternatives.")
    changed: int = Field(
        description="Personas whose alternative differs from the tick before; a system "
        "replaced by one of the same kind is not counted."
    )


class PersonaFact(WireModel):
    name: str
    value: str
    from_file: bool = Field(description="false: drawn or assumed for it.")


class PersonaChoice(WireModel):
    tick: int
    alternative: str


class PersonaHistory(WireModel):
    """Who one persona is, and what happened to it in one replicate."""

    run_id: UUID
    persona: int = Field(description="Its row in frames and layout.")
    replicate: int
    region: str
    segment: str
    neighbours: int
    line: int = Field(description="Of the uploaded file, that it was made of.")
    facts: list[PersonaFact] = Field(description="What the file says of it and it starts with.")
    choices: list[PersonaChoice] = Field(
        description="What it starts with, and each other alternative from its tick on."
    )
    reached_by: list[int] = Field(description="Places of the run's changes that are for it.")


class FrameLayout(WireModel):
    """Group of every persona, for drawing frames; the same for all ticks of a population."""

    run_id: UUID
    personas: int
    regions: list[str]
    segments: list[str]
    region_base64: str
    segment_base64: str


class ExecuteRun(TaskPayload):
    """Queue payload: simulate and store."""
