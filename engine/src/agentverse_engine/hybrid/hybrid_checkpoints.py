"""Checkpoint of a hybrid run between two ticks: the society, its actors, and their coupling."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.errors import CheckpointError
from agentverse_engine.execution.checkpoints import Checkpoint, check_continues
from agentverse_engine.hybrid.actor_storage import StoredActors
from agentverse_engine.hybrid.actors import Actor, Policy
from agentverse_engine.hybrid.preallocated_scripts import allocate
from agentverse_engine.numerics.array_bytes import packed, unpacked
from agentverse_engine.numerics.canonical import content_digest
from agentverse_engine.planning.signals import Signal, signals_of
from agentverse_engine.scenario.scenario import Scenario

KIND = "agentverse hybrid checkpoint 1"
BEFORE = ("attributes", "parameters", "pattern_of")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class HybridCheckpoint:
    """All that a batch and its actors need to go on after `tick`.

    binding: digest of the scenario, the actors and the signals. It tells runs apart and is no
    signature. before: the effects in force at `tick`, against which the next moves are measured.
    """

    binding: str
    society: Checkpoint
    before: TickEffects
    actor_batch: StoredActors

    def __repr__(self) -> str:
        return f"Hybrid{self.society!r}"

    @property
    def tick(self) -> int:
        """The last tick that is done."""
        return self.society.tick

    @property
    def first(self) -> int:
        """The first replicate of the batch."""
        return self.society.first

    @property
    def replicates(self) -> int:
        """How many replicates it holds, from `first` on."""
        return self.society.replicates

    def to_bytes(self, *, compressed: bool = True) -> bytes:
        """Return all of it as bytes for a file or another machine; without pickle."""
        society = self.society.to_bytes(compressed=False)
        arrays = {f"before_{name}": getattr(self.before, name) for name in BEFORE}
        arrays |= {f"cast_{name}": array for name, array in self.actor_batch.arrays.items()}
        arrays["society"] = np.frombuffer(society, dtype=np.uint8)
        labels = {"binding": self.binding, "cast": self.actor_batch.words}
        return packed(KIND, labels, arrays, compressed=compressed)

    @classmethod
    def from_bytes(cls, packet: bytes) -> "HybridCheckpoint":
        """Return the checkpoint that `to_bytes` wrote; its arrays are read-only.

        CheckpointError: bytes that are not whole, or that another version of the engine wrote.
        """
        return _put_together(*unpacked(KIND, packet))


KeepHybridCheckpoint = Callable[[HybridCheckpoint], None]


def _put_together(
    labels: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> HybridCheckpoint:
    try:
        return HybridCheckpoint(
            binding=labels["binding"],
            society=Checkpoint.from_bytes(arrays["society"].tobytes()),
            before=TickEffects(**{name: arrays[f"before_{name}"] for name in BEFORE}),
            actor_batch=StoredActors(
                words=labels["cast"],
                arrays={
                    name.removeprefix("cast_"): array
                    for name, array in arrays.items()
                    if name.startswith("cast_")
                },
            ),
        )
    except KeyError as fault:
        raise CheckpointError(
            f"hold no hybrid checkpoint: {fault} is missing.",
            field="bytes",
            fix="Use the bytes as to_bytes returned them.",
        ) from fault


def binding_of(scenario: Scenario, actors: Sequence[Actor], signals: Sequence[Signal]) -> str:
    """Hash what decides a hybrid run, as far as it is declared; scenario: with its slots."""
    labels = {
        "scenario": scenario.digest,
        "actors": [_actor_terms(actor) for actor in actors],
        "signals": [_signal_terms(signal) for signal in signals],
    }
    return content_digest("hybrid", labels=labels, arrays={})


def check_bound(checkpoint: HybridCheckpoint, binding: str) -> None:
    """Raise a CheckpointError unless the checkpoint is of this scenario, actors and signals."""
    if checkpoint.binding != binding:
        raise CheckpointError(
            "belongs to another hybrid run: the scenario, the actors or the signals differ.",
            field="resume",
            fix="Give those of the run that it came from, or start again without resume.",
        )


def check_resumable(
    checkpoint: HybridCheckpoint,
    scenario: Scenario,
    actors: Sequence[Actor],
    *,
    signals: Sequence[Signal] = (),
) -> None:
    """Raise a CheckpointError unless simulate_hybrid of these goes on from the checkpoint.

    For those who would rather start again than fail. The states that a run records
    (dense_replicates, keyframe_every) are not looked at. Raises PlanError and ScriptError, as
    simulate_hybrid does, for actors or scripts that cannot be used at all.
    """
    layout = allocate(scenario, actors)
    check_bound(checkpoint, binding_of(layout.scenario, actors, signals_of(scenario, signals)))
    check_continues(layout.scenario, checkpoint.society)


def _actor_terms(actor: Actor) -> dict[str, object]:
    return {
        "name": actor.name,
        "actions": [asdict(action) for action in actor.actions],
        "policy": _policy_name(actor.policy),
        "budget": actor.budget,
        "variables": [asdict(variable) for variable in actor.variables],
        "first_tick": actor.first_tick,
        "every": actor.every,
    }


def _signal_terms(signal: Signal) -> dict[str, object]:
    """Return its fields, without a window that is not there: so bound before there were windows."""
    return {name: term for name, term in asdict(signal).items() if term is not None}


def _policy_name(policy: Policy) -> str:
    """Return where a function, or else the class of a callable object, is defined."""
    named = policy if hasattr(policy, "__qualname__") else type(policy)
    return f"{named.__module__}.{named.__qualname__}"
