"""kill -9 in mid-change, at every statement in turn: an audit entry exactly if there is a change.

Each child process serves one real request and kills itself just before the n-th thing it asks of
the database (a statement or a commit), or just after its commit.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from factories.databases import database_environment
from factories.identity import Member, access_token
from factories.universe import make_answered

from agentverse.platform.db.engines import Database

# Imported once, then forked for each request: no connection is open yet and no thread runs.
PROGRAM = """
import json, os, signal, sys
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event
from agentverse.entrypoints.api import create_app

path, token, points = json.loads(sys.argv[1])
app = create_app()


def serve(point):
    asked = 0

    def count(*_):
        nonlocal asked
        asked += 1
        if asked == point:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    with TestClient(app) as client:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"question": "What if heat pumps cost half?"}
        asked = 0
        answer = client.post(path, json=body, headers=headers)
        count()
    if answer.status_code != 202:
        print(answer.text, file=sys.stderr, flush=True)
        os._exit(3)
    os._exit(0)


for point in points:
    child = os.fork()
    if child == 0:
        serve(point)
    _, status = os.waitpid(child, 0)
    print(point, os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status))
"""
# More than a request asks of the database: the last points are after its commit.
LAST_POINT = 40


@pytest.mark.parametrize("kills", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_killed_server_leaves_an_entry_exactly_if_it_left_a_change(
    owner: psycopg.Connection, database: Database, home: Path, member: Member, kills: int
) -> None:
    answered = make_answered(member.scope)
    project, before = answered.project, (answered.ask.id,)
    points = [
        1 + n * LAST_POINT // kills if kills < LAST_POINT else 1 + n % LAST_POINT
        for n in range(kills)
    ]
    arguments = [f"/api/v1/projects/{project.id}/ask", access_token(member), points]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(arguments)],
        env={**os.environ, "AGENTVERSE_HOME": str(home), **database_environment(database.urls)},
        capture_output=True,
        text=True,
        check=True,
    )
    ends = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert set(ends) <= {0, 9}, done.stdout + done.stderr
    assert len(ends) == kills
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(member.tenant_id),))
    asks = owner.execute("SELECT id FROM asks").fetchall()
    entries = owner.execute(
        "SELECT resource_id FROM audit_entries WHERE action = 'ask.create'"
    ).fetchall()
    jobs = owner.execute(
        "SELECT subject_id FROM procrastinate_jobs "
        "JOIN tasks ON tasks.id = (args -> 'payload' ->> 'task_id')::uuid "
        "WHERE subject_type = 'ask'"
    ).fetchall()
    found = [sorted(set(rows) - {before}) for rows in (asks, entries, jobs)]
    assert found[0] == found[1] == found[2]
    assert ends.count(9) > kills / 4, "the positive control: many were killed before their end"
    assert 0 < len(found[0]) < kills, "and some before their commit, some after it"
