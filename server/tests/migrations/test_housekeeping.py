"""Keys that are there already become keys that cascade, of every tenant's rows."""

from uuid import UUID

import psycopg
from alembic import command

from agentverse.platform.db import database_roles, migrating
from agentverse.platform.db.engines import DatabaseUrls
from agentverse.platform.ids import new_id

BEFORE = "0036_retention"
AFTER = "0037_housekeeping"


def fill(connection: psycopg.Connection, tenant: UUID) -> None:
    """A project with two nodes, an edge, a script and a question."""
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))
    people, project, root, child = (new_id() for _ in range(4))
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
        "outcome_alternative, parameters) "
        "VALUES (%s, 'Heating', 'heating', '', %s, 36, 20, 20, 'hp', '{}')",
        (project, people),
    )
    for node, parent in ((root, None), (child, root)):
        connection.execute(
            "INSERT INTO nodes (id, project_id, parent_id, kind, label, explanation, depth) "
            "VALUES (%s, %s, %s, %s, 'a node', '', 0)",
            (node, project, parent, "branch" if parent else "root"),
        )
    connection.execute(
        "INSERT INTO edges (id, project_id, parent_id, child_id, label, explanation) "
        "VALUES (%s, %s, %s, %s, '', '')",
        (new_id(), project, root, child),
    )
    connection.execute(
        "INSERT INTO event_scripts (id, node_id, position, variable, script, sentence) "
        "VALUES (%s, %s, 0, 'x', '{}', '')",
        (new_id(), child),
    )


def test_project_of_before_takes_its_map_with_it(urls: DatabaseUrls) -> None:
    config = migrating.configuration(urls)
    gone, kept = new_id(), new_id()
    command.upgrade(config, BEFORE)
    with psycopg.connect(database_roles.conninfo(urls.owner)) as connection:
        fill(connection, gone)
        fill(connection, kept)
    command.upgrade(config, AFTER)
    counts: dict[UUID, list[int]] = {}
    with psycopg.connect(database_roles.conninfo(urls.owner)) as connection:
        for tenant in (gone, kept):
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))
            if tenant == gone:
                connection.execute("DELETE FROM projects")
            counts[tenant] = [
                (connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() or (0,))[0]
                for table in ("projects", "nodes", "edges", "event_scripts", "populations")
            ]
    assert counts == {gone: [0, 0, 0, 0, 1], kept: [1, 2, 1, 1, 1]}
