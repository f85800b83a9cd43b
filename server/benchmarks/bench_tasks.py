"""What a task costs: claiming and closing an empty one, and listing among a million ended ones.

And how long the command line takes to say what it can do, in a process of its own each time.

python server/benchmarks/bench_tasks.py [--ended 1000000] [--repeats 300]

A data home of its own; the ended tasks are made in SQL. Prints one JSON object.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg

from agentverse.platform.db import embedded

GOAL_CLAIM_AND_CLOSE_MILLISECONDS = 8.0
GOAL_LIST_MILLISECONDS = 50.0

# Of each 100 tasks 89 are runs, 10 questions, 1 an import; 1 in 500 has failed; 50 people.
ENDED = """
INSERT INTO tasks (id, kind, subject_type, subject_id, title, group_id, actor, status, attempt,
                   problem, started_at, finished_at)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       CASE WHEN n %% 100 = 0 THEN 'import' WHEN n %% 10 = 0 THEN 'ask' ELSE 'run' END,
       'run', gen_random_uuid(), 'Baseline', gen_random_uuid(),
       CASE WHEN n %% 50 = 0 THEN %s ELSE 'user:' || n %% 50 END,
       CASE WHEN n %% 500 = 0 THEN 'failed' ELSE 'succeeded' END, 1,
       CASE WHEN n %% 500 = 0 THEN '{"code": "run_inputs_invalid"}'::jsonb END, now(), now()
FROM generate_series(1, %s) n
"""
QUERIES: tuple[dict[str, Any], ...] = (
    {},
    {"mine": True},
    {"status": ["queued", "running"]},
    {"status": "failed"},
    {"status": "failed", "mine": True, "kind": "import"},
    {"kind": "plan"},
    {"limit": 200},
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ended", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="agentverse-bench-") as folder:
        Path(folder).chmod(0o755)
        os.environ["AGENTVERSE_HOME"] = folder
        try:
            print(json.dumps(measure(options.ended, options.repeats), indent=1))
        finally:
            embedded.release(Path(folder) / "postgres")


def measure(ended: int, repeats: int) -> dict[str, Any]:
    # Imported late: the settings read the data home once.
    from agentverse import identity
    from agentverse.platform.db import migrating
    from agentverse.platform.settings import get_settings

    database = migrating.prepare(get_settings())
    made = identity.create_tenant_with_owner(
        email="bench@example.org", full_name="", organization_name="Bench", password_hash=None
    )
    empty = claim_and_close(made.scope, repeats)
    fill(database, made.scope, ended)
    lists = listings(identity.issue_one_time_sign_in(made.scope, made.user_id), repeats)
    database.engine.dispose()
    return {
        "what": "claim and close of an empty task; GET /tasks in process, sign-in and JSON and all",
        "claim_and_close_milliseconds_p50": round(statistics.median(empty), 2),
        "claim_and_close_goal_milliseconds": GOAL_CLAIM_AND_CLOSE_MILLISECONDS,
        "ended_tasks": ended,
        "list_milliseconds_p50": round(statistics.median(lists), 2),
        "list_milliseconds_p95": round(statistics.quantiles(lists, n=20)[-1], 2),
        "list_goal_milliseconds_p95": GOAL_LIST_MILLISECONDS,
        "help_milliseconds_p50": round(statistics.median(timed(say_help) for _ in range(5))),
    }


def say_help() -> None:
    command = [sys.executable, "-m", "agentverse.entrypoints.cli", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def claim_and_close(scope: Any, repeats: int) -> list[float]:
    from agentverse import tasks
    from agentverse.platform.db.session import tenant_session
    from agentverse.platform.ids import new_id

    class DoNothing(tasks.TaskPayload):
        """The payload of an empty task."""

    kind = tasks.declare(
        tasks.TaskKind(
            name="nothing",
            subject_type="nothing",
            noun="nothing",
            payload=DoNothing,
            read_permission="runs:read",
            write_permission="runs:write",
        )
    )

    def do_nothing(_attempt: tasks.Attempt) -> tasks.Store:
        return lambda _db: None

    taken: list[float] = []
    for _ in range(repeats):
        with tenant_session(scope) as db:
            task_id = tasks.enter(db, kind, new_id(), title="Nothing")
        taken.append(timed(lambda task_id=task_id: tasks.work(scope, task_id, do_nothing)))
    return taken


def fill(database: Any, scope: Any, ended: int) -> None:
    from agentverse.platform.db import database_roles

    with psycopg.connect(database_roles.conninfo(database.urls.owner), autocommit=True) as owner:
        owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
        owner.execute(ENDED, (scope.actor.key, ended))
        owner.execute("VACUUM ANALYZE tasks")


def listings(token: str, repeats: int) -> list[float]:
    from fastapi.testclient import TestClient

    from agentverse.entrypoints.api import create_app

    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        tokens = client.post("/api/v1/auth/one-time", json={"token": token}).json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return [
            timed(lambda query=query: client.get("/api/v1/tasks", params=query).raise_for_status())
            for query in islice(cycle(QUERIES), repeats)
        ]


if __name__ == "__main__":
    main()
