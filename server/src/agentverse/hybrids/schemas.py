"""Wire types of hybrid mode: actors who act on a node's society and react to it; and ledgers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from agentverse.comparisons.schemas import LevelDifference, LevelPair, SeriesPair, ShareDifference
from agentverse.plans.schemas import ActionWire, DecisionVariableWire, Name, SignalWire
from agentverse.platform.wire import RequestModel, WireModel
from agentverse.runs.schemas import Basis
from agentverse.tasks import TaskPayload, TaskStatus
from agentverse.universe.event_schemas import Finite

PolicyName = Literal["every_open", "first_open"]


class ActorWire(WireModel):
    """One who sees the signals of the tick before and takes actions that are open then."""

    name: Name
    actions: list[ActionWire] = Field(
        max_length=30, description="Preconditions on signals or on the actor's own variables."
    )
    policy: PolicyName = Field(
        default="every_open", description="Take every open action, or only the first."
    )
    budget: Finite | None = Field(default=None, description="Money for all actions; null: enough.")
    variables: list[DecisionVariableWire] = Field(
        default_factory=list[DecisionVariableWire], max_length=30
    )
    first_tick: Annotated[int, Field(ge=0, le=100_000)] = 1
    every: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=1, description="Decides at first_tick and every so many ticks after it."
    )


class HybridRequest(RequestModel):
    """What becomes of a node once these actors are in it?"""

    node_id: UUID | None = Field(default=None, description="The world to act in; null: baseline.")
    actors: list[ActorWire] = Field(min_length=1, max_length=10)
    signals: list[SignalWire] = Field(
        default_factory=list[SignalWire],
        max_length=30,
        description="Beside every alternative's share and every level's mean, by their names.",
    )


class MoveWire(WireModel):
    """What one effect did to a variable: the actor's own, or the society's mean in scope."""

    variable: str
    tick: int
    occurred: bool = Field(description="An effect by chance may not have.")
    before: float | None = Field(description="null: it reaches nobody.")
    after: float | None


class CouplingWire(WireModel):
    """An actor took an action in one replicate, on these signals of the tick before."""

    tick: int
    replicate: int
    actor: str
    action: str
    use: int = Field(description="1: for the first time in this replicate.")
    signals: dict[str, float] = Field(description="But for those without a value then.")
    spent: float = Field(description="By the actor so far, this action included.")
    moves: list[MoveWire]


class ActionUse(WireModel):
    """How an action was used over all replicates, also where the ledger is cut."""

    actor: str
    action: str
    times: int
    replicates: int = Field(description="In how many it was taken at least once.")
    share: float = Field(description="The same as a share of all replicates.")
    earliest_tick: int | None = Field(description="null: never taken.")
    latest_tick: int | None
    replicates_by_tick: list[int] = Field(description="Tick 0 to the horizon.")


class HybridResult(WireModel):
    """The node with its actors (branch) against the node without (base), paired by replicate."""

    outcome: ShareDifference | None = Field(
        description="Of the project's outcome; null: in some replicate nobody chose anew."
    )
    differences: list[ShareDifference] = Field(description="Everyone, an entry per alternative.")
    levels: list[LevelDifference] = Field(description="Everyone, then each segment and region.")
    ticks: list[int]
    series: list[SeriesPair]
    level_series: list[LevelPair]
    uses: list[ActionUse] = Field(description="Every action of every actor.")
    ledger: list[CouplingWire] = Field(
        description="By tick. Where there are too many, the first replicates are kept."
    )
    taken: int = Field(description="Actions taken in all replicates: what a whole ledger holds.")
    replicates: int
    base_digest: str = Field(description="Of the node run without actors.")
    digest: str


class HybridSummary(WireModel):
    """A run of a node with actors in it."""

    id: UUID
    project_id: UUID
    node_id: UUID
    status: TaskStatus
    progress: float = Field(description="0 … 1, over the run with actors and the one without.")
    finding: str | None = Field(description="The result in one sentence.")
    basis: Basis = Field(description="What its numbers rest on.")
    problem: dict[str, object] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Hybrid(HybridSummary):
    request: HybridRequest
    result: HybridResult | None


class SimulateHybrid(TaskPayload):
    """Queue payload: a node with its actors, and without."""
