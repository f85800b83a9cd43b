"""An import of every status becomes a task, and back; populations stay as they are."""

from uuid import UUID

import psycopg
from alembic import command
from psycopg.types.json import Jsonb

from agentverse.platform.db import database_roles, migrating
from agentverse.platform.db.engines import DatabaseUrls
from agentverse.platform.ids import new_id

BEFORE = "0015_llm_router"
AFTER = "0017_import_tasks"
TENANTS = [new_id() for _ in range(2)]
ACTOR = new_id()
PROBLEM = {"code": "no_rows_left", "status": 422}
# status and stage before → what the task must be
IMPORTS = {
    "uploaded": ("uploaded", None, None),
    "queued": ("importing", {"name": "queued", "done": 0, "total": 1}, "queued"),
    "running": ("importing", {"name": "network", "done": 3, "total": 10}, "running"),
    "ready": ("ready", None, "succeeded"),
    "failed": ("failed", None, "failed"),
}
# All that a population is, without what moves.
CONTENT = """
SELECT md5(string_agg(concat_ws('|', tenant_id, id, name, status, source, file_sha256, digest,
                                request, report, personas, updated_at), ';' ORDER BY id)), count(*)
FROM populations
"""


def be(connection: psycopg.Connection, tenant: UUID) -> None:
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))


def fill(connection: psycopg.Connection, tenant: UUID) -> dict[str, UUID]:
    be(connection, tenant)
    connection.execute(
        "INSERT INTO tenants (id, status, created_at) VALUES (%s, 'active', now())", (tenant,)
    )
    found: dict[str, UUID] = {}
    for name, (status, stage, _) in IMPORTS.items():
        found[name] = new_id()
        ready = status == "ready"
        connection.execute(
            "INSERT INTO populations (id, name, status, source, file_name, file_sha256, "
            "size_bytes, upload_key, inspection, stage, problem, digest, snapshot_key, report, "
            "personas, updated_at) VALUES (%s, %s, %s, '', 'file.csv', 'sha', 1, 'key', '{}', "
            "%s, %s, %s, %s, %s, %s, now())",
            (
                found[name],
                name,
                status,
                None if stage is None else Jsonb(stage),
                Jsonb(PROBLEM) if status == "failed" else None,
                "digest" if ready else None,
                "snapshot" if ready else None,
                Jsonb({"rows": 1}) if ready else None,
                100 if ready else None,
            ),
        )
        connection.execute(
            "INSERT INTO audit_entries (actor_kind, actor_id, action, resource_type, "
            "resource_id, outcome) VALUES ('user', %s, 'population.import', 'population', %s, "
            "'success')",
            (ACTOR, found[name]),
        )
    for name, status in (("queued", "todo"), ("running", "doing")):
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
            "VALUES ('default', 'populations.BuildPopulation', %s, %s)",
            (Jsonb({"scope": {}, "payload": {"population_id": str(found[name])}}), status),
        )
    return found


def jobs(connection: psycopg.Connection) -> list[tuple[object]]:
    return connection.execute("SELECT args -> 'payload' FROM procrastinate_jobs").fetchall()


def test_every_import_is_a_task_afterwards_and_populations_stay(urls: DatabaseUrls) -> None:
    config = migrating.configuration(urls)
    owner = database_roles.conninfo(urls.owner)
    command.upgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        populations = {tenant: fill(connection, tenant) for tenant in TENANTS}
        before = {tenant: contents(connection, tenant) for tenant in TENANTS}
        payloads = jobs(connection)
    command.upgrade(config, AFTER)
    with psycopg.connect(owner) as connection:
        for tenant, named in populations.items():
            assert contents(connection, tenant) == before[tenant]
            rows = connection.execute(
                "SELECT subject_id, status, actor, kind, problem, title FROM tasks"
            ).fetchall()
            found = {row[0]: row[1:] for row in rows}
            assert found == {
                named[name]: (
                    expected,
                    f"user:{ACTOR}",
                    "import",
                    PROBLEM if expected == "failed" else None,
                    name,
                )
                for name, (_, _, expected) in IMPORTS.items()
                if expected is not None
            }
            running = connection.execute(
                "SELECT done, total, label, attempt FROM tasks WHERE status = 'running'"
            ).fetchone()
            assert running == (3, 10, "network", 1)
        waiting = [
            str(named[name]) for named in populations.values() for name in ("queued", "running")
        ]
        assert sorted(job["task_id"] for (job,) in jobs(connection)) == sorted(waiting)  # type: ignore[index]
    command.downgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        assert sorted(map(str, jobs(connection))) == sorted(map(str, payloads))
        for tenant in TENANTS:
            assert contents(connection, tenant) == before[tenant]
            stages = connection.execute("SELECT name, stage, problem FROM populations").fetchall()
            assert {name: (stage, problem) for name, stage, problem in stages} == {
                name: (stage, PROBLEM if status == "failed" else None)
                for name, (status, stage, _) in IMPORTS.items()
            }


def contents(connection: psycopg.Connection, tenant: UUID) -> tuple[object, ...] | None:
    be(connection, tenant)
    return connection.execute(CONTENT).fetchone()
