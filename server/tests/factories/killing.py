"""A process that runs a job's very body, killed in the middle of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from agentverse.platform.db.engines import Database
from agentverse.platform.jobs.queue import scope_document
from agentverse.platform.scope import Scope
from factories.databases import database_environment


def kill_once_reached(
    program: str, scope: Scope, job_id: UUID, point: float, *, database: Database, home: Path
) -> None:
    """Run a program with (scope, job_id, point) until it prints "reached", then `kill -9` it.

    It keeps whatever may be kept: storing checkpoints waits for no clock.
    """
    environment = {
        **os.environ,
        "AGENTVERSE_HOME": str(home),
        "AGENTVERSE_RUN_CHECKPOINT_SECONDS": "0",
        **database_environment(database.urls),
    }
    document = json.dumps(scope_document(scope))
    with subprocess.Popen(
        [sys.executable, "-c", program, document, str(job_id), str(point)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "reached\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
