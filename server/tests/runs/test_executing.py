"""Executing: twice is once, cancelling is heeded, a killed worker loses nothing."""

import os
import signal
import subprocess
import sys
import time
from uuid import UUID

import pytest
from factories.checkpoints import checkpoint_files
from factories.tasks import claim_of_a_dead_worker, work_on
from factories.universe import make_project, run_baseline
from sqlalchemy import func, select

from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.runs import executing, lifecycle, listing, repository
from agentverse.runs.executing import RunWatch
from agentverse.runs.models import CheckpointRow, RunArtifactRow
from agentverse.runs.schemas import Run
from agentverse.tasks import TaskSuperseded
from agentverse.universe import branching

PATIENCE_SECONDS = 150


def run_of(scope: Scope, run_id: UUID) -> Run:
    with tenant_session(scope, read_only=True) as db:
        return listing.get_run(db, run_id)


def queued_run(scope: Scope, **options: int) -> UUID:
    project = make_project(scope, **options)  # pyright: ignore[reportArgumentType]
    with tenant_session(scope) as db:
        return branching.run_node(db, project.root_node_id).run_ids[0]


def execute(scope: Scope, run_id: UUID, watching: type[RunWatch] | None = None) -> None:
    """What the worker does with the run's job, in this thread."""
    work_on(scope, run_id, lambda attempt: executing.execute_run(attempt, watching=watching))


def test_execute_run_twice_stores_once(scope: Scope) -> None:
    run_id = queued_run(scope)
    execute(scope, run_id)
    first = run_of(scope, run_id)
    execute(scope, run_id)
    again = run_of(scope, run_id)
    assert (again.attempt, again.digest, again.finished_at) == (
        1,
        first.digest,
        first.finished_at,
    )
    with tenant_session(scope, read_only=True) as db:
        assert db.scalar(select(func.count()).select_from(RunArtifactRow)) == 3


def test_execute_run_of_a_dead_worker_starts_over_to_the_same_digest(scope: Scope) -> None:
    project = make_project(scope)
    expected = [run_of(scope, run_id).digest for run_id in run_baseline(scope, project)]
    with tenant_session(scope) as db:
        run_ids = branching.run_node(db, project.root_node_id).run_ids
    for run_id in run_ids:
        claim_of_a_dead_worker(scope, run_id)
        execute(scope, run_id)
    rows = [run_of(scope, run_id) for run_id in run_ids]
    assert [row.attempt for row in rows] == [2, 2]
    assert [row.digest for row in rows] == expected


def test_watch_writes_progress_at_most_five_times_a_second(scope: Scope) -> None:
    run_id = queued_run(scope)
    attempt = claim_of_a_dead_worker(scope, run_id)
    seconds = 0.0
    watch = RunWatch(attempt=attempt, horizon=6, clock=lambda: seconds)
    watch.progress(1, 6)
    seconds = 0.1
    watch.progress(2, 6)
    assert run_of(scope, run_id).tick == 1
    seconds = 0.2
    watch.progress(3, 6)
    assert run_of(scope, run_id).tick == 3


def test_watch_sees_a_cancellation_at_the_next_tick(scope: Scope) -> None:
    run_id = queued_run(scope)
    attempt = claim_of_a_dead_worker(scope, run_id)
    seconds = 0.0
    watch = RunWatch(attempt=attempt, horizon=6, clock=lambda: seconds)
    assert not watch.should_cancel()
    with tenant_session(scope) as db:
        lifecycle.cancel(db, run_id)
    seconds = 0.06
    assert watch.should_cancel()


def test_watch_of_a_superseded_attempt_stops_writing(scope: Scope) -> None:
    run_id = queued_run(scope)
    watch = RunWatch(attempt=claim_of_a_dead_worker(scope, run_id), horizon=6)
    claim_of_a_dead_worker(scope, run_id)
    with pytest.raises(TaskSuperseded):
        watch.progress(1, 6)
    assert run_of(scope, run_id).tick == 0


def test_execute_run_cancelled_midway_keeps_nothing(scope: Scope) -> None:
    """The cancellation arrives while the engine is between two ticks."""
    run_id = queued_run(scope)

    class Cancelling(RunWatch):
        def progress(self, done: int, total: int) -> None:
            with tenant_session(scope) as db:
                lifecycle.cancel(db, run_id)
            self._monitor._looked = float("-inf")  # pyright: ignore[reportPrivateUsage]

    execute(scope, run_id, Cancelling)
    row = run_of(scope, run_id)
    assert (row.status, row.digest, row.scenario_digest) == ("cancelled", None, None)
    with tenant_session(scope, read_only=True) as db:
        assert db.scalar(select(func.count()).select_from(RunArtifactRow)) == 0


class Dying(RunWatch):
    """A worker that is gone after half of the run, and with it what it held in memory."""

    def progress(self, done: int, total: int) -> None:
        if 2 * done >= total:
            raise RuntimeError("the machine lost its power")


