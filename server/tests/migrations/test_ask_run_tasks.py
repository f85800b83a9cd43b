"""A question and a run of every status become tasks, and back; their content stays as it is."""

from typing import Any
from uuid import UUID

import psycopg
from alembic import command
from psycopg import sql
from psycopg.types.json import Jsonb

from agentverse.platform.db import database_roles, migrating
from agentverse.platform.db.engines import DatabaseUrls
from agentverse.platform.ids import new_id

BEFORE = "0019_plan_hybrid_tasks"
AFTER = "0020_ask_run_tasks"
TENANTS = [new_id() for _ in range(2)]
ACTOR = new_id()
PROBLEM = {"code": "run_inputs_invalid", "status": 422}
# What a question was before → what its task must be.
ASKS = {
    "queued": "queued",
    "compiling": "running",
    "needs_input": "succeeded",
    "running": "succeeded",
    "failed": "failed",
}
RUNS = ("queued", "running", "succeeded", "failed", "cancelled")
# The names that jobs had before contexts were divided, and have now.
JOBS = {
    ("ask", "queued"): ("universe.CompileAsk", "ask_id"),
    ("ask", "compiling"): ("asks.CompileAsk", "ask_id"),
    ("run", "queued"): ("runs.ExecuteRun", "run_id"),
    ("run", "running"): ("runs.ExecuteRun", "run_id"),
}
KEPT = {
    "asks": "id, created_at, project_id, parent_node_id, node_id, question, accept_partial, "
    "compilation",
    "runs": "id, created_at, node_id, project_id, launch_id, population_id, variant, status, "
    "horizon, replicates, personas, seed, event_scripts, parameters, digest, resumed_tick",
    "projects": "id, created_at, name, slug, goal, horizon, replicates, seed, parameters",
    "nodes": "id, created_at, project_id, kind, label, explanation, depth",
}

Subjects = dict[tuple[str, str], UUID]


def be(connection: psycopg.Connection, tenant: UUID) -> None:
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))


def insert(connection: psycopg.Connection, table: str, **columns: Any) -> UUID:
    row = {"id": new_id(), **columns}
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        [Jsonb(value) if isinstance(value, dict | list) else value for value in row.values()],
    )
    return row["id"]


def audit(connection: psycopg.Connection, action: str, resource: UUID) -> None:
    connection.execute(
        "INSERT INTO audit_entries (actor_kind, actor_id, action, resource_type, resource_id, "
        "outcome) VALUES ('user', %s, %s, %s, %s, 'success')",
        (ACTOR, action, action.partition(".")[0], resource),
    )


def fill(connection: psycopg.Connection, tenant: UUID) -> Subjects:
    be(connection, tenant)
    connection.execute(
        "INSERT INTO tenants (id, status, created_at) VALUES (%s, 'active', now())", (tenant,)
    )
    people = insert(
        connection,
        "populations",
        name="Households",
        status="uploaded",
        source="",
        file_name="file.csv",
        file_sha256="digest",
        size_bytes=1,
        upload_key="key",
        inspection={},
        updated_at="2026-01-01T00:00:00Z",
    )
    project = insert(
        connection,
        "projects",
        name="Heating",
        slug="heating",
        goal="",
        population_id=people,
        horizon=36,
        replicates=20,
        seed=20,
        outcome_alternative="hp",
        parameters={},
        idempotency_key="project",
        request_digest="digest of project",
    )
    audit(connection, "project.create", project)
    node = insert(
        connection,
        "nodes",
        project_id=project,
        kind="root",
        label="Baseline",
        explanation="",
        depth=0,
        idempotency_key="node",
        request_digest="digest of node",
    )
    audit(connection, "node.create", node)
    audit(connection, "node.run", node)
    subjects: Subjects = {("project", ""): project, ("node", ""): node}
    for status in ASKS:
        subjects["ask", status] = _ask(connection, status, project, node)
    for status in RUNS:
        subjects["run", status] = _run(connection, status, project, node, people)
    for (kind, status), (name, field) in JOBS.items():
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            "VALUES ('default', %s, %s)",
            (name, Jsonb({"scope": {}, "payload": {field: str(subjects[kind, status])}})),
        )
    return subjects


def _ask(connection: psycopg.Connection, status: str, project: UUID, node: UUID) -> UUID:
    ask = insert(
        connection,
        "asks",
        project_id=project,
        parent_node_id=node,
        node_id=node if status == "running" else None,
        question=f"What if it is {status}?",
        accept_partial=False,
        status=status,
        compilation={"compiler": "rules"} if status in ("needs_input", "running") else None,
        problem=PROBLEM if status == "failed" else None,
        finished_at="2026-01-02T00:00:00Z" if status in ("needs_input", "failed") else None,
        idempotency_key=f"ask {status}",
        request_digest=f"digest of ask {status}",
    )
    audit(connection, "ask.create", ask)
    return ask


