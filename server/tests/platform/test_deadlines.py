"""A job that takes too long is failed for good, and only its own process ends."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from factories.databases import database_environment
from sqlalchemy import text

from agentverse.entrypoints.worker import HANDLERS
from agentverse.platform.db import engines, readiness
from agentverse.platform.db.engines import Database
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.deadlines import EXIT_STATUS
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.jobs.registry import LONGEST_SECONDS, handled_names, handling
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.platform.wire import WireModel

# A worker as the installation runs it, with one kind of work that never ends by itself.
WORKER = """
import asyncio, sys, threading
from pathlib import Path
import slow_work
from agentverse.platform.db import engines
from agentverse.platform.jobs.worker_loop import run_worker
from agentverse.platform.settings import get_settings
asyncio.run(run_worker(engines.current(), get_settings()))
"""

SLOW_WORK = """
import threading
from pathlib import Path
from agentverse.platform.jobs.registry import handles
from agentverse.platform.wire import WireModel

class Slow(WireModel):
    told: str

def fail(scope, payload, error):
    Path(payload.told).write_text(error.code)

@handles(Slow, on_failure=fail, longest_seconds=0.5)
def work(scope, payload):
    threading.Event().wait()
"""


class Slow(WireModel):
    told: str


@pytest.fixture
def queued(scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the failure hook tells what it was called with."""
    monkeypatch.setattr(Slow, "__module__", "slow_work")
    with tenant_session(scope) as db:
        enqueue(db, Slow(told=str(tmp_path / "told")))
    return tmp_path / "told"


def statuses() -> list[str]:
    with engines.current().engine.connect() as connection:
        return list(connection.scalars(text("SELECT status FROM procrastinate_jobs")))


def test_job_beyond_its_time_is_failed_and_its_process_ended(
    queued: Path, database: Database, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "slow_work.py").write_text(SLOW_WORK)
    environment = {
        **os.environ,
        "AGENTVERSE_HOME": str(settings.home),
        "PYTHONPATH": str(tmp_path),
        **database_environment(database.urls),
    }
    ended = subprocess.run([sys.executable, "-c", WORKER], env=environment, timeout=120)
    assert ended.returncode == EXIT_STATUS
    assert queued.read_text() == "work_too_long"
    assert statuses() == ["failed"]


def test_every_kind_of_work_has_an_end() -> None:
    found = {
        name: handling(name).longest_seconds for context in HANDLERS for name in names(context)
    }
    assert len(found) >= len(HANDLERS)
    assert all(0 < seconds <= LONGEST_SECONDS for seconds in found.values())


def names(context: ModuleType) -> list[str]:
    """The kinds of work that a context declares."""
    noun = context.__name__.split(".")[1]
    return [name for name in handled_names() if name.startswith(f"{noun}.")]


def begin(owner: psycopg.Connection, kind: str, seconds: int) -> None:
    """Move the latest event of every job of a kind so far into the past."""
    owner.execute(
        "UPDATE procrastinate_events SET at = now() - make_interval(secs => %s) WHERE type = %s",
        (seconds, kind),
    )


@pytest.mark.usefixtures("queued")
def test_installation_whose_jobs_wait_is_not_ready(owner: psycopg.Connection) -> None:
    owner.execute("SELECT procrastinate_register_worker_v1()")
    assert readiness.check(worker_stale_seconds=60)["jobs"] == readiness.OK
    begin(owner, "deferred", 120)
    assert readiness.check(worker_stale_seconds=60)["jobs"] == "1 wait, none begun for 60 seconds"


@pytest.mark.usefixtures("queued")
def test_installation_whose_queue_flows_is_ready(scope: Scope, owner: psycopg.Connection) -> None:
    owner.execute("SELECT procrastinate_register_worker_v1()")
    with tenant_session(scope) as db:
        enqueue(db, Slow(told="x"))
    begin(owner, "deferred", 120)
    owner.execute("SELECT procrastinate_fetch_job_v2(NULL, max(id)) FROM procrastinate_workers")
    assert readiness.check(worker_stale_seconds=60)["jobs"] == readiness.OK
    begin(owner, "started", 120)
    assert readiness.check(worker_stale_seconds=60)["jobs"] != readiness.OK
