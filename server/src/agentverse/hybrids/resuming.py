"""A run with actors after its worker died: each half, with them and without, goes on by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from agentverse import tasks
from agentverse.hybrids.conversion import ActorSetup
from agentverse.runs import checkpointing
from agentverse.tasks import Attempt
from agentverse_engine import Checkpoint, Scenario
from agentverse_engine.hybrid import HybridCheckpoint, check_resumable

WITH_ACTORS: Final = "with_actors"
WITHOUT_ACTORS: Final = "without_actors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What an earlier attempt left of both halves; one that had ended need not run again."""

    with_actors: Sequence[HybridCheckpoint]
    without_actors: Sequence[Checkpoint]

    def share(self, scenario: Scenario) -> float:
        """How much of both halves is done, 0 … 1."""
        halves = (self.with_actors, self.without_actors)
        ticks = sum(checkpointing.ticks_done(half, scenario.replicates) for half in halves)
        return ticks / (2 * scenario.horizon)


def load_checkpoints(attempt: Attempt, scenario: Scenario, setup: ActorSetup) -> Resumed:
    """Checkpoints that are damaged, or of other actors or another world, are left out."""
    return Resumed(
        with_actors=checkpointing.load_checkpoints(
            attempt.scope,
            attempt.subject_id,
            WITH_ACTORS,
            partial(_read_with_actors, scenario, setup),
        ),
        without_actors=checkpointing.load_checkpoints(
            attempt.scope,
            attempt.subject_id,
            WITHOUT_ACTORS,
            partial(checkpointing.read_for, scenario),
        ),
    )


def checkpoint_writer(attempt: Attempt, scenario: Scenario) -> checkpointing.CheckpointWriter:
    """One for both halves: what the first still holds when it ends is stored in the second."""
    return checkpointing.CheckpointWriter(
        scope=attempt.scope,
        owner_id=attempt.subject_id,
        horizon=scenario.horizon,
        owned=lambda db: tasks.owned(db, attempt),
    )


def _read_with_actors(scenario: Scenario, setup: ActorSetup, data: bytes) -> HybridCheckpoint:
    checkpoint = HybridCheckpoint.from_bytes(data)
    check_resumable(checkpoint, scenario, setup.actors, signals=setup.signals)
    return checkpoint
