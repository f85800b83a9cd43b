"""Checkpoints of what is being computed: kept every few seconds, taken up by the next attempt.

Their owner is a run, or other work that is resumed. A checkpoint that is missing, damaged or of
another engine is left out, never an error: those replicates are then computed from the start, to
the same digest.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeVar
from uuid import UUID

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import NotFound
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings
from agentverse.platform.storage import artifact_store
from agentverse.platform.storage.artifact_store import ArtifactDamaged, ArtifactNotStored
from agentverse.runs import artifacts, repository
from agentverse.runs.models import CheckpointRow
from agentverse_engine import Checkpoint, Scenario
from agentverse_engine.errors import CheckpointError
from agentverse_engine.execution.checkpoints import check_continues

SUFFIX: Final = ".checkpoint"
# Writing must stay a small part of computing, however large the state is.
LEAST_COMPUTING_PER_WRITING: Final = 20.0
MOST_CHECKPOINTS: Final = 100

logger = logging.getLogger(__name__)

Taken = TypeVar("Taken")


class Storable(Protocol):
    """What the engine puts aside of a batch: a Checkpoint, or one with actors in it."""

    @property
    def tick(self) -> int: ...

    @property
    def first(self) -> int: ...

    @property
    def replicates(self) -> int: ...

    def to_bytes(self) -> bytes: ...


@dataclass(slots=True, kw_only=True)
class CheckpointWriter:
    """Stores the newest checkpoint of each batch of replicates, not too often.

    owned: locks the owner's row, or raises when another attempt has taken it over. A batch that
    ends between two storings waits for the next one: no other checkpoint of it will come.
    """

    scope: Scope
    owner_id: UUID
    horizon: int
    owned: Callable[[TenantSession], object]
    clock: Callable[[], float] = time.monotonic
    _due: float = field(default=float("nan"))
    _ended: list[tuple[str, Storable]] = field(default_factory=list[tuple[str, Storable]])

    def __post_init__(self) -> None:
        self._due = self.clock() + get_settings().run_checkpoint_seconds

    def of(self, part: str) -> Callable[[Storable], None]:
        """What the engine is to give the checkpoints of one part to."""
        return partial(self._keep, part)

    def _keep(self, part: str, checkpoint: Storable) -> None:
        ended = checkpoint.tick == self.horizon
        if ended:
            self._ended.append((part, checkpoint))
        started = self.clock()
        if started < self._due:
            return
        try:
            self._store_ended()
            if not ended:
                self._store(part, checkpoint)
        except ArtifactNotStored as error:
            logger.warning("No checkpoint of %s was kept: %s", self.owner_id, error.detail)
        now = self.clock()
        pause = LEAST_COMPUTING_PER_WRITING * (now - started)
        self._due = now + max(get_settings().run_checkpoint_seconds, pause)

    def _store_ended(self) -> None:
        while self._ended:
            self._store(*self._ended[-1])
            self._ended.pop()

    def _store(self, part: str, checkpoint: Storable) -> None:
        data = checkpoint.to_bytes()
        key = artifact_store().put(self.scope.tenant_id, data, suffix=SUFFIX)
        with tenant_session(self.scope) as db:
            self.owned(db)
            old = repository.find_checkpoint(db, self.owner_id, part, checkpoint.first)
            unused = None if old is None or old.key == key else old.key
            row = old or CheckpointRow(
                owner_id=self.owner_id, part=part, first_replicate=checkpoint.first
            )
            row.tick, row.replicates = checkpoint.tick, checkpoint.replicates
            row.key, row.size_bytes = key, len(data)
            db.add(row)
        discard(self.scope, [] if unused is None else [unused])


def ticks_between(horizon: int) -> int:
    """How often the engine puts a batch aside; whether that is stored, the clock decides."""
    return max(1, horizon // MOST_CHECKPOINTS)


def load_checkpoints(
    scope: Scope, owner_id: UUID, part: str, read: Callable[[bytes], Taken]
) -> list[Taken]:
    """The checkpoints that an earlier attempt stored of this part.

    read: makes a checkpoint of the bytes, or raises CheckpointError when it is of no use.
    """
    with tenant_session(scope, read_only=True) as db:
        rows = repository.checkpoints_of(db, owner_id)
    usable = (_usable(scope, row.key, read) for row in rows if row.part == part)
    return [checkpoint for checkpoint in usable if checkpoint is not None]


def read_for(scenario: Scenario, data: bytes) -> Checkpoint:
    """A plain run's checkpoint; CheckpointError when the scenario does not go on from it."""
    checkpoint = Checkpoint.from_bytes(data)
    check_continues(scenario, checkpoint)
    return checkpoint


def ticks_done(taken: Iterable[Storable], replicates: int) -> int:
    """The mean tick that all replicates have reached, rounded down."""
    return sum(one.tick * one.replicates for one in taken) // replicates


def remove(db: TenantSession, owner_id: UUID) -> list[str]:
    """Forget them in the transaction that ends their owner; the keys are for `discard`."""
    rows = repository.checkpoints_of(db, owner_id)
    keys = [row.key for row in rows]
    for row in rows:
        db.delete(row)
    return keys


def discard(scope: Scope, keys: Sequence[str]) -> None:
    """Delete the files, once the rows are gone for good.

    Equal runs share files by content, so one that another owner still names stays.
    """
    if not keys:
        return
    with tenant_session(scope, read_only=True) as db:
        kept = repository.checkpoint_keys_in_use(db, keys)
    for key in set(keys) - kept:
        artifact_store().delete(scope.tenant_id, key)


def forget(db: TenantSession, owner_id: UUID) -> None:
    """Remove them in the transaction that ends their owner, and the files once that stands."""
    db.call_after_commit(partial(discard, db.scope, remove(db, owner_id)))


def _usable(scope: Scope, key: str, read: Callable[[bytes], Taken]) -> Taken | None:
    try:
        return read(artifacts.read(scope.tenant_id, key))
    except (NotFound, ArtifactDamaged, CheckpointError) as error:
        logger.warning("A checkpoint is not used: %s", error)
        return None
