"""A run with actors left by a killed worker goes on from its checkpoints, to the same result."""

import logging
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from factories.actors import REQUEST, adoption
from factories.checkpoints import checkpoint_files, checkpoint_parts
from factories.killing import kill_once_reached
from factories.tasks import fail_for_good, task_of_subject, work_on
from factories.universe import make_hybrid

from agentverse import hybrids
from agentverse.hybrids import executing, resuming
from agentverse.hybrids.executing import HybridWatch
from agentverse.hybrids.schemas import Hybrid, HybridResult
from agentverse.platform.db.engines import Database
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.runs import checkpointing
from agentverse.tasks import repository
from agentverse.universe.schemas import Project

HORIZON = 6  # of `adoption`
# How much of both halves is done, within the first and within the second, and of which of them
# there are checkpoints then.
POINTS = {3 / 12: ["with_actors"], 9 / 12: ["with_actors", "without_actors"]}

# Another process runs the very job body, keeps every tick, and waits at one to be killed.
WORKER = """
import json, sys, time
from uuid import UUID
from agentverse import tasks
from agentverse.entrypoints import tables
from agentverse.platform.jobs.queue import read_scope
from agentverse.runs import checkpointing
from agentverse.hybrids import executing

checkpointing.LEAST_COMPUTING_PER_WRITING = 0.0
looking = executing.HybridWatch.should_cancel

def waiting(watch):
    if watch.done >= float(sys.argv[3]):
        looking(watch)
        print("reached", flush=True)
        time.sleep(60)
    return looking(watch)

executing.HybridWatch.should_cancel = waiting
tasks.work(read_scope(json.loads(sys.argv[1])), UUID(sys.argv[2]), executing.simulate)
"""


def queued(scope: Scope, project: Project) -> UUID:
    return make_hybrid(scope, project, **REQUEST).id


def undisturbed(scope: Scope, project: Project) -> HybridResult:
    hybrid_id = queued(scope, project)
    work_on(scope, hybrid_id, executing.simulate)
    return result_of(scope, hybrid_id)


def read(scope: Scope, hybrid_id: UUID) -> Hybrid:
    return hybrids.read_hybrid(scope, hybrid_id)


def result_of(scope: Scope, hybrid_id: UUID) -> HybridResult:
    found = read(scope, hybrid_id)
    assert found.result is not None, (found.status, found.problem)
    return found.result


def _lose_power(_watch: HybridWatch) -> None:
    raise RuntimeError("the machine lost its power")