@pytest.mark.usefixtures("eager_checkpoints")
def test_execute_run_goes_on_from_a_dead_workers_checkpoint(
    scope: Scope, settings: Settings
) -> None:
    project = make_project(scope)
    expected = [run_of(scope, run_id).digest for run_id in run_baseline(scope, project)]
    with tenant_session(scope) as db:
        run_ids = branching.run_node(db, project.root_node_id).run_ids
    for run_id in run_ids:
        with pytest.raises(RuntimeError, match="power"):
            execute(scope, run_id, Dying)
        assert checkpoint_files(settings, scope)
        execute(scope, run_id)
    rows = [run_of(scope, run_id) for run_id in run_ids]
    assert [row.digest for row in rows] == expected
    assert [(row.attempt, row.resumed_tick) for row in rows] == [(2, 2), (2, 2)]
    assert checkpoint_files(settings, scope) == []
    with tenant_session(scope, read_only=True) as db:
        assert db.scalar(select(func.count()).select_from(CheckpointRow)) == 0


@pytest.mark.usefixtures("eager_checkpoints")
def test_execute_run_with_damaged_checkpoints_starts_over_to_the_same_digest(
    scope: Scope, settings: Settings
) -> None:
    project = make_project(scope)
    expected = run_of(scope, run_baseline(scope, project)[0]).digest
    with tenant_session(scope) as db:
        run_id = branching.run_node(db, project.root_node_id).run_ids[0]
    with pytest.raises(RuntimeError, match="power"):
        execute(scope, run_id, Dying)
    for path in checkpoint_files(settings, scope):
        path.write_bytes(path.read_bytes()[:-9])
    execute(scope, run_id)
    row = run_of(scope, run_id)
    assert (row.digest, row.resumed_tick) == (expected, None)


@pytest.mark.usefixtures("eager_checkpoints")
def test_execute_run_cancelled_after_a_takeover_keeps_no_checkpoint(
    scope: Scope, settings: Settings
) -> None:
    run_id = queued_run(scope)
    with pytest.raises(RuntimeError, match="power"):
        execute(scope, run_id, Dying)
    with tenant_session(scope) as db:
        lifecycle.cancel(db, run_id)
    execute(scope, run_id)
    assert run_of(scope, run_id).status == "cancelled"
    assert checkpoint_files(settings, scope) == []


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "AGENTVERSE_RUN_CHECKPOINT_SECONDS": "0.05",
        "AGENTVERSE_WORKER_STALE_SECONDS": "2",
        "AGENTVERSE_WORKER_HEARTBEAT_SECONDS": "0.5",
        "AGENTVERSE_LOG_LEVEL": "ERROR",
        "AGENTVERSE_HOME": str(settings.home),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "agentverse.entrypoints.cli", "worker", "--supervised"],
        env=environment,
        stdin=subprocess.PIPE,
    )


def wait_for(scope: Scope, run_id: UUID, *statuses: str, ticks: int = 0) -> Run:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        row = run_of(scope, run_id)
        if row.status in statuses and row.tick >= ticks:
            return row
        assert time.monotonic() < end, f"still {row.status} at tick {row.tick}"
        time.sleep(0.02)


def wait_for_checkpoint(scope: Scope, run_id: UUID, worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        with tenant_session(scope, read_only=True) as db:
            if repository.checkpoints_of(db, run_id):
                return
        assert worker.poll() is None
        assert time.monotonic() < end, "no checkpoint was kept"
        time.sleep(0.005)


def test_worker_killed_in_mid_run_is_replaced_and_the_digest_stays(
    scope: Scope, settings: Settings
) -> None:
    """A real worker process, a real kill -9 at whatever tick it has reached, a second worker."""
    options = {"personas": 6_000, "horizon": 100, "replicates": 20}
    project = make_project(scope, **options)  # pyright: ignore[reportArgumentType]
    with tenant_session(scope) as db:
        run_ids = branching.run_node(db, project.root_node_id).run_ids
    with start_worker(settings) as first:
        try:
            wait_for(scope, run_ids[0], "running", ticks=1)
            wait_for_checkpoint(scope, run_ids[0], first)
            first.send_signal(signal.SIGKILL)
            first.wait()
            interrupted = run_of(scope, run_ids[0])
            assert interrupted.status == "running", "it died before it could say anything"
        finally:
            first.kill()
    with start_worker(settings) as second:
        try:
            rows = [wait_for(scope, run_id, "succeeded", "failed") for run_id in run_ids]
        finally:
            second.terminate()
    assert [row.status for row in rows] == ["succeeded", "succeeded"]
    assert rows[0].attempt == 2
    assert (rows[0].resumed_tick or 0) > 0
    with tenant_session(scope, read_only=True) as db:
        assert db.scalar(select(func.count()).select_from(CheckpointRow)) == 0
    undisturbed = [run_of(scope, run_id).digest for run_id in run_baseline(scope, project)]
    assert [row.digest for row in rows] == undisturbed
