"""What the actors of a batch remember between two ticks: put aside, and taken up again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import CheckpointError
from agentverse_engine.hybrid.actor_states import Cast, Due, Player
from agentverse_engine.hybrid.coupling_ledger import CouplingEntry, Move
from agentverse_engine.planning.actions import Change
from agentverse_engine.planning.paths import Step

COUNTERS = ("uses", "last", "barred", "free", "spent")
# Place of the entry in the ledger; lane, occurred, position; place of the change in its action.
DueTerms = tuple[int, int, bool, int, int | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CastMemory:
    """The ledger so far and the state of every actor, apart from the run that goes on.

    words: JSON of the ledger, and of each actor's steps and what is due; arrays: the counters of
    Player and its variables float64[variables, R], each behind the place of its actor.
    """

    words: str
    arrays: Mapping[str, NDArray[Any]]


def remembered(cast: Cast) -> CastMemory:
    """Return a copy: the cast goes on writing into its own."""
    number = {id(entry): place for place, entry in enumerate(cast.entries)}
    words = {
        "entries": [asdict(entry) for entry in cast.entries],
        "taken": [
            [[[step.tick, step.action] for step in steps] for steps in player.taken]
            for player in cast.players
        ],
        "due": [
            [
                [tick, _due_terms(player, due, number[id(due.entry)])]
                for tick, waiting in player.due.items()
                for due in waiting
            ]
            for player in cast.players
        ],
    }
    arrays = {
        f"{player.place}_{name}": array
        for player in cast.players
        for name, array in _arrays(player).items()
    }
    return CastMemory(words=json.dumps(words), arrays=arrays)


def recall(cast: Cast, memory: CastMemory) -> None:
    """Let a fresh cast of the same actors go on from there; the memory stays as it is."""
    try:
        words: dict[str, list[Any]] = json.loads(memory.words)
        cast.entries = [_entry(terms) for terms in words["entries"]]
        told = zip(cast.players, words["taken"], words["due"], strict=True)
        for player, taken, due in told:
            player.taken = [
                [Step(tick=tick, action=action) for tick, action in steps] for steps in taken
            ]
            for tick, terms in due:
                player.due.setdefault(tick, []).append(_due(player, cast.entries, terms))
            _fill(player, memory.arrays)
    except (KeyError, IndexError, TypeError, ValueError) as fault:
        raise CheckpointError(
            f"hold no memory of these actors: {fault}.",
            field="resume",
            fix="Use the bytes as to_bytes returned them.",
        ) from fault


def _arrays(player: Player) -> dict[str, NDArray[Any]]:
    """Return copies of the counters and of the variables, in the actor's order."""
    lanes = len(player.free)
    variables = np.array(list(player.variables.values()), dtype=np.float64)
    counters = {name: getattr(player, name).copy() for name in COUNTERS}
    return {**counters, "variables": variables.reshape(len(player.variables), lanes)}


def _fill(player: Player, arrays: Mapping[str, NDArray[Any]]) -> None:
    for name in COUNTERS:
        getattr(player, name)[...] = arrays[f"{player.place}_{name}"]
    kept = arrays[f"{player.place}_variables"]
    for values, row in zip(player.variables.values(), kept, strict=True):
        values[:] = row


def _changes(player: Player, entry: CouplingEntry) -> list[Change]:
    """Return all changes of the action that was taken; equal ones are one and the same."""
    action = next(one for one in player.actor.actions if one.name == entry.action)
    return [change for effect in action.effects for change in effect.changes]


def _due_terms(player: Player, due: Due, entry: int) -> DueTerms:
    change = None if due.change is None else _changes(player, due.entry).index(due.change)
    return entry, due.lane, due.occurred, due.position, change


def _due(player: Player, entries: Sequence[CouplingEntry], terms: DueTerms) -> Due:
    number, lane, occurred, position, change = terms
    entry = entries[number]
    return Due(
        lane=lane,
        entry=entry,
        occurred=occurred,
        position=position,
        change=None if change is None else _changes(player, entry)[change],
    )


def _entry(terms: dict[str, Any]) -> CouplingEntry:
    told = {name: value for name, value in terms.items() if name != "moves"}
    return CouplingEntry(**told, moves=[Move(**move) for move in terms["moves"]])
