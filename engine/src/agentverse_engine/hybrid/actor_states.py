"""The actors of one batch: their options, the actions they take, and when effects begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PlanError
from agentverse_engine.hybrid.actors import Actor, Sight
from agentverse_engine.hybrid.coupling_ledger import CouplingEntry, Move
from agentverse_engine.hybrid.preallocated_scripts import Allocation, Slot, most_uses
from agentverse_engine.inputs.events import COMPARE
from agentverse_engine.numerics.canonical import listed
from agentverse_engine.numerics.rng import ACTOR_CHANCE, uniforms
from agentverse_engine.planning.actions import Action, Change, Effect
from agentverse_engine.planning.constraints import CLOSE
from agentverse_engine.planning.paths import Step

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
NEVER = -(2**40)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Due:
    """What takes effect at a tick of one replicate: a change of a decision variable, or the
    script of a slot (`position` in the scenario's list)."""

    batch_index: int
    entry: CouplingEntry
    occurred: bool
    change: Change | None = None
    position: int = -1


@dataclass(slots=True, kw_only=True, eq=False)
class ActorState:
    """One actor in all replicates of a batch.

    uses, last: int64[R, actions], how often and when last taken; barred: bool[R, actions];
    free: int64[R], the tick from which it is not busy; spent: float64[R], in money;
    variables: float64[R] by name.
    """

    actor_index: int
    actor: Actor
    limits: NDArray[np.int64]
    uses: NDArray[np.int64]
    last: NDArray[np.int64]
    barred: Booleans
    free: NDArray[np.int64]
    spent: Floats
    variables: dict[str, Floats]
    taken: list[list[Step]]
    due: dict[int, list[Due]] = field(default_factory=dict[int, list[Due]])

    def open_at(self, tick: int, signals: Mapping[str, Floats], span: slice) -> Booleans:
        """Return bool[span, actions]: what the actor may start at a tick."""
        number = {
            action.name: action_index for action_index, action in enumerate(self.actor.actions)
        }
        spacing = np.array([action.spacing for action in self.actor.actions])
        is_open = (self.uses[span] < self.limits) & ~self.barred[span]
        is_open &= self.last[span] + spacing <= tick
        is_open &= (self.free[span] <= tick)[:, None]
        for action_index, action in enumerate(self.actor.actions):
            is_open[:, action_index] &= self._affords(action, span)
            for other in action.requires:
                is_open[:, action_index] &= self.uses[span, number[other]] > 0
            for one in action.preconditions:
                values = self.variables.get(one.quantity, signals.get(one.quantity))
                assert values is not None  # noqa: S101  checked with the actor
                is_open[:, action_index] &= COMPARE[one.comparison](values[span], one.value)
        return is_open

    def _affords(self, action: Action, span: slice) -> Booleans:
        if self.actor.budget is None:
            return np.ones(len(self.spent[span]), dtype=np.bool_)
        limit = self.actor.budget + CLOSE * max(1.0, self.actor.budget)
        return self.spent[span] + action.money <= limit

    def sight(
        self,
        tick: int,
        batch_index: int,
        replicate: int,
        signals: Mapping[str, Floats],
        row: Booleans,
    ) -> Sight:
        """Return what the actor knows in one replicate; row: bool[actions], what is open."""
        actor = self.actor
        budget = np.inf if actor.budget is None else actor.budget
        return Sight(
            tick=tick,
            replicate=replicate,
            signals={
                name: float(values[batch_index])
                for name, values in signals.items()
                if not np.isnan(values[batch_index])
            },
            variables={name: float(values[batch_index]) for name, values in self.variables.items()},
            money_left=max(0.0, budget - float(self.spent[batch_index])),
            options=tuple(actor.actions[action_index].name for action_index in np.flatnonzero(row)),
            taken=tuple(self.taken[batch_index]),
        )

    def take(self, action_index: int, tick: int, batch_index: int) -> int:
        """Note that an action starts; return how often it had been taken before."""
        action = self.actor.actions[action_index]
        use = int(self.uses[batch_index, action_index])
        self.uses[batch_index, action_index] += 1
        self.last[batch_index, action_index] = tick
        self.free[batch_index] = tick + action.time_ticks
        self.spent[batch_index] += action.money
        self.taken[batch_index].append(Step(tick=tick, action=action.name))
        for number, other in enumerate(self.actor.actions):
            self.barred[batch_index, number] |= other.name in action.blocks
        return use

    def change(self, due: Due, change: Change, tick: int) -> None:
        """Move a decision variable; leaving its bounds is an error, never a clamp."""
        values = self.variables[change.variable]
        before = float(values[due.batch_index])
        after = (
            float(change.applied(values[due.batch_index : due.batch_index + 1])[0])
            if due.occurred
            else before
        )
        bounds = next(one for one in self.actor.variables if one.name == change.variable)
        if not bounds.minimum <= after <= bounds.maximum:
            raise PlanError(
                f"became {after:g} by '{due.entry.action}' at tick {tick}, replicate "
                f"{due.entry.replicate}, outside {bounds.minimum:g} to {bounds.maximum:g}.",
                field=f"{self.actor.name}.{change.variable}",
                fix="Give the action a precondition that keeps it inside, or widen the bounds.",
            )
        values[due.batch_index] = after
        due.entry.moves.append(
            Move(
                variable=change.variable,
                tick=tick,
                occurred=due.occurred,
                before=before,
                after=after,
            )
        )


class ActorBatch:
    """All actors in the replicates first … first+count-1, and the ledger of what they did.

    occurrence: bool[R, scripts], of the layout's scenario.
    """

    def __init__(
        self,
        layout: Allocation,
        actors: Sequence[Actor],
        *,
        first: int,
        occurrence: Booleans,
    ) -> None:
        self.layout = layout
        self.first = first
        self.occurrence = occurrence
        self.states = [
            _actor_state(layout, actor_index, actor, len(occurrence))
            for actor_index, actor in enumerate(actors)
        ]
        self.entries: list[CouplingEntry] = []
        self.slots: dict[tuple[int, int, int, int], list[Slot]] = {}
        for slot in layout.slots:
            self.slots.setdefault(_key(slot), []).append(slot)

    def decide(self, tick: int, signals: Mapping[str, Floats]) -> tuple[list[Due], Booleans]:
        """Let every actor act at a tick, in their order, on signals float64[R] by name.

        Return the scripts that begin then, and where: bool[R, slots].
        """
        for state in self.states:
            self._settle(state, tick)
            if state.actor.decides_at(tick):
                self._let_act(state, tick, signals)
        begun = [due for state in self.states for due in state.due.pop(tick, [])]
        starting = np.zeros((len(self.occurrence), len(self.layout.slots)), dtype=np.bool_)
        for due in begun:
            starting[due.batch_index, due.position - self.layout.first] = True
        return begun, starting

    def _settle(self, state: ActorState, tick: int) -> None:
        """Carry out the changes of decision variables that are due; scripts stay due."""
        waiting = state.due.get(tick, [])
        for due in waiting:
            if due.change is not None:
                state.change(due, due.change, tick)
        state.due[tick] = [due for due in waiting if due.change is None]

    def _let_act(self, state: ActorState, tick: int, signals: Mapping[str, Floats]) -> None:
        everywhere = state.open_at(tick, signals, slice(None))
        for batch_index in np.flatnonzero(everywhere.any(axis=1)).tolist():
            replicate = self.first + batch_index
            sight = state.sight(tick, batch_index, replicate, signals, everywhere[batch_index])
            chosen = state.actor.policy(sight)
            field = f"{state.actor.name}.policy"
            for name in listed(chosen, field=field, of=str, error=PlanError):
                self._take_if_open(state, name, sight, batch_index, signals)

    def _take_if_open(
        self,
        state: ActorState,
        name: str,
        sight: Sight,
        batch_index: int,
        signals: Mapping[str, Floats],
    ) -> None:
        """Take an option, unless one taken just before closed it."""
        if name not in sight.options:
            raise PlanError(
                f"chose '{name}' at tick {sight.tick}, which is not open.",
                field=f"{state.actor.name}.policy",
                fix=f"Choose among the options: {', '.join(sight.options)}.",
            )
        action_index = [action.name for action in state.actor.actions].index(name)
        if not state.open_at(sight.tick, signals, slice(batch_index, batch_index + 1))[
            0, action_index
        ]:
            return
        use = state.take(action_index, sight.tick, batch_index)
        entry = CouplingEntry(
            tick=sight.tick,
            replicate=sight.replicate,
            actor=state.actor.name,
            action=name,
            use=use + 1,
            signals=sight.signals,
            spent=float(state.spent[batch_index]),
        )
        self.entries.append(entry)
        self._schedule(state, entry, action_index, use, batch_index)
        self._settle(state, sight.tick)

    def _schedule(
        self, state: ActorState, entry: CouplingEntry, action_index: int, use: int, batch_index: int
    ) -> None:
        """Schedule the effects of an action for the tick at which they come into force."""
        action = state.actor.actions[action_index]
        done = entry.tick + action.time_ticks
        for number, effect in enumerate(action.effects):
            key = (state.actor_index, action_index, use, number)
            occurred = self._occurred(effect, key, batch_index)
            for change in effect.changes:
                due = Due(batch_index=batch_index, entry=entry, occurred=occurred, change=change)
                state.due.setdefault(done, []).append(due)
            for slot in self.slots.get(key, []):
                due = Due(
                    batch_index=batch_index, entry=entry, occurred=occurred, position=slot.position
                )
                state.due.setdefault(entry.tick + slot.delay, []).append(due)

    def _occurred(self, effect: Effect, key: tuple[int, int, int, int], batch_index: int) -> bool:
        """Return whether an effect occurs: its scripts' draw, or without scripts one of its own."""
        if not effect.by_chance:
            return True
        if self.slots.get(key):
            return bool(self.occurrence[batch_index, self.slots[key][0].position])
        actor, action, use, number = key
        draw = uniforms(
            seed=self.layout.scenario.seed,
            purpose=ACTOR_CHANCE,
            identity=(actor * 1024 + action) * 1024 + number,
            tick=use,
            replicate=self.first + batch_index,
        )
        return bool(draw < effect.probability)


def _key(slot: Slot) -> tuple[int, int, int, int]:
    return slot.actor, slot.action, slot.use, slot.effect


def _actor_state(layout: Allocation, actor_index: int, actor: Actor, batch_size: int) -> ActorState:
    shape = (batch_size, len(actor.actions))
    limits = [most_uses(layout.scenario, actor, action) for action in actor.actions]
    return ActorState(
        actor_index=actor_index,
        actor=actor,
        limits=np.array(limits, dtype=np.int64),
        uses=np.zeros(shape, dtype=np.int64),
        last=np.full(shape, NEVER, dtype=np.int64),
        barred=np.zeros(shape, dtype=np.bool_),
        free=np.zeros(batch_size, dtype=np.int64),
        spent=np.zeros(batch_size),
        variables={one.name: np.full(batch_size, float(one.start)) for one in actor.variables},
        taken=[[] for _ in range(batch_size)],
    )
