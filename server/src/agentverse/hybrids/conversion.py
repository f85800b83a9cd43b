"""Converts hybrid API types to engine types and back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agentverse.comparisons.levels import level_differences, level_series
from agentverse.comparisons.pairing import paired_series, paired_shares
from agentverse.comparisons.windows import Window
from agentverse.hybrids.errors import HybridInvalid
from agentverse.hybrids.schemas import (
    ActionUse,
    ActorWire,
    CouplingWire,
    HybridRequest,
    HybridResult,
    MoveWire,
)
from agentverse.plans.conversion import (
    ACTIONS,
    VARIABLES,
    check_scripts,
    never_reached,
    preconditions_of,
)
from agentverse.plans.signals import named_signals, request_field, wrong_flow, wrong_kind
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError
from agentverse.runs import telemetry
from agentverse.runs.domain_template import Template
from agentverse.universe import NodeRow, ProjectRow, branching
from agentverse.universe.variables import Registry
from agentverse_engine import Scenario, Trajectory
from agentverse_engine.errors import EngineError, ScriptError
from agentverse_engine.hybrid import (
    Actor,
    CouplingEntry,
    HybridRun,
    Move,
    Policy,
    every_open,
    first_open,
)
from agentverse_engine.hybrid.actors import check_actors
from agentverse_engine.hybrid.preallocated_scripts import allocate, most_uses
from agentverse_engine.planning import Signal
from agentverse_engine.planning.signals import signals_of

POLICIES: Final[Mapping[str, Policy]] = {"every_open": every_open, "first_open": first_open}
# Over all replicates: a script waits once for every use of its action, and whenever one starts
# the engine folds them all anew (40,000 over 600 ticks: minutes).
MOST_WAITING: Final = 40_000
# The engine's ledger has an entry for each, in memory, until the run ends.
MOST_TAKEN: Final = 200_000
# An entry of the stored ledger counts as one line, and so does each of its moves.
MOST_LINES: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorSetup:
    """Actors and what they can see, in the engine's form."""

    actors: tuple[Actor, ...]
    signals: tuple[Signal, ...]


def actor_setup_of(scenario: Scenario, request: HybridRequest) -> ActorSetup:
    """Checked as a whole by the engine; what is wrong is named. Raises HybridInvalid, by field."""
    wrong = wrong_flow(scenario, request.signals)
    if wrong is not None:
        raise HybridInvalid(f"{wrong.field}: {wrong.message}", errors=[wrong])
    signals = named_signals(scenario.horizon, request.signals)
    actors = tuple(_actor(actor) for actor in request.actors)
    try:
        seen = signals_of(scenario, signals)
    except EngineError as error:
        raise invalid(error, request_field(error.field, request.signals)) from error
    for index, actor in enumerate(actors):
        _check_alone(scenario, actor, seen, f"actors[{index}]")
    try:
        check_actors(scenario, actors, seen)
        _check_size(scenario, actors)
        allocate(scenario, actors)
    except EngineError as error:
        raise invalid(error) from error
    return ActorSetup(actors=actors, signals=signals)


def check_values(
    registry: Registry, scenario: Scenario, setup: ActorSetup, request: HybridRequest
) -> None:
    """As of plans: kinds fit, and actors wait for values that can be, or HybridInvalid."""
    compared = [
        one
        for index, actor in enumerate(request.actors)
        for one in preconditions_of(actor.actions, f"actors[{index}].")
    ]
    wrong = wrong_kind(registry, request.signals) or never_reached(
        registry, signals_of(scenario, setup.signals), compared
    )
    if wrong is not None:
        raise HybridInvalid(wrong.message, errors=[wrong])


def invalid(error: EngineError, field: str | None = None) -> HybridInvalid:
    """What the engine says, in the names of the request."""
    named = error.field if field is None else field
    message = f"{error.message} {error.fix}"
    return HybridInvalid(f"{named}: {message}", errors=[FieldError(field=named, message=message)])


def result_of(
    run: HybridRun, base: Trajectory, setup: ActorSetup, template: Template, outcome: str
) -> HybridResult:
    """outcome: the project's alternative."""
    horizon, replicates = run.scenario.horizon, run.scenario.replicates
    window = Window(metric=template.metric, from_tick=1, to_tick=horizon)
    sides = telemetry.series_of(base), telemetry.series_of(run.trajectory)
    shares = [item.wire for item in paired_shares(*sides, window)]
    return HybridResult(
        outcome=next((item for item in shares if item.alternative == outcome), None),
        differences=shares,
        levels=level_differences(*sides, horizon),
        ticks=list(range(horizon + 1)),
        series=paired_series(*sides, window.metric),
        level_series=level_series(*sides),
        uses=_uses(run.ledger, setup.actors, horizon, replicates),
        ledger=[_entry(entry) for entry in _kept(run.ledger)],
        taken=len(run.ledger),
        replicates=replicates,
        base_digest=base.digest,
        digest=run.digest,
    )