def _run(
    connection: psycopg.Connection, status: str, project: UUID, node: UUID, people: UUID
) -> UUID:
    ended = status not in ("queued", "running")
    return insert(
        connection,
        "runs",
        node_id=node,
        project_id=project,
        launch_id=new_id(),
        population_id=people,
        variant="with_social_rules",
        status=status,
        cancel_requested=status == "cancelled",
        tick={"queued": 0, "succeeded": 36}.get(status, 7),
        attempt=0 if status == "queued" else 2,
        horizon=36,
        replicates=20,
        personas=100,
        seed=20,
        event_scripts=[],
        parameters={},
        engine_version="1",
        digest="digest" if status == "succeeded" else None,
        problem=PROBLEM if status == "failed" else None,
        started_at=None if status == "queued" else "2026-01-01T00:00:00Z",
        finished_at="2026-01-02T00:00:00Z" if ended else None,
    )


def contents(connection: psycopg.Connection, tenant: UUID) -> list[Any]:
    be(connection, tenant)
    return [
        connection.execute(
            sql.SQL(
                "SELECT count(*), md5(string_agg(concat_ws('|', tenant_id, {}), ';' ORDER BY id)) "
                "FROM {}"
            ).format(sql.SQL(columns), sql.Identifier(table))  # pyright: ignore[reportArgumentType]
        ).fetchone()
        for table, columns in KEPT.items()
    ]


def test_every_question_and_run_is_a_task_afterwards_with_its_content(urls: DatabaseUrls) -> None:
    config = migrating.configuration(urls)
    owner = database_roles.conninfo(urls.owner)
    command.upgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        subjects = {tenant: fill(connection, tenant) for tenant in TENANTS}
        before = {tenant: contents(connection, tenant) for tenant in TENANTS}
    command.upgrade(config, AFTER)
    with psycopg.connect(owner) as connection:
        for tenant, named in subjects.items():
            assert contents(connection, tenant) == before[tenant]
            _check_tasks(connection, named)
            keys = connection.execute(
                "SELECT resource_id, actor, key, digest FROM idempotency_keys"
            ).fetchall()
            assert set(keys) == {
                (subject, f"user:{ACTOR}", key, f"digest of {key}")
                for (kind, status), subject in named.items()
                if kind != "run"
                for key in [f"{kind} {status}".strip()]
            }
        jobs = connection.execute("SELECT task_name, args -> 'payload' FROM procrastinate_jobs")
        names = {"ask": "asks.CompileAsk", "run": "runs.ExecuteRun"}
        assert sorted(map(str, jobs.fetchall())) == sorted(
            str((names[kind], {"task_id": str(named[kind, status])}))
            for named in subjects.values()
            for kind, status in JOBS
        )
    command.downgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        for tenant, named in subjects.items():
            assert contents(connection, tenant) == before[tenant]
            asks = connection.execute("SELECT id, status, problem FROM asks").fetchall()
            assert {(ask, status, str(problem)) for ask, status, problem in asks} == {
                (named["ask", status], status, str(PROBLEM if status == "failed" else None))
                for status in ASKS
            }
            runs = connection.execute(
                "SELECT id, tick, attempt, cancel_requested, problem FROM runs"
            ).fetchall()
            assert {row[0]: row[1:] for row in runs} == {
                named["run", status]: _moved(status) for status in RUNS
            }


def _moved(status: str) -> tuple[int, int, bool, dict[str, Any] | None]:
    """Tick, attempt, cancellation and problem of a run."""
    return (
        {"queued": 0, "succeeded": 36}.get(status, 7),
        0 if status == "queued" else 2,
        status == "cancelled",
        PROBLEM if status == "failed" else None,
    )


def _check_tasks(connection: psycopg.Connection, named: Subjects) -> None:
    rows = connection.execute(
        "SELECT subject_id, kind, status, actor, title, problem, finished_at IS NOT NULL, "
        "done, attempt, cancel_requested FROM tasks"
    ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    assert len(found) == len(ASKS) + len(RUNS)
    for before, after in ASKS.items():
        assert found[named["ask", before]][:6] == (
            "ask",
            after,
            f"user:{ACTOR}",
            f"What if it is {before}?",
            PROBLEM if before == "failed" else None,
            after not in ("queued", "running"),
        )
    for status in RUNS:
        done, attempt, cancelled, problem = _moved(status)
        assert found[named["run", status]] == (
            "run",
            status,
            f"user:{ACTOR}",
            "Heating: Baseline",
            problem,
            status not in ("queued", "running"),
            done,
            attempt,
            cancelled,
        )
