"""Fixtures for every context: real PostgreSQL, migrated once per worker, emptied per test."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from factories.ablation import ablate_code, ablate_database
from factories.identity import Member, add_member, bearer, make_member
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_socket import socket_allow_hosts

from agentverse.entrypoints.api import create_app
from agentverse.platform import settings as settings_module
from agentverse.platform.db import database_roles, embedded, engines, migrating
from agentverse.platform.db.session import TenantSession
from agentverse.platform.outgoing import mail as outgoing
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.platform.storage import artifact_store
from agentverse.runs import checkpointing

# A busy machine is no failure: no example has a deadline, and drawing one may take its time.
hypothesis_settings.register_profile(
    "without time", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("without time")

# A test server may lose its data with the machine; it must not lose time on the disk.
FAST_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
}

# Tables that have held a row, but for those that the migrations themselves fill.
USED_TABLES = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
AND relname NOT IN ('alembic_version', 'llm_catalogue', 'llm_profiles', 'llm_profile_versions')
"""


def pytest_runtest_setup() -> None:
    """Nothing leaves this machine."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """This worker's data home; not in pytest's 0700 folders, which bar the server's account."""
    folder = Path(tempfile.mkdtemp(prefix="agentverse-tests-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(home: Path) -> Iterator[embedded.Cluster]:
    """The embedded server itself; most tests want `database`."""
    folder = home / "postgres"
    yield embedded.start(folder, options=FAST_AND_FORGETFUL)
    embedded.stop(folder)
    embedded.release(folder)


@pytest.fixture(scope="session")
def settings(home: Path) -> Iterator[Settings]:
    """Settings of the test installation; `get_settings()` answers them too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AGENTVERSE_HOME", str(home))
        patch.setenv("AGENTVERSE_SECURE_COOKIES", "false")
        patch.setenv("AGENTVERSE_PASSWORD_HASH_MEMORY_KIB", "64")
        patch.setenv("AGENTVERSE_PASSWORD_HASH_TIME", "1")
        # No test is slowed down by the others; those of the limits set their own.
        for limit in ("REQUESTS", "TENANT_REQUESTS", "ASKS", "ADDRESS_REQUESTS"):
            patch.setenv(f"AGENTVERSE_{limit}_PER_MINUTE", "0")
        patch.delenv("DATABASE_URL", raising=False)
        settings_module.get_settings.cache_clear()
        artifact_store.cache_clear()
        yield settings_module.get_settings()
    settings_module.get_settings.cache_clear()
    artifact_store.cache_clear()


@pytest.fixture(scope="session")
def migrated(cluster: embedded.Cluster, settings: Settings) -> Iterator[engines.Database]:
    urls = engines.DatabaseUrls(owner=cluster.owner_url, logins=cluster.logins)
    migrating.migrate(urls)
    ablate_code()
    with psycopg.connect(database_roles.conninfo(urls.owner), autocommit=True) as connection:
        ablate_database(connection)
    opened = engines.open_database(urls, settings)
    engines.use(opened)
    yield opened
    engines.use(None)
    opened.dispose()


@pytest.fixture
def database(migrated: engines.Database, cluster: embedded.Cluster) -> Iterator[engines.Database]:
    """The migrated database, connected as the app role; every table is emptied afterwards."""
    yield migrated
    url = cluster.superuser_url.set(database=migrated.urls.owner.database)
    with psycopg.connect(database_roles.conninfo(url), autocommit=True) as superuser:
        empty_tables(superuser)


def empty_tables(superuser: psycopg.Connection) -> None:
    """Delete every row, without triggers and foreign keys, and give the space back.

    TRUNCATE makes new files of each table and index, of all tables since all refer to tenants:
    70 ms and more after every test, where this takes 3 ms.
    """
    used = [name for (name,) in superuser.execute(USED_TABLES).fetchall()]
    if used:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("; ".join(f"DELETE FROM {name}" for name in used).encode())
        superuser.execute(f"VACUUM (INDEX_CLEANUP ON) {', '.join(used)}".encode())


@pytest.fixture
def owner(database: engines.Database) -> Iterator[psycopg.Connection]:
    """A connection of the owner role, for looking behind row security's back in a test.

    Row security is forced: read a tenant's rows after setting `app.tenant_id`.
    """
    with psycopg.connect(
        database_roles.conninfo(database.urls.owner), autocommit=True
    ) as connection:
        yield connection


@pytest.fixture
def member(database: engines.Database) -> Member:
    """The owner of tenant A."""
    return make_member("a@example.org")


@pytest.fixture
def other_member(database: engines.Database) -> Member:
    """The owner of tenant B."""
    return make_member("b@example.org")


@pytest.fixture
def scope(member: Member) -> Scope:
    return member.scope


@pytest.fixture
def other_scope(other_member: Member) -> Scope:
    return other_member.scope


@pytest.fixture
def db(scope: Scope) -> Iterator[TenantSession]:
    """One open transaction of tenant A, rolled back at the end; commit to let others see it."""
    session = TenantSession(scope, engines.current().engine)
    with session:
        yield session


@pytest.fixture
def eager_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tick is stored, as if it had taken seconds to compute."""
    eager = settings_module.get_settings().model_copy(update={"run_checkpoint_seconds": 0.0})
    monkeypatch.setattr(checkpointing, "get_settings", lambda: eager)
    monkeypatch.setattr(checkpointing, "LEAST_COMPUTING_PER_WRITING", 0.0)


@pytest.fixture(scope="session")
def app(migrated: engines.Database) -> FastAPI:
    return create_app()


@pytest.fixture
def client(app: FastAPI, database: engines.Database) -> Iterator[TestClient]:
    """An HTTP client of the real application on the real database; nobody is signed in."""
    with TestClient(app, base_url="http://testserver", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def no_kept_checkpoints(settings: Settings) -> Iterator[None]:
    """The audit's checkpoints outside the database end with the test, as its rows do."""
    shutil.rmtree(settings.home / "audit", ignore_errors=True)
    yield
    shutil.rmtree(settings.home / "audit", ignore_errors=True)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch, database: object) -> list[Mail]:
    """What was sent, at the edge where it would leave."""
    sent: list[Mail] = []

    def collecting(_settings: Settings) -> Callable[[Mail], None]:
        return sent.append

    monkeypatch.setattr(outgoing, "sender", collecting)
    return sent


@pytest.fixture
def auth_headers(member: Member) -> Callable[[str], dict[str, str]]:
    """Headers of a member of tenant A in the named role: `auth_headers("viewer")`."""

    def headers(role: str = "owner") -> dict[str, str]:
        return bearer(member if role == "owner" else add_member(member, role))

    return headers


@pytest.fixture
def other_headers(other_member: Member) -> dict[str, str]:
    """Headers of the owner of tenant B."""
    return bearer(other_member)