class Looks:
    """How far both runs were whenever the engine asked, which it does before every tick."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.shares: list[float] = []
        self.until = float("inf")
        self.then: Callable[[HybridWatch], None] = _lose_power
        looking = HybridWatch.should_cancel

        def looked(watch: HybridWatch) -> bool:
            self.shares.append(watch.done)
            if watch.done >= self.until:
                self.until = float("inf")
                self.then(watch)
            return looking(watch)

        patch.setattr(HybridWatch, "should_cancel", looked)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


def die(scope: Scope, hybrid_id: UUID, looks: Looks, share: float) -> None:
    looks.until = share
    with pytest.raises(RuntimeError, match="power"):
        work_on(scope, hybrid_id, executing.simulate)
    looks.shares.clear()


@pytest.mark.parametrize("share", POINTS)
def test_hybrid_of_a_killed_worker_goes_on_in_either_half_to_the_same_result(
    share: float,
    scope: Scope,
    other_scope: Scope,
    database: Database,
    settings: Settings,
    owner: psycopg.Connection,
    looks: Looks,
) -> None:
    project = adoption(scope)
    expected = undisturbed(scope, project)
    assert len(looks.shares) == 2 * HORIZON
    looks.shares.clear()
    hybrid_id = queued(scope, project)
    task_id = task_of_subject(scope, hybrid_id)
    kill_once_reached(WORKER, scope, task_id, share, database=database, home=settings.home)
    assert read(scope, hybrid_id).status == "running", "it died before it could say anything"
    assert checkpoint_parts(owner, scope) == POINTS[share]
    assert checkpoint_parts(owner, other_scope) == []
    run_queued_jobs()
    assert result_of(scope, hybrid_id).model_dump_json() == expected.model_dump_json()
    # Once where a half is done already.
    assert len(looks.shares) == round((1 - share) * 2 * HORIZON) + (share > 1 / 2)
    assert min(looks.shares) >= share, "progress does not fall back"
    assert checkpoint_parts(owner, scope) == []
    assert checkpoint_files(settings, scope) == []


@pytest.mark.usefixtures("eager_checkpoints")
def test_hybrid_taken_over_shows_no_less_than_before(scope: Scope, looks: Looks) -> None:
    hybrid_id = queued(scope, adoption(scope))
    die(scope, hybrid_id, looks, 3 / 12)
    # The task was told of more ticks than were put aside.
    with tenant_session(scope) as db:
        row = repository.get_task(db, task_of_subject(scope, hybrid_id))
        assert row.total is not None
        row.done = row.total * 5 // 12
    work_on(scope, hybrid_id, executing.simulate)
    assert looks.shares[0] == 5 / 12
    assert looks.shares == sorted(looks.shares)


@pytest.mark.usefixtures("eager_checkpoints")
@pytest.mark.parametrize("harm", ["cut", "gone", "foreign"])
def test_hybrid_with_checkpoints_of_no_use_starts_over_to_the_same_result(
    harm: str,
    scope: Scope,
    settings: Settings,
    owner: psycopg.Connection,
    looks: Looks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    project = adoption(scope)
    expected = undisturbed(scope, project)
    hybrid_id = queued(scope, project)
    die(scope, hybrid_id, looks, 9 / 12)
    files = checkpoint_files(settings, scope)
    assert len(files) == 2
    if harm == "foreign":
        _swap_keys(owner, scope)
    for path in files:
        if harm == "cut":
            path.write_bytes(path.read_bytes()[:-9])
        elif harm == "gone":
            path.unlink()
    with caplog.at_level(logging.WARNING):
        work_on(scope, hybrid_id, executing.simulate)
    assert caplog.text.count("A checkpoint is not used") == 2
    assert looks.shares[0] == 0.0
    assert result_of(scope, hybrid_id) == expected
    assert (checkpoint_files(settings, scope), checkpoint_parts(owner, scope)) == ([], [])


def _swap_keys(owner: psycopg.Connection, scope: Scope) -> None:
    """Each half is offered what the other one left."""
    checkpoint_parts(owner, scope)
    owner.execute(
        "UPDATE checkpoints SET key = other.key FROM checkpoints other "
        "WHERE other.part <> checkpoints.part"
    )


@pytest.mark.usefixtures("eager_checkpoints")
def test_hybrid_does_not_go_on_from_that_of_other_actors(
    scope: Scope, owner: psycopg.Connection, looks: Looks, caplog: pytest.LogCaptureFixture
) -> None:
    project = adoption(scope)
    expected = undisturbed(scope, project)
    theirs = make_hybrid(scope, project, **{**REQUEST, "actors": REQUEST["actors"][:1]}).id
    die(scope, theirs, looks, 3 / 12)
    hybrid_id = queued(scope, project)
    checkpoint_parts(owner, scope)
    owner.execute("UPDATE checkpoints SET owner_id = %s", (hybrid_id,))
    with caplog.at_level(logging.WARNING):
        work_on(scope, hybrid_id, executing.simulate)
    assert "belongs to another hybrid run" in caplog.text
    assert result_of(scope, hybrid_id) == expected


@pytest.mark.usefixtures("eager_checkpoints")
def test_hybrid_cancelled_after_a_takeover_keeps_no_checkpoint(
    scope: Scope, settings: Settings, owner: psycopg.Connection, looks: Looks
) -> None:
    hybrid_id = queued(scope, adoption(scope))
    die(scope, hybrid_id, looks, 3 / 12)
    with tenant_session(scope) as db:
        hybrids.cancel(db, hybrid_id)
    work_on(scope, hybrid_id, executing.simulate)
    assert read(scope, hybrid_id).status == "cancelled"
    assert (checkpoint_files(settings, scope), checkpoint_parts(owner, scope)) == ([], [])


@pytest.mark.usefixtures("eager_checkpoints")
def test_hybrid_cancelled_midway_keeps_no_checkpoint(
    scope: Scope, settings: Settings, owner: psycopg.Connection, looks: Looks
) -> None:
    hybrid_id = queued(scope, adoption(scope))

    def cancel(watch: HybridWatch) -> None:
        assert checkpoint_parts(owner, scope) == POINTS[9 / 12]
        with tenant_session(scope) as db:
            hybrids.cancel(db, hybrid_id)
        watch._monitor._looked = float("-inf")  # pyright: ignore[reportPrivateUsage]

    looks.until, looks.then = 9 / 12, cancel
    work_on(scope, hybrid_id, executing.simulate)
    assert read(scope, hybrid_id).status == "cancelled"
    assert (checkpoint_files(settings, scope), checkpoint_parts(owner, scope)) == ([], [])


@pytest.mark.usefixtures("eager_checkpoints")
def test_hybrid_that_fails_for_good_keeps_no_checkpoint(
    scope: Scope, settings: Settings, owner: psycopg.Connection, looks: Looks
) -> None:
    hybrid_id = queued(scope, adoption(scope))
    die(scope, hybrid_id, looks, 9 / 12)
    assert checkpoint_parts(owner, scope) == POINTS[9 / 12]
    fail_for_good(scope, hybrid_id)
    assert read(scope, hybrid_id).status == "failed"
    assert (checkpoint_files(settings, scope), checkpoint_parts(owner, scope)) == ([], [])


@pytest.mark.usefixtures("eager_checkpoints")
def test_checkpoints_are_of_their_tenant_alone(
    scope: Scope, other_scope: Scope, looks: Looks
) -> None:
    hybrid_id = queued(scope, adoption(scope))
    die(scope, hybrid_id, looks, 3 / 12)

    def left(seen_by: Scope) -> list[bytes]:
        return checkpointing.load_checkpoints(seen_by, hybrid_id, resuming.WITH_ACTORS, bytes)

    assert len(left(scope)) == 1
    assert left(other_scope) == []
