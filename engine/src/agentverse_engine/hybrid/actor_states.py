"""Playing the actors of one batch: what is open to them, what they take, what comes of it when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PlanError
from agentverse_engine.hybrid.actors import Actor, Sight
from agentverse_engine.hybrid.coupling_ledger import CouplingEntry, Move
from agentverse_engine.hybrid.preallocated_scripts import Layout, Slot, most_uses
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
    """What comes into force at a tick of one replicate: a change of a decision variable, or the
    script of a slot (`position` in the scenario's list)."""

    lane: int
    entry: CouplingEntry
    occurred: bool
    change: Change | None = None
    position: int = -1


@dataclass(slots=True, kw_only=True, eq=False)
class Player:
    """One actor in all replicates of a batch.

    uses, last: int64[R, actions], how often and when last taken; barred: bool[R, actions];
    free: int64[R], the tick from which it is not busy; spent: float64[R], in money;
    variables: float64[R] by name.
    """

    place: int
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

    def open_at(self, tick: int, signals: Mapping[str, Floats], lanes: slice) -> Booleans:
        """Return bool[lanes, actions]: what the actor may start at a tick."""
        number = {action.name: place for place, action in enumerate(self.actor.actions)}
        spacing = np.array([action.spacing for action in self.actor.actions])
        found = (self.uses[lanes] < self.limits) & ~self.barred[lanes]
        found &= self.last[lanes] + spacing <= tick
        found &= (self.free[lanes] <= tick)[:, None]
        for place, action in enumerate(self.actor.actions):
            found[:, place] &= self._affords(action, lanes)
            for other in action.requires:
                found[:, place] &= self.uses[lanes, number[other]] > 0
            for one in action.preconditions:
                values = self.variables.get(one.quantity, signals.get(one.quantity))
                assert values is not None  # noqa: S101  checked with the actor
                found[:, place] &= COMPARE[one.comparison](values[lanes], one.value)
        return found

    def _affords(self, action: Action, lanes: slice) -> Booleans:
        if self.actor.budget is None:
            return np.ones(len(self.spent[lanes]), dtype=np.bool_)
        limit = self.actor.budget + CLOSE * max(1.0, self.actor.budget)
        return self.spent[lanes] + action.money <= limit

    def sight(
        self, tick: int, lane: int, replicate: int, signals: Mapping[str, Floats], row: Booleans
    ) -> Sight:
        """Return what the actor knows in one replicate; row: bool[actions], what is open."""
        actor = self.actor
        budget = np.inf if actor.budget is None else actor.budget
        return Sight(
            tick=tick,
            replicate=replicate,
            signals={name: float(values[lane]) for name, values in signals.items()},
            variables={name: float(values[lane]) for name, values in self.variables.items()},
            money_left=max(0.0, budget - float(self.spent[lane])),
            options=tuple(actor.actions[place].name for place in np.flatnonzero(row)),
            taken=tuple(self.taken[lane]),
        )

    def take(self, place: int, tick: int, lane: int) -> int:
        """Note that an action starts; return how often it had been taken before."""
        action = self.actor.actions[place]
        use = int(self.uses[lane, place])
        self.uses[lane, place] += 1
        self.last[lane, place] = tick
        self.free[lane] = tick + action.time_ticks
        self.spent[lane] += action.money
        self.taken[lane].append(Step(tick=tick, action=action.name))
        for number, other in enumerate(self.actor.actions):
            self.barred[lane, number] |= other.name in action.blocks
        return use

    def change(self, due: Due, change: Change, tick: int) -> None:
        """Move a decision variable; leaving its bounds is an error, never a clamp."""
        values = self.variables[change.variable]
        before = float(values[due.lane])
        after = (
            float(change.applied(values[due.lane : due.lane + 1])[0]) if due.occurred else before
        )
        bounds = next(one for one in self.actor.variables if one.name == change.variable)
        if not bounds.minimum <= after <= bounds.maximum:
            raise PlanError(
                f"became {after:g} by '{due.entry.action}' at tick {tick}, replicate "
                f"{due.entry.replicate}, outside {bounds.minimum:g} to {bounds.maximum:g}.",
                field=f"{self.actor.name}.{change.variable}",
                fix="Give the action a precondition that keeps it inside, or widen the bounds.",
            )
        values[due.lane] = after
        due.entry.moves.append(
            Move(
                variable=change.variable,
                tick=tick,
                occurred=due.occurred,
                before=before,
                after=after,
            )
        )


class Cast:
    """All actors in the replicates first … first+count-1, and the ledger of what they did.

    occurrence: bool[R, scripts], of the layout's scenario.
    """

    def __init__(
        self,
        layout: Layout,
        actors: Sequence[Actor],
        *,
        first: int,
        occurrence: Booleans,
    ) -> None:
        self.layout = layout
        self.first = first
        self.occurrence = occurrence
        self.players = [
            _player(layout, place, actor, len(occurrence)) for place, actor in enumerate(actors)
        ]
        self.entries: list[CouplingEntry] = []
        self.slots: dict[tuple[int, int, int, int], list[Slot]] = {}
        for slot in layout.slots:
            self.slots.setdefault(_key(slot), []).append(slot)

    def decide(self, tick: int, signals: Mapping[str, Floats]) -> tuple[list[Due], Booleans]:
        """Let every actor act at a tick, in their order, on signals float64[R] by name.

        Return the scripts that begin then, and where: bool[R, slots].
        """
        for player in self.players:
            self._settle(player, tick)
            if player.actor.decides_at(tick):
                self._let_act(player, tick, signals)
        begun = [due for player in self.players for due in player.due.pop(tick, [])]
        starting = np.zeros((len(self.occurrence), len(self.layout.slots)), dtype=np.bool_)
        for due in begun:
            starting[due.lane, due.position - self.layout.first] = True
        return begun, starting

    def _settle(self, player: Player, tick: int) -> None:
        """Carry out the changes of decision variables that are due; scripts stay due."""
        waiting = player.due.get(tick, [])
        for due in waiting:
            if due.change is not None:
                player.change(due, due.change, tick)
        player.due[tick] = [due for due in waiting if due.change is None]

    def _let_act(self, player: Player, tick: int, signals: Mapping[str, Floats]) -> None:
        everywhere = player.open_at(tick, signals, slice(None))
        for lane in np.flatnonzero(everywhere.any(axis=1)).tolist():
            replicate = self.first + lane
            sight = player.sight(tick, lane, replicate, signals, everywhere[lane])
            chosen = player.actor.policy(sight)
            field = f"{player.actor.name}.policy"
            for name in listed(chosen, field=field, of=str, error=PlanError):
                self._take_if_open(player, name, sight, lane, signals)

    def _take_if_open(
        self, player: Player, name: str, sight: Sight, lane: int, signals: Mapping[str, Floats]
    ) -> None:
        """Take an option, unless one taken just before closed it."""
        if name not in sight.options:
            raise PlanError(
                f"chose '{name}' at tick {sight.tick}, which is not open.",
                field=f"{player.actor.name}.policy",
                fix=f"Choose among the options: {', '.join(sight.options)}.",
            )
        place = [action.name for action in player.actor.actions].index(name)
        if not player.open_at(sight.tick, signals, slice(lane, lane + 1))[0, place]:
            return
        use = player.take(place, sight.tick, lane)
        entry = CouplingEntry(
            tick=sight.tick,
            replicate=sight.replicate,
            actor=player.actor.name,
            action=name,
            use=use + 1,
            signals=sight.signals,
            spent=float(player.spent[lane]),
        )
        self.entries.append(entry)
        self._schedule(player, entry, place, use, lane)
        self._settle(player, sight.tick)

    def _schedule(
        self, player: Player, entry: CouplingEntry, place: int, use: int, lane: int
    ) -> None:
        """Put down when the effects of an action come into force."""
        action = player.actor.actions[place]
        done = entry.tick + action.time_ticks
        for number, effect in enumerate(action.effects):
            key = (player.place, place, use, number)
            occurred = self._occurred(effect, key, lane)
            for change in effect.changes:
                due = Due(lane=lane, entry=entry, occurred=occurred, change=change)
                player.due.setdefault(done, []).append(due)
            for slot in self.slots.get(key, []):
                due = Due(lane=lane, entry=entry, occurred=occurred, position=slot.position)
                player.due.setdefault(entry.tick + slot.delay, []).append(due)

    def _occurred(self, effect: Effect, key: tuple[int, int, int, int], lane: int) -> bool:
        """Return whether an effect occurs: its scripts' draw, or without scripts one of its own."""
        if not effect.by_chance:
            return True
        if self.slots.get(key):
            return bool(self.occurrence[lane, self.slots[key][0].position])
        actor, action, use, number = key
        draw = uniforms(
            seed=self.layout.scenario.seed,
            purpose=ACTOR_CHANCE,
            identity=(actor * 1024 + action) * 1024 + number,
            tick=use,
            replicate=self.first + lane,
        )
        return bool(draw < effect.probability)


def _key(slot: Slot) -> tuple[int, int, int, int]:
    return slot.actor, slot.action, slot.use, slot.effect


def _player(layout: Layout, place: int, actor: Actor, lanes: int) -> Player:
    shape = (lanes, len(actor.actions))
    limits = [most_uses(layout.scenario, actor, action) for action in actor.actions]
    return Player(
        place=place,
        actor=actor,
        limits=np.array(limits, dtype=np.int64),
        uses=np.zeros(shape, dtype=np.int64),
        last=np.full(shape, NEVER, dtype=np.int64),
        barred=np.zeros(shape, dtype=np.bool_),
        free=np.zeros(lanes, dtype=np.int64),
        spent=np.zeros(lanes),
        variables={one.name: np.full(lanes, float(one.start)) for one in actor.variables},
        taken=[[] for _ in range(lanes)],
    )
