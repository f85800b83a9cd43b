"""A plan and a hybrid of every status become tasks, and back; their content stays as it is."""

from typing import Any
from uuid import UUID

import psycopg
from alembic import command
from psycopg import sql
from psycopg.types.json import Jsonb

from agentverse.platform.db import database_roles, migrating
from agentverse.platform.db.engines import DatabaseUrls
from agentverse.platform.ids import new_id

BEFORE = "0018_persons"
AFTER = "0019_plan_hybrid_tasks"
TENANTS = [new_id() for _ in range(2)]
ACTOR = new_id()
PROBLEM = {"code": "plan_invalid", "status": 422}
STATUSES = ("queued", "running", "succeeded", "failed", "cancelled")
TABLES = {"plan": "plans", "hybrid": "hybrids"}
# The names that jobs had before and after contexts were divided.
JOBS = {
    ("plan", "queued"): ("universe.SearchPlan", "plan_id"),
    ("plan", "running"): ("plans.SearchPlan", "plan_id"),
    ("hybrid", "queued"): ("universe.SimulateHybrid", "hybrid_id"),
    ("hybrid", "running"): ("hybrids.SimulateHybrid", "hybrid_id"),
}
CONTENT = """
SELECT count(*), md5(string_agg(concat_ws('|', tenant_id, id, created_at, project_id, node_id,
                                          status, request, result), ';' ORDER BY id))
FROM {}
"""


def be(connection: psycopg.Connection, tenant: UUID) -> None:
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))


def fill(connection: psycopg.Connection, tenant: UUID) -> dict[tuple[str, str], UUID]:
    be(connection, tenant)
    people, project, node = (new_id() for _ in range(3))
    connection.execute(
        "INSERT INTO tenants (id, status, created_at) VALUES (%s, 'active', now())", (tenant,)
    )
    connection.execute(
        "INSERT INTO populations (id, name, status, source, file_name, file_sha256, size_bytes, "
        "upload_key, inspection, updated_at) "
        "VALUES (%s, 'Households', 'uploaded', '', 'file.csv', 'digest', 1, 'key', '{}', now())",
        (people,),
    )
    connection.execute(
        "INSERT INTO projects (id, name, slug, goal, population_id, horizon, replicates, seed, "
        "outcome_alternative, parameters, request_digest) "
        "VALUES (%s, 'Heating', 'heating', '', %s, 36, 20, 20, 'hp', '{}', 'digest')",
        (project, people),
    )
    connection.execute(
        "INSERT INTO nodes (id, project_id, kind, label, explanation, depth) "
        "VALUES (%s, %s, 'root', 'Baseline', '', 0)",
        (node, project),
    )
    return {
        (kind, status): _subject(connection, kind, status, project, node)
        for kind in TABLES
        for status in STATUSES
    }


def _subject(
    connection: psycopg.Connection, kind: str, status: str, project: UUID, node: UUID
) -> UUID:
    subject, ended = new_id(), status not in ("queued", "running")
    progress = {"plan": ("explored", 7), "hybrid": ("progress", 0.25)}[kind]
    columns: dict[str, Any] = {
        "id": subject,
        "project_id": project,
        "node_id": node,
        "status": status,
        "cancel_requested": status == "cancelled",
        "attempt": 0 if status == "queued" else 2,
        "request": Jsonb({"actions": [status]}),
        "result": Jsonb({"found": 1}) if status == "succeeded" else None,
        "problem": Jsonb(PROBLEM) if status == "failed" else None,
        "finished_at": "2026-01-02T00:00:00Z" if ended else None,
        "idempotency_key": f"{kind} {status}",
        "request_digest": f"digest of {kind} {status}",
        progress[0]: progress[1],
    }
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(TABLES[kind]),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * len(columns)),
        ),
        list(columns.values()),
    )
    connection.execute(
        "INSERT INTO audit_entries (actor_kind, actor_id, action, resource_type, resource_id, "
        "outcome) VALUES ('user', %s, %s, %s, %s, 'success')",
        (ACTOR, f"{kind}.create", kind, subject),
    )
    if (kind, status) in JOBS:
        name, field = JOBS[kind, status]
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
            "VALUES ('default', %s, %s, %s)",
            (
                name,
                Jsonb({"scope": {}, "payload": {field: str(subject)}}),
                "todo" if status == "queued" else "doing",
            ),
        )
    return subject


def contents(connection: psycopg.Connection, tenant: UUID) -> list[Any]:
    be(connection, tenant)
    return [
        connection.execute(sql.SQL(CONTENT).format(sql.Identifier(table))).fetchone()
        for table in TABLES.values()
    ]


def test_every_plan_and_hybrid_is_a_task_afterwards_with_its_content(urls: DatabaseUrls) -> None:
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
                (subject, f"user:{ACTOR}", f"{kind} {status}", f"digest of {kind} {status}")
                for (kind, status), subject in named.items()
            }
        jobs = connection.execute("SELECT task_name, args -> 'payload' FROM procrastinate_jobs")
        assert sorted(map(str, jobs.fetchall())) == sorted(
            str((name, {"task_id": str(named[kind, status])}))
            for named in subjects.values()
            for kind, name in (("plan", "plans.SearchPlan"), ("hybrid", "hybrids.SimulateHybrid"))
            for status in ("queued", "running")
        )
    command.downgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        for tenant, named in subjects.items():
            assert contents(connection, tenant) == before[tenant]
            rows = connection.execute(
                "SELECT id, attempt, cancel_requested, problem, idempotency_key, request_digest "
                "FROM plans UNION ALL SELECT id, attempt, cancel_requested, problem, "
                "idempotency_key, request_digest FROM hybrids"
            ).fetchall()
            assert {row[0]: row[1:] for row in rows} == {
                subject: (
                    0 if status == "queued" else 2,
                    status == "cancelled",
                    PROBLEM if status == "failed" else None,
                    f"{kind} {status}",
                    f"digest of {kind} {status}",
                )
                for (kind, status), subject in named.items()
            }
            shown = connection.execute(
                "SELECT explored, progress FROM plans JOIN hybrids USING (status) "
                "WHERE status = 'running'"
            ).fetchone()
            assert shown == (7, 0.25)


def _check_tasks(connection: psycopg.Connection, named: dict[tuple[str, str], UUID]) -> None:
    rows = connection.execute(
        "SELECT subject_id, kind, status, attempt, cancel_requested, actor, title, problem, "
        "finished_at IS NOT NULL, done, total FROM tasks"
    ).fetchall()
    assert {row[0]: row[1:] for row in rows} == {
        subject: (
            kind,
            status,
            0 if status == "queued" else 2,
            status == "cancelled",
            f"user:{ACTOR}",
            "Heating: Baseline",
            PROBLEM if status == "failed" else None,
            status not in ("queued", "running"),
            *((7, None) if kind == "plan" else (360, 1440)),
        )
        for (kind, status), subject in named.items()
    }
