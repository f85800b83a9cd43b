"""A worker killed in mid-import leaves nothing half-written; the next one gets the same digest."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from factories.databases import database_environment
from factories.populations import make_population, start_import, upload
from factories.tasks import task_of, task_of_subject

from agentverse import populations
from agentverse.platform.db.engines import Database
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.queue import scope_document
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.populations import repository

# Another process runs the very job body, says where it is, and waits there to be killed.
WORKER = """
import json, sys, time
from uuid import UUID
from agentverse import tasks
from agentverse.entrypoints import tables
from agentverse.platform.jobs.queue import read_scope
from agentverse.populations import build_population

def progress(name, done, total):
    if name == sys.argv[3]:
        print("reached", name, flush=True)
        time.sleep(60)

tasks.work(
    read_scope(json.loads(sys.argv[1])),
    UUID(sys.argv[2]),
    lambda attempt: build_population(attempt, progress),
)
"""


@pytest.mark.parametrize("stage", ["checking", "storing"])
def test_killed_worker_leaves_nothing_and_the_next_finishes(
    scope: Scope, database: Database, settings: Settings, stage: str
) -> None:
    undisturbed = make_population(scope)
    population_id = upload(scope)
    start_import(scope, population_id)
    task_id = task_of_subject(scope, population_id)
    _kill_at(stage, scope, task_id, database, settings.home)
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_population(db, population_id)
    assert row.status == "importing"
    assert (row.digest, row.report, row.snapshot_key, row.personas) == (None, None, None, None)
    assert task_of(scope, task_id).status == "running", "the dead worker's"
    run_queued_jobs()
    assert (task_of(scope, task_id).status, task_of(scope, task_id).attempt) == ("succeeded", 2)
    finished = populations.load_snapshot(scope, population_id)
    assert finished.digest == populations.load_snapshot(scope, undisturbed).digest


def _kill_at(stage: str, scope: Scope, task_id: object, database: Database, home: Path) -> None:
    environment = {
        **os.environ,
        "AGENTVERSE_HOME": str(home),
        **database_environment(database.urls),
    }
    document = json.dumps(scope_document(scope))
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, document, str(task_id), stage],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == f"reached {stage}\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
