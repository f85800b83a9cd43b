"""Revision 0006 on a populated database of revision 0005: every old row is a consumer choice."""

import psycopg
import pytest
from alembic import command
from psycopg import sql

from agentverse.platform.db import database_roles, migrating
from agentverse.platform.db.engines import DatabaseUrls
from agentverse.platform.ids import new_id

TENANT, PEOPLE, PROJECT, RUN = (new_id() for _ in range(4))
BEFORE, AFTER = "0005_universe", "0006_templates"


def fill(connection: psycopg.Connection) -> None:
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(TENANT),))
    connection.execute(
        "INSERT INTO tenants (id, status, created_at) VALUES (%s, 'active', now())", (TENANT,)
    )
    connection.execute(
        "INSERT INTO populations (tenant_id, id, name, status, source, file_name, file_sha256, "
        "size_bytes, upload_key, inspection, updated_at) VALUES (%s, %s, 'Households', 'uploaded', "
        "'', 'file.csv', 'digest', 1, 'key', '{}', now())",
        (TENANT, PEOPLE),
    )
    connection.execute(
        "INSERT INTO projects (tenant_id, id, name, slug, goal, population_id, horizon, "
        "replicates, seed, outcome_alternative, parameters, request_digest) "
        "VALUES (%s, %s, 'Heating', 'heating', '', %s, 36, 20, 20, 'hp', '{}', 'digest')",
        (TENANT, PROJECT, PEOPLE),
    )
    connection.execute(
        "INSERT INTO runs (tenant_id, id, node_id, project_id, launch_id, population_id, variant, "
        "horizon, replicates, personas, seed, event_scripts, parameters, engine_version) "
        "VALUES (%s, %s, %s, %s, %s, %s, 'with_social_rules', 36, 20, 100, 20, '[]', '{}', '1')",
        (TENANT, RUN, new_id(), PROJECT, new_id(), PEOPLE),
    )


def read(connection: psycopg.Connection, table: str) -> tuple[object, ...] | None:
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(TENANT),))
    query = sql.SQL("SELECT domain_template, template_options, start_shares FROM {}")
    return connection.execute(query.format(sql.Identifier(table))).fetchone()


def test_upgrade_of_a_populated_database_makes_every_row_a_consumer_choice(
    urls: DatabaseUrls,
) -> None:
    config = migrating.configuration(urls)
    owner = database_roles.conninfo(urls.owner)
    command.upgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        fill(connection)
    command.upgrade(config, AFTER)
    with psycopg.connect(owner) as connection:
        assert read(connection, "projects") == ("consumer_choice", {}, None)
        assert read(connection, "runs") == ("consumer_choice", {}, None)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("UPDATE projects SET domain_template = 'weather'")
    command.downgrade(config, BEFORE)
    with psycopg.connect(owner) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(TENANT),))
        kept = connection.execute("SELECT slug FROM projects").fetchall()
    assert kept == [("heating",)]
