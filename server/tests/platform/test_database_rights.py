"""What the app's role may not do, tried as that role; and what a connection forgets in the pool."""

from collections.abc import Iterator

import psycopg
import pytest
from factories.identity import suspend
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from agentverse.identity.models import OrganizationRow
from agentverse.platform.db import database_roles, engines
from agentverse.platform.db.embedded import Cluster
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import Misconfigured
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings


@pytest.fixture
def app_role(database: engines.Database, scope: Scope) -> Iterator[psycopg.Connection]:
    """The app's own login, inside tenant A: what an injected statement would have."""
    with psycopg.connect(database_roles.conninfo(database.urls.app), autocommit=True) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tenants SET status = 'active'",
        "DELETE FROM tenants",
        "CREATE TEMP TABLE hidden (id int)",
        "CREATE TABLE hidden (id int)",
        "CREATE SCHEMA hidden",
        "CREATE FUNCTION app.tenant_id_of_another() RETURNS uuid LANGUAGE sql AS 'SELECT NULL'",
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'hidden')",
        "ALTER TABLE projects DISABLE ROW LEVEL SECURITY",
        "DROP POLICY projects_tenant ON projects",
        "TRUNCATE projects",
        "SET ROLE agentverse_owner",
        "SET SESSION AUTHORIZATION agentverse_sealer",
        "UPDATE audit_entries SET outcome = 'success'",
        "DELETE FROM audit_entries",
        "INSERT INTO audit_entries (created_at, actor_kind, action, resource_type, outcome) "
        "VALUES ('2020-01-01', 'user', 'a.b', 'a', 'success')",
        "INSERT INTO audit_seals (id, position, leaf, chain) VALUES (gen_random_uuid(), 1, '', '')",
        "SELECT app.add_audit_partitions()",
        "SELECT * FROM audit_entries_other",
        "COPY projects TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_app_role_may_not(app_role: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role.execute(statement.encode())


def test_app_role_may_write_what_it_should(app_role: psycopg.Connection) -> None:
    """The positive control: the connection works, and an entry without a time is taken."""
    added = app_role.execute(
        "INSERT INTO audit_entries (actor_kind, action, resource_type, outcome) "
        "VALUES ('user', 'a.b', 'a', 'success')"
    )
    assert added.rowcount == 1


def test_platform_role_may_suspend_a_tenant_and_no_more(
    database: engines.Database, scope: Scope
) -> None:
    suspend(scope.tenant_id)
    url = database.urls.logins[database_roles.DatabaseRole.PLATFORM]
    with (
        psycopg.connect(database_roles.conninfo(url)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("UPDATE tenants SET created_at = now()")


def test_role_with_bypassrls_is_refused(cluster: Cluster, database: engines.Database) -> None:
    superuser = cluster.superuser_url.set(database="agentverse")
    with psycopg.connect(database_roles.conninfo(superuser), autocommit=True) as connection:
        connection.execute("CREATE ROLE strong LOGIN BYPASSRLS PASSWORD 'of a test'")
    try:
        url = database.urls.app.set(username="strong", password="of a test")
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as strong, pytest.raises(Misconfigured, match="bypassrls"):
            engines.refuse_powerful_role(strong)
    finally:
        with psycopg.connect(database_roles.conninfo(superuser), autocommit=True) as connection:
            connection.execute("DROP ROLE strong")


LEFT_BEHIND = {
    "a tenant": "SET app.tenant_id = 'leaked'",
    "a search path": "SET search_path = 'hidden'",
    "a time limit": "SET statement_timeout = 0",
    "no row security": "SET row_security = off",
    "a lock": "SELECT pg_advisory_lock(7)",
    "a cursor": "DECLARE left_open CURSOR WITH HOLD FOR SELECT 1",
    "a listener": "LISTEN left_open",
}
STATE = text(
    "SELECT current_setting('app.tenant_id', true), current_setting('search_path'), "
    "current_setting('statement_timeout'), current_setting('row_security'), "
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), "
    "(SELECT count(*) FROM pg_cursors WHERE name = 'left_open'), "
    "(SELECT count(*) FROM pg_listening_channels()), pg_backend_pid()"
)


@pytest.mark.parametrize("what", LEFT_BEHIND)
def test_connection_forgets_in_the_pool(
    database: engines.Database, settings: Settings, what: str
) -> None:
    alone = settings.model_copy(update={"pool_size": 1, "pool_overflow": 0})
    opened = engines.open_database(database.urls, alone)
    try:
        with opened.engine.connect() as connection:
            clean = connection.execute(STATE).one()
        with opened.engine.connect() as connection:
            connection.execute(text(LEFT_BEHIND[what]))
            connection.commit()
            dirty = connection.execute(STATE).one()
        with opened.engine.connect() as connection:
            after = connection.execute(STATE).one()
    finally:
        opened.dispose()
    assert dirty != clean, "the positive control: it was left behind"
    assert after[-1] == clean[-1], "on the same backend"
    assert [value or None for value in after] == [value or None for value in clean]


def test_uncommitted_work_is_gone_with_its_connection(scope: Scope) -> None:
    with engines.current().engine.connect() as connection:
        connection.execute(
            text("SELECT set_config('app.tenant_id', :t, true)"), {"t": str(scope.tenant_id)}
        )
        connection.execute(text("UPDATE organizations SET name = 'unwanted'"))
    with tenant_session(scope, read_only=True) as db:
        assert [row.name for row in db.query(OrganizationRow)] == ["Acme"]
