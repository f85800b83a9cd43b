"""Keeping checkpoints: the clock decides, what ended is kept too, files go with their owner."""

import logging
import shutil
from dataclasses import dataclass
from uuid import UUID

import psycopg
import pytest
from factories.checkpoints import checkpoint_files, checkpoint_parts

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.runs import checkpointing
from agentverse.runs.checkpointing import CheckpointWriter
from agentverse.tasks import TaskSuperseded

HORIZON = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What a batch of 4 replicates puts aside; its bytes say no more than where it is."""

    tick: int
    first: int = 0
    replicates: int = 4

    def to_bytes(self) -> bytes:
        return f"{self.first} {self.tick}".encode()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def anyone(_db: TenantSession) -> None:
    """Nobody has taken it over."""


def checkpoint_writer(scope: Scope, clock: Clock, owner_id: UUID | None = None) -> CheckpointWriter:
    return CheckpointWriter(
        scope=scope,
        owner_id=owner_id or new_id(),
        horizon=HORIZON,
        owned=anyone,
        clock=clock,
    )


def left(scope: Scope, kept: CheckpointWriter, part: str = "run") -> list[bytes]:
    return checkpointing.load_checkpoints(scope, kept.owner_id, part, bytes)


def test_keeper_stores_the_newest_once_the_clock_says_so(scope: Scope) -> None:
    clock = Clock()
    kept = checkpoint_writer(scope, clock)
    keep = kept.of("run")
    keep(Aside(tick=1))
    clock.now = 4.9
    keep(Aside(tick=2))
    assert left(scope, kept) == []
    clock.now = 5.0
    keep(Aside(tick=3))
    clock.now = 9.9
    keep(Aside(tick=4))
    assert left(scope, kept) == [b"0 3"]
    clock.now = 10.0
    keep(Aside(tick=5))
    assert left(scope, kept) == [b"0 5"]


def test_keeper_writes_for_a_small_part_of_the_time_however_slow_the_disk(scope: Scope) -> None:
    clock = Clock()

    class Slow(Aside):
        def to_bytes(self) -> bytes:
            clock.now += 1.0
            return super().to_bytes()

    kept = checkpoint_writer(scope, clock)
    keep = kept.of("run")
    clock.now = 5.0
    keep(Slow(tick=1))
    clock.now = 25.9
    keep(Slow(tick=2))
    assert left(scope, kept) == [b"0 1"]
    clock.now = 26.0
    keep(Slow(tick=3))
    assert left(scope, kept) == [b"0 3"]


def test_keeper_does_not_forget_batches_and_parts_that_ended_between_two_storings(
    scope: Scope,
) -> None:
    clock = Clock()
    kept = checkpoint_writer(scope, clock)
    for first in (0, 4):
        kept.of("one")(Aside(tick=HORIZON, first=first))
    kept.of("other")(Aside(tick=1))
    clock.now = 5.0
    kept.of("other")(Aside(tick=2))
    assert left(scope, kept, "one") == [b"0 12", b"4 12"]
    assert left(scope, kept, "other") == [b"0 2"]


def test_keeper_that_cannot_write_says_so_and_tries_again(
    scope: Scope, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    kept = checkpoint_writer(scope, clock)
    kept.of("run")(Aside(tick=HORIZON))
    clock.now = 5.0
    shutil.rmtree(settings.artifacts, ignore_errors=True)
    settings.artifacts.write_bytes(b"in the way of the folder")
    try:
        with caplog.at_level(logging.WARNING):
            kept.of("run")(Aside(tick=1, first=4))
    finally:
        settings.artifacts.unlink()
    assert "was kept" in caplog.text
    assert left(scope, kept) == []
    clock.now = 10.0
    kept.of("run")(Aside(tick=2, first=4))
    assert left(scope, kept) == [b"0 12", b"4 2"]


def test_keeper_of_a_superseded_attempt_changes_nothing(scope: Scope) -> None:
    clock = Clock()
    owner_id = new_id()
    theirs = checkpoint_writer(scope, clock, owner_id)

    def taken_over(_db: TenantSession) -> None:
        raise TaskSuperseded("Another worker took this run over; its result counts.")

    ours = CheckpointWriter(
        scope=scope, owner_id=owner_id, horizon=HORIZON, owned=taken_over, clock=clock
    )
    clock.now = 5.0
    theirs.of("run")(Aside(tick=7))
    with pytest.raises(TaskSuperseded):
        ours.of("run")(Aside(tick=3))
    assert left(scope, theirs) == [b"0 7"]


def test_ending_removes_rows_and_files_but_not_a_file_that_another_owner_names(
    scope: Scope, settings: Settings, owner: psycopg.Connection
) -> None:
    clock = Clock()
    one, other = checkpoint_writer(scope, clock), checkpoint_writer(scope, clock)
    clock.now = 5.0
    one.of("run")(Aside(tick=3))
    other.of("run")(Aside(tick=3))
    assert len(checkpoint_files(settings, scope)) == 1
    with tenant_session(scope) as db:
        checkpointing.forget(db, one.owner_id)
    assert (left(scope, one), left(scope, other)) == ([], [b"0 3"])
    with pytest.raises(RuntimeError), tenant_session(scope) as db:
        checkpointing.forget(db, other.owner_id)
        raise RuntimeError("not ended after all")
    assert left(scope, other) == [b"0 3"]
    with tenant_session(scope) as db:
        checkpointing.forget(db, other.owner_id)
    assert (checkpoint_files(settings, scope), checkpoint_parts(owner, scope)) == ([], [])
