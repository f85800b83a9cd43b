"""Checkpoints of a running run: kept every few seconds, taken up by the next attempt, removed.

A checkpoint that is missing, damaged or of another engine is left out, never an error: the run
then computes those replicates from the start, to the same digest.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import NotFound
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings
from agentverse.platform.storage import artifact_store
from agentverse.platform.storage.base import ArtifactDamaged, ArtifactNotStored
from agentverse.runs import artifacts, lifecycle, repository
from agentverse.runs.models import RunCheckpointRow
from agentverse_engine import Checkpoint, Scenario
from agentverse_engine.checkpoints import check_continues
from agentverse_engine.errors import CheckpointError

SUFFIX: Final = ".checkpoint"
# Writing must stay a small part of computing, however large the state is.
LEAST_COMPUTING_PER_WRITING: Final = 20.0
MOST_CHECKPOINTS: Final = 100

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Keeper:
    """Stores the newest checkpoint of each batch of replicates, not too often."""

    scope: Scope
    run_id: UUID
    attempt: int
    clock: Callable[[], float] = time.monotonic
    _due: float = field(default=float("nan"))

    def __post_init__(self) -> None:
        self._due = self.clock() + get_settings().run_checkpoint_seconds

    def keep(self, checkpoint: Checkpoint) -> None:
        started = self.clock()
        if started < self._due:
            return
        try:
            self._store(checkpoint)
        except ArtifactNotStored as error:
            logger.warning("No checkpoint of run %s was kept: %s", self.run_id, error.detail)
        now = self.clock()
        pause = LEAST_COMPUTING_PER_WRITING * (now - started)
        self._due = now + max(get_settings().run_checkpoint_seconds, pause)

    def _store(self, checkpoint: Checkpoint) -> None:
        data = checkpoint.to_bytes()
        key = artifact_store().put(self.scope.tenant_id, data, suffix=SUFFIX)
        with tenant_session(self.scope) as db:
            lifecycle.owned(db, self.run_id, attempt=self.attempt)
            old = repository.find_checkpoint(db, self.run_id, checkpoint.first)
            unused = None if old is None or old.key == key else old.key
            row = old or RunCheckpointRow(run_id=self.run_id, first_replicate=checkpoint.first)
            row.tick, row.replicates = checkpoint.tick, checkpoint.replicates
            row.key, row.size_bytes = key, len(data)
            db.add(row)
        _delete_files(self.scope, [] if unused is None else [unused])


def ticks_between(horizon: int) -> int:
    """How often the engine puts a batch aside; whether that is stored, the clock decides."""
    return max(1, horizon // MOST_CHECKPOINTS)


def take_up(scope: Scope, run_id: UUID, attempt: int, scenario: Scenario) -> list[Checkpoint]:
    """What an earlier attempt left of this run, and say so in its row."""
    with tenant_session(scope, read_only=True) as db:
        keys = [row.key for row in repository.checkpoints_of(db, run_id)]
    read = (_usable(scope, key, scenario) for key in keys)
    found = [checkpoint for checkpoint in read if checkpoint is not None]
    if found:
        done = sum(one.tick * one.replicates for one in found) // scenario.replicates
        with tenant_session(scope) as db:
            row = lifecycle.owned(db, run_id, attempt=attempt)
            row.tick = row.resumed_tick = done
    return found


def remove(db: TenantSession, run_id: UUID) -> list[str]:
    """Forget a run's checkpoints in the transaction that ends it; the keys are for `discard`."""
    rows = repository.checkpoints_of(db, run_id)
    keys = [row.key for row in rows]
    for row in rows:
        db.delete(row)
    return keys


def discard(scope: Scope, keys: Sequence[str]) -> None:
    """Delete the files, once the rows are gone for good."""
    _delete_files(scope, keys)


def _usable(scope: Scope, key: str, scenario: Scenario) -> Checkpoint | None:
    try:
        checkpoint = Checkpoint.from_bytes(artifacts.read(scope.tenant_id, key))
        check_continues(scenario, checkpoint)
    except (NotFound, ArtifactDamaged, CheckpointError) as error:
        logger.warning("A checkpoint is not used: %s", error)
        return None
    return checkpoint


def _delete_files(scope: Scope, keys: Sequence[str]) -> None:
    """Equal runs share files by content, so one that another run still names stays."""
    if not keys:
        return
    with tenant_session(scope, read_only=True) as db:
        kept = repository.checkpoint_keys_in_use(db, keys)
    for key in set(keys) - kept:
        artifact_store().delete(scope.tenant_id, key)
