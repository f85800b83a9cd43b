"""A populated older database: who is there keeps id, address, password and organization."""

import uuid

import psycopg
from alembic import command

from agentverse.platform.db import database_roles, migrating
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.engines import DatabaseUrls

TENANTS = [uuid.uuid4(), uuid.uuid4()]
USERS = [uuid.uuid4(), uuid.uuid4(), uuid.uuid4()]
HASH = "$argon2id$an-older-hash"


def test_existing_users_become_persons(urls: DatabaseUrls) -> None:
    command.upgrade(migrating.configuration(urls), "0017_import_tasks")
    _populate(urls)
    migrating.migrate(urls)
    with psycopg.connect(database_roles.conninfo(urls.logins[DatabaseRole.PERSONS])) as persons:
        found = persons.execute(
            "SELECT id, address, full_name, password_hash, verified_at, expires_at FROM persons"
        ).fetchall()
        places = persons.execute("SELECT person_id, tenant_id, user_id FROM person_tenants")
        assert sorted(found) == sorted(
            (user, f"user{n}@example.org", f"User {n}", HASH, None, None)
            for n, user in enumerate(USERS)
        )
        # The third was removed from the organization: known, and a member of nothing.
        assert sorted(places.fetchall()) == sorted(
            [(USERS[0], TENANTS[0], USERS[0]), (USERS[1], TENANTS[1], USERS[1])]
        )
    with psycopg.connect(database_roles.conninfo(urls.app)) as app:
        app.execute("SELECT set_config('app.tenant_id', %s, false)", (str(TENANTS[1]),))
        assert app.execute("SELECT id, person_id FROM users").fetchall() == [(USERS[1], USERS[1])]


def _populate(urls: DatabaseUrls) -> None:
    with psycopg.connect(database_roles.conninfo(urls.app), autocommit=True) as app:
        for n, user in enumerate(USERS):
            tenant = TENANTS[n % 2]
            app.execute("SELECT set_config('app.tenant_id', %s, false)", (str(tenant),))
            if n < 2:
                app.execute("INSERT INTO tenants VALUES (%s, 'active', now())", (tenant,))
            app.execute(
                "INSERT INTO users (id, email, full_name, password_hash) VALUES (%s, %s, %s, %s)",
                (user, f"user{n}@example.org", f"User {n}", HASH),
            )
            app.execute(
                "INSERT INTO sign_in_directory (email, tenant_id, user_id) VALUES (%s, %s, %s)",
                (f"user{n}@example.org", tenant, user),
            )
            if n < 2:
                app.execute(
                    "INSERT INTO memberships (id, user_id, role) VALUES (%s, %s, 'owner')",
                    (uuid.uuid4(), user),
                )
