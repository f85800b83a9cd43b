"""Wire types of target mode: what a decision maker may do, wants and must keep to; and answers."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self, cast
from uuid import UUID

from pydantic import Field, model_validator

from agentverse.platform.wire import RequestModel, WireModel
from agentverse.runs.schemas import Basis, OutcomeKind
from agentverse.tasks import TaskPayload, TaskStatus
from agentverse.universe.event_schemas import (
    Comparing,
    EventScriptInput,
    EventScriptWire,
    Finite,
    ScopeWire,
    Tick,
)

# Requests stored before outcomes had kinds name them alone: these were levels.
LEVELS_OF_EARLIER_RELEASES: Final = frozenset(
    (
        *("opinion", "salience", "exposure", "receptivity", "responsiveness"),
        *("income", "spending", "saving", "wealth", "deviation"),
    )
)
Name = Annotated[str, Field(min_length=1, max_length=80)]


class DecisionVariableWire(WireModel):
    """A number that the decision maker alone moves, from `start` at tick 0."""

    name: Name
    start: Finite
    minimum: Finite
    maximum: Finite
    unit: str = "1"
    label: str = ""


class RequirementWire(WireModel):
    """A comparison with a decision variable, or with a signal at the tick before."""

    quantity: str
    comparison: Comparing
    value: Finite


class ChangeWire(WireModel):
    variable: str
    operation: Literal["add", "set", "multiply"]
    value: Finite


class EffectWire(WireModel):
    """What an action brings about, all of it together; ticks count from its completion."""

    changes: list[ChangeWire] = Field(default_factory=list[ChangeWire], max_length=20)
    event_scripts: list[EventScriptInput] = Field(
        default_factory=list[EventScriptInput], max_length=20
    )
    probability: Finite = 1.0


class ActionWire(WireModel):
    name: Name
    effects: list[EffectWire] = Field(default_factory=list[EffectWire], max_length=10)
    preconditions: list[RequirementWire] = Field(
        default_factory=list[RequirementWire], max_length=10
    )
    money: Finite = Field(default=0.0, le=1e15, description="Due when it starts.")
    time_ticks: Tick = Field(default=0, description="Its effects set in then.")
    cooldown_ticks: Tick = 0
    requires: list[str] = Field(default_factory=list[str], max_length=30)
    blocks: list[str] = Field(default_factory=list[str], max_length=30)
    most_uses: int = Field(default=1, ge=1, le=600)
    label: str = ""


class LimitWire(WireModel):
    """A quantity stays within its bounds; penalty null: hard, a number: its price per unit."""

    kind: Literal["limit"]
    name: Name
    quantity: str = Field(description="money, time, a decision variable or a signal.")
    lower: Finite | None = None
    upper: Finite | None = None
    from_tick: Tick = 0
    to_tick: Tick | None = None
    penalty: Finite | None = None


class ForbiddenWire(WireModel):
    """A state in which all comparisons hold at once."""

    kind: Literal["forbidden"]
    name: Name
    all_of: list[RequirementWire] = Field(min_length=1, max_length=10)
    from_tick: Tick = 0
    to_tick: Tick | None = None
    penalty: Finite | None = None


class DeadlineWire(WireModel):
    """An action is complete by a tick."""

    kind: Literal["deadline"]
    name: Name
    action: str
    tick: Tick
    penalty: Finite | None = None


ConstraintWire = Annotated[LimitWire | ForbiddenWire | DeadlineWire, Field(discriminator="kind")]


class OutcomeWire(WireModel):
    """An outcome of a run over some segments and regions; its ticks are given beside it."""

    kind: OutcomeKind = Field(
        description="A share of those who took something up in a window of ticks, a share of "
        "everyone there, or the mean of a level."
    )
    of: str = Field(description="The alternative, or the level.")
    segments: list[str] = Field(default_factory=list[str], description="None named: all.")
    regions: list[str] = Field(default_factory=list[str], description="None named: all.")


class GoalWire(WireModel):
    """`weight` times the mean over the ticks (left out: at the horizon) of one of the two.

    An outcome that is a flow_share is that of the window from_tick … to_tick (left out: of the
    whole run); a path in which nobody takes anything up during it, in any replicate, is no plan.
    """

    outcome: OutcomeWire | None = None
    quantity: str | None = Field(
        default=None, description="money, time, a decision variable or a signal."
    )
    weight: Finite = 1.0
    from_tick: Tick | None = None
    to_tick: Tick | None = None

    @model_validator(mode="after")
    def _look_at_one(self) -> Self:
        if (self.outcome is None) == (self.quantity is None):
            raise ValueError("needs either an outcome or a quantity")
        return self

    @property
    def looks_at(self) -> str:
        """The name of the quantity, or of what the outcome is of."""
        return self.quantity or (self.outcome.of if self.outcome else "")


class SignalWire(WireModel):
    """A name for an outcome, so that requirements, limits and goals can look at it.

    A flow_share has no value where nobody took anything up during its window: no comparison with
    it holds then, and a limit leaves such ticks out (missed where there are no others).
    """

    name: Name
    outcome: OutcomeWire
    window_ticks: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None,
        # Requests without one are stored, read and compared as before there were windows.
        exclude_if=lambda ticks: ticks is None,
        description="Of a flow_share: over how many ticks, the one at which it is read the last.",
    )

    @model_validator(mode="before")
    @classmethod
    def _stored_by_earlier_releases(cls, sent: Any) -> Any:
        """They had the name alone, and groups beside it."""
        if not isinstance(sent, dict):
            return sent
        stored = cast("dict[str, Any]", sent)
        of = stored.get("outcome")
        if not isinstance(of, str):
            return stored
        kind = "level_mean" if of in LEVELS_OF_EARLIER_RELEASES else "stock_share"
        groups = {name: stored[name] for name in ("segments", "regions") if name in stored}
        others = {name: stored[name] for name in stored if name not in groups}
        return {**others, "outcome": {"kind": kind, "of": of, **groups}}


class BeamWire(WireModel):
    kind: Literal["beam"]
    width: int = Field(default=16, ge=1, le=256)
    seed: int = Field(default=0, ge=0, le=2**32 - 1)


class TreeWire(WireModel):
    kind: Literal["tree"]
    iterations: int = Field(default=200, ge=1, le=5000)
    seed: int = Field(default=0, ge=0, le=2**32 - 1)


class SeekWire(WireModel):
    """The change whose value is sought, between two bounds, so that an outcome is `value`."""

    variable: str
    operation: Literal["set", "add", "multiply"] = "set"
    scope: ScopeWire = Field(default_factory=ScopeWire)
    lower: Finite = Field(description="In the variable's unit, or as the operation has it.")
    upper: Finite
    outcome: OutcomeWire
    value: Finite = Field(description="What is wanted: a share from 0 to 1, or a level's mean.")
    from_tick: Tick | None = Field(default=None, description="Of the outcome, as in a goal.")
    to_tick: Tick | None = None


class PlanRequest(RequestModel):
    """Which actions, at which ticks, serve the goals best? Or which value of one change does?"""

    node_id: UUID | None = Field(default=None, description="The world to act in; null: baseline.")
    seek: SeekWire | None = Field(
        default=None,
        # Requests without one are stored, read and compared as before it could be sought.
        exclude_if=lambda sought: sought is None,
        description="One change to seek the value of, in place of actions and goals.",
    )
    actions: list[ActionWire] = Field(default_factory=list[ActionWire], max_length=30)
    goals: list[GoalWire] = Field(default_factory=list[GoalWire], max_length=10)
    decision_ticks: list[Tick] = Field(
        default_factory=list[int], max_length=60, description="When actions may start."
    )
    variables: list[DecisionVariableWire] = Field(
        default_factory=list[DecisionVariableWire], max_length=30
    )
    constraints: list[ConstraintWire] = Field(default_factory=list[ConstraintWire], max_length=30)
    signals: list[SignalWire] = Field(default_factory=list[SignalWire], max_length=30)
    most_steps: int | None = Field(default=4, ge=0, le=60, description="null: no limit.")
    assurance: Finite = Field(
        default=1.0, description="Share of the replicates in which what is hard must hold."
    )
    worlds: int = Field(default=16, ge=1, le=200)
    search: BeamWire | TreeWire = Field(default=BeamWire(kind="beam"), discriminator="kind")
    best: int = Field(default=3, ge=1, le=10, description="How many paths to return.")


class StepWire(WireModel):
    tick: int
    action: str


class PathWire(WireModel):
    """A path with the result of its own ensemble; the gain is against doing nothing, paired."""

    steps: list[StepWire]
    value: float
    low: float
    high: float
    gain_low: float
    gain_median: float
    gain_high: float
    estimate: float = Field(description="What the search had guessed.")
    money: float
    time_ticks: int
    event_scripts: list[EventScriptWire] = Field(
        description="What the path adds to its node; POST /nodes/{id}/branch takes them."
    )
    digest: str


class PruningWire(WireModel):
    """The paths that one constraint stood in the way of."""

    constraint: str
    refused: int = Field(description="Steps that were not open.")
    cut: int = Field(description="Paths that no later step could mend.")
    unfinished: int = Field(description="Paths that could not end as they were.")
    rejected: int = Field(description="Paths that their own ensemble refuted.")
    least_miss: float
    examples: list[list[StepWire]]


class MissWire(WireModel):
    constraint: str
    amount: float


class InfeasibilityWire(WireModel):
    sentence: str
    obstacles: list[str]
    nearest: list[StepWire]
    misses: list[MissWire]


class SoughtPoint(WireModel):
    """A value that was tried, and the mean of the outcome with it."""

    value: float
    outcome: float


class SoughtWire(WireModel):
    """The value whose outcome is nearest to what is wanted, by ensembles that share every draw."""

    value: float
    outcome: float = Field(description="Its mean over the replicates at this value.")
    low: float = Field(description="Of the replicates, at the result's interval level.")
    high: float
    reached: bool = Field(description="The mean is within a twentieth of a percentage point.")
    lower: float | None = Field(description="The outcome passes what is wanted between these two.")
    upper: float | None
    points: list[SoughtPoint]


class PlanResult(WireModel):
    """Best path first; empty paths come with an infeasibility."""

    paths: list[PathWire]
    prunings: list[PruningWire]
    explored: int
    candidates: int
    evaluated: int
    dominated: int
    dropped: int
    interval_level: float
    infeasibility: InfeasibilityWire | None
    seek: SoughtWire | None = Field(default=None, description="Of a request to seek one value.")


class Plan(WireModel):
    """A search for what one decision maker should do in a node of a project."""

    id: UUID
    project_id: UUID
    node_id: UUID
    status: TaskStatus
    explored: int = Field(description="Paths looked at so far.")
    request: PlanRequest
    result: PlanResult | None
    basis: Basis = Field(description="What its forecasts rest on.")
    problem: dict[str, object] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class SearchPlan(TaskPayload):
    """Queue payload: search, then real ensembles of the best paths."""