def _actor(actor: ActorWire) -> Actor:
    sent = actor.model_dump()
    return Actor(
        name=actor.name,
        actions=ACTIONS.validate_python(sent["actions"]),
        policy=POLICIES[actor.policy],
        budget=actor.budget,
        variables=VARIABLES.validate_python(sent["variables"]),
        first_tick=actor.first_tick,
        every=actor.every,
    )


def _check_alone(scenario: Scenario, actor: Actor, seen: Sequence[Signal], at: str) -> None:
    """The engine names a field by actor and action; the place of the actor comes before it."""
    try:
        check_scripts(scenario, actor.actions)
        check_actors(scenario, (actor,), seen)
    except ScriptError as error:
        raise invalid(error, f"{at}.{error.field}") from error
    except EngineError as error:
        inside = error.field.removeprefix("actors[0].").removeprefix(f"{actor.name}.")
        raise invalid(error, f"{at}.{inside}") from error


def _check_size(scenario: Scenario, actors: Sequence[Actor]) -> None:
    waiting, taken = 0, 0
    for index, actor in enumerate(actors):
        for action in actor.actions:
            uses = most_uses(scenario, actor, action) * scenario.replicates
            waiting += uses * sum(len(effect.event_scripts) for effect in action.effects)
            taken += uses
        if waiting > MOST_WAITING or taken > MOST_TAKEN:
            raise _too_many(waiting, taken, f"actors[{index}].actions")


def _too_many(waiting: int, taken: int, field: str) -> HybridInvalid:
    message = (
        f"Up to here actors could take {taken:,} actions over all replicates, with {waiting:,} "
        f"scripts; at most {MOST_TAKEN:,} and {MOST_WAITING:,} are possible. Lower most_uses, "
        "raise cooldown_ticks, or use fewer scripts."
    )
    return HybridInvalid(message, errors=[FieldError(field=field, message=message)])


def _uses(
    ledger: Sequence[CouplingEntry], actors: Sequence[Actor], horizon: int, replicates: int
) -> list[ActionUse]:
    by_action: dict[tuple[str, str], list[CouplingEntry]] = {
        (actor.name, action.name): [] for actor in actors for action in actor.actions
    }
    for entry in ledger:
        by_action[entry.actor, entry.action].append(entry)
    return [
        _use(actor, action, entries, horizon, replicates)
        for (actor, action), entries in by_action.items()
    ]


def _use(
    actor: str, action: str, entries: Sequence[CouplingEntry], horizon: int, replicates: int
) -> ActionUse:
    by_tick = [0] * (horizon + 1)
    for entry in entries:
        by_tick[entry.tick] += 1
    ticks = [entry.tick for entry in entries]
    somewhere = len({entry.replicate for entry in entries})
    return ActionUse(
        actor=actor,
        action=action,
        times=len(entries),
        replicates=somewhere,
        share=somewhere / replicates,
        earliest_tick=min(ticks, default=None),
        latest_tick=max(ticks, default=None),
        replicates_by_tick=by_tick,
    )


def _kept(ledger: Sequence[CouplingEntry]) -> list[CouplingEntry]:
    """Truncates by whole replicates."""
    kept: list[CouplingEntry] = []
    lines = 0
    for entry in sorted(ledger, key=lambda entry: entry.replicate):
        lines += 1 + len(entry.moves)
        if lines > MOST_LINES:
            break
        kept.append(entry)
    return sorted(kept, key=lambda entry: (entry.tick, entry.replicate))


def _entry(entry: CouplingEntry) -> CouplingWire:
    return CouplingWire(
        tick=entry.tick,
        replicate=entry.replicate,
        actor=entry.actor,
        action=entry.action,
        use=entry.use,
        signals=dict(entry.signals),
        spent=entry.spent,
        moves=[_move(move) for move in entry.moves],
    )


def _move(move: Move) -> MoveWire:
    return MoveWire(
        variable=move.variable,
        tick=move.tick,
        occurred=move.occurred,
        before=_number(move.before),
        after=_number(move.after),
    )


def _number(value: float) -> float | None:
    """JSON knows no nan: a script that reaches nobody."""
    return value if math.isfinite(value) else None


def replicate_ticks(scenario: Scenario) -> int:
    """Ticks of all replicates of both runs, with actors and without."""
    return 2 * scenario.horizon * scenario.replicates


def scenario_of(
    db: TenantSession, project: ProjectRow, registry: Registry, node: NodeRow
) -> Scenario:
    """The node's world with its social rules, as its own run has it."""
    return registry.scenario(branching.spec_of(db, project, node))
