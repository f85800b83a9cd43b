"""Revision 0011 on a database in which runs have checkpoints: no tenant loses one, up or down."""

import psycopg
from alembic import command

from agentverse.platform.db import database_roles, migrating
from agentverse.platform.db.engines import DatabaseUrls
from agentverse.platform.ids import new_id

BEFORE, AFTER = "0010_hybrids", "0011_any_checkpoints"
TENANTS = {new_id(): new_id() for _ in range(2)}  # the run of each


def test_upgrade_and_downgrade_carry_every_tenants_checkpoints_over(urls: DatabaseUrls) -> None:
    config = migrating.configuration(urls)
    owner = database_roles.conninfo(urls.owner)
    command.upgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        for tenant, run in TENANTS.items():
            _fill(connection, tenant, run)
    command.upgrade(config, AFTER)
    with psycopg.connect(owner) as connection:
        for tenant, run in TENANTS.items():
            _be(connection, tenant)
            found = connection.execute("SELECT owner_id, part, tick, key FROM checkpoints")
            assert found.fetchall() == [(run, "run", 7, "file")]
            connection.execute(
                "INSERT INTO checkpoints (id, owner_id, part, first_replicate, replicates, tick, "
                "key, size_bytes) VALUES (%s, %s, 'with_actors', 0, 8, 3, 'other', 9)",
                (new_id(), new_id()),
            )
    command.downgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        for tenant, run in TENANTS.items():
            _be(connection, tenant)
            found = connection.execute("SELECT run_id, tick, key FROM run_checkpoints")
            assert found.fetchall() == [(run, 7, "file")]


def _be(connection: psycopg.Connection, tenant: object) -> None:
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))


def _fill(connection: psycopg.Connection, tenant: object, run: object) -> None:
    people = new_id()
    _be(connection, tenant)
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
        "INSERT INTO runs (id, node_id, project_id, launch_id, population_id, variant, horizon, "
        "replicates, personas, seed, event_scripts, parameters, engine_version) "
        "VALUES (%s, %s, %s, %s, %s, 'with_social_rules', 36, 8, 100, 20, '[]', '{}', '1')",
        (run, new_id(), new_id(), new_id(), people),
    )
    connection.execute(
        "INSERT INTO run_checkpoints (id, run_id, first_replicate, replicates, tick, key, "
        "size_bytes) VALUES (%s, %s, 0, 8, 7, 'file', 9)",
        (new_id(), run),
    )
