"""A run with actors after its worker died: each half, with them and without, goes on by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from agentverse import tasks
from agentverse.hybrids.conversion import Troupe
from agentverse.runs import checkpointing
from agentverse.tasks import Attempt
from agentverse_engine import Checkpoint, Scenario
from agentverse_engine.hybrid import HybridCheckpoint, check_resumable

WITH_ACTORS: Final = "with_actors"
WITHOUT_ACTORS: Final = "without_actors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What an earlier attempt left of both halves; one that had ended need not run again."""

    with_actors: Sequence[HybridCheckpoint]
    without_actors: Sequence[Checkpoint]

    def share(self, scenario: Scenario) -> float:
        """How much of both halves is done, 0 … 1."""
        halves = (self.with_actors, self.without_actors)
        ticks = sum(checkpointing.ticks_done(half, scenario.replicates) for half in halves)
        return ticks / (2 * scenario.horizon)


def take_up(attempt: Attempt, scenario: Scenario, troupe: Troupe) -> Left:
    """Checkpoints that are damaged, or of other actors or another world, are left out."""
    return Left(
        with_actors=checkpointing.take_up(
            attempt.scope,
            attempt.subject_id,
            WITH_ACTORS,
            partial(_read_with_actors, scenario, troupe),
        ),
        without_actors=checkpointing.take_up(
            attempt.scope,
            attempt.subject_id,
            WITHOUT_ACTORS,
            partial(checkpointing.read_for, scenario),
        ),
    )


def keeper(attempt: Attempt, scenario: Scenario) -> checkpointing.Keeper:
    """One for both halves: what the first still holds when it ends is stored in the second."""
    return checkpointing.Keeper(
        scope=attempt.scope,
        owner_id=attempt.subject_id,
        horizon=scenario.horizon,
        owned=lambda db: tasks.owned(db, attempt),
    )


def _read_with_actors(scenario: Scenario, troupe: Troupe, data: bytes) -> HybridCheckpoint:
    checkpoint = HybridCheckpoint.from_bytes(data)
    check_resumable(checkpoint, scenario, troupe.actors, signals=troupe.signals)
    return checkpoint
