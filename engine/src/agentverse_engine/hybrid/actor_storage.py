"""The state of a batch's actors between two ticks, stored in a checkpoint and restored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import CheckpointError
from agentverse_engine.hybrid.actor_states import ActorBatch, ActorState, Due
from agentverse_engine.hybrid.coupling_ledger import CouplingEntry, Move
from agentverse_engine.planning.actions import Change
from agentverse_engine.planning.paths import Step

COUNTERS = ("uses", "last", "barred", "free", "spent")
# Position in the ledger, index in the batch, occurred, slot, index of the change in its action.
DueTerms = tuple[int, int, bool, int, int | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredActors:
    """The ledger so far and the state of every actor, copied, so that the run may continue.

    words: JSON of the ledger, and of each actor's steps and what is due; arrays: the counters of
    ActorState and its variables float64[variables, R], named by the index of the actor.
    """

    words: str
    arrays: Mapping[str, NDArray[Any]]


def stored_actors(actor_batch: ActorBatch) -> StoredActors:
    """Return a copy of the state of all actors."""
    number = {id(entry): at for at, entry in enumerate(actor_batch.entries)}
    words = {
        "entries": [asdict(entry) for entry in actor_batch.entries],
        "taken": [
            [[[step.tick, step.action] for step in steps] for steps in state.taken]
            for state in actor_batch.states
        ],
        "due": [
            [
                [tick, _due_terms(state, due, number[id(due.entry)])]
                for tick, waiting in state.due.items()
                for due in waiting
            ]
            for state in actor_batch.states
        ],
    }
    arrays = {
        f"{state.actor_index}_{name}": array
        for state in actor_batch.states
        for name, array in _arrays(state).items()
    }
    return StoredActors(words=json.dumps(words), arrays=arrays)


def restore_actors(actor_batch: ActorBatch, memory: StoredActors) -> None:
    """Write the stored state into a fresh batch of the same actors; `memory` is only read."""
    try:
        words: dict[str, list[Any]] = json.loads(memory.words)
        actor_batch.entries = [_entry(terms) for terms in words["entries"]]
        stored = zip(actor_batch.states, words["taken"], words["due"], strict=True)
        for state, taken, due in stored:
            state.taken = [
                [Step(tick=tick, action=action) for tick, action in steps] for steps in taken
            ]
            for tick, terms in due:
                state.due.setdefault(tick, []).append(_due(state, actor_batch.entries, terms))
            _fill(state, memory.arrays)
    except (KeyError, IndexError, TypeError, ValueError) as fault:
        raise CheckpointError(
            f"hold no memory of these actors: {fault}.",
            field="resume",
            fix="Use the bytes as to_bytes returned them.",
        ) from fault


def _arrays(state: ActorState) -> dict[str, NDArray[Any]]:
    """Return copies of the counters and of the variables, in the actor's order."""
    batch_size = len(state.free)
    variables = np.array(list(state.variables.values()), dtype=np.float64)
    counters = {name: getattr(state, name).copy() for name in COUNTERS}
    return {**counters, "variables": variables.reshape(len(state.variables), batch_size)}


def _fill(state: ActorState, arrays: Mapping[str, NDArray[Any]]) -> None:
    for name in COUNTERS:
        getattr(state, name)[...] = arrays[f"{state.actor_index}_{name}"]
    kept = arrays[f"{state.actor_index}_variables"]
    for values, row in zip(state.variables.values(), kept, strict=True):
        values[:] = row


def _changes(state: ActorState, entry: CouplingEntry) -> list[Change]:
    """Return all changes of the action that was taken; equal ones are one and the same."""
    action = next(one for one in state.actor.actions if one.name == entry.action)
    return [change for effect in action.effects for change in effect.changes]


def _due_terms(state: ActorState, due: Due, entry: int) -> DueTerms:
    change = None if due.change is None else _changes(state, due.entry).index(due.change)
    return entry, due.batch_index, due.occurred, due.position, change


def _due(state: ActorState, entries: Sequence[CouplingEntry], terms: DueTerms) -> Due:
    number, batch_index, occurred, position, change = terms
    entry = entries[number]
    return Due(
        batch_index=batch_index,
        entry=entry,
        occurred=occurred,
        position=position,
        change=None if change is None else _changes(state, entry)[change],
    )


def _entry(terms: dict[str, Any]) -> CouplingEntry:
    stored = {name: value for name, value in terms.items() if name != "moves"}
    return CouplingEntry(**stored, moves=[Move(**move) for move in terms["moves"]])
