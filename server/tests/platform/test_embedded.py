"""The embedded server: private, shared by processes, started again after any kind of end."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL

from agentverse.platform.db import database_roles, embedded, engines, migrating
from agentverse.platform.db.embedded import Cluster
from agentverse.platform.db.outages import DatabaseUnavailable
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings

# Starts the server, says so, and holds it until standard input closes.
USER = """
import sys
from pathlib import Path
from agentverse.platform.db import database_roles, embedded
import psycopg
cluster = embedded.start(Path(sys.argv[1]))
with psycopg.connect(database_roles.conninfo(cluster.app_url)) as connection:
    connection.execute("SELECT 1")
print("started", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="agentverse-embedded-"))
    yield base / "postgres"
    embedded.stop(base / "postgres")
    embedded.release(base / "postgres")
    shutil.rmtree(base, ignore_errors=True)


def spawn(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(USER), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def started(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "started\n"


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=30)


def answers(url: URL) -> bool:
    try:
        with psycopg.connect(database_roles.conninfo(url)) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_first_boot_leaves_no_trust_and_no_tcp(cluster: Cluster) -> None:
    with psycopg.connect(database_roles.conninfo(cluster.superuser_url)) as connection:
        rules = connection.execute(
            "SELECT type, database, user_name, auth_method FROM pg_hba_file_rules"
        ).fetchall()
        listening = connection.execute("SHOW listen_addresses").fetchone()
    assert rules == [("local", ["all"], ["all"], "scram-sha-256")]
    assert listening == ("",)


@pytest.mark.parametrize(
    "role", ["postgres", embedded.OWNER_ROLE, database_roles.DatabaseRole.APP.login]
)
def test_no_role_enters_without_its_password(cluster: Cluster, role: str) -> None:
    assert answers(cluster.app_url), "the positive control"
    assert not answers(cluster.app_url.set(username=role, password="guess"))


def test_socket_and_passwords_are_private(cluster: Cluster, home: Path) -> None:
    folder = home / "postgres"
    socket_folder = embedded.status(folder).socket_folder
    assert socket_folder is not None
    assert socket_folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "credentials.json").stat().st_mode & 0o777 == 0o600


def test_long_path_gets_a_short_private_socket_folder() -> None:
    base = Path(tempfile.mkdtemp(prefix="agentverse-long-"))
    folder = base / ("a long name " * 12) / "postgres"
    try:
        cluster = embedded.start(folder)
        assert answers(cluster.app_url)
        first = embedded.status(folder).socket_folder
        assert first is not None
        assert len(str(first)) < 80
        assert first.stat().st_mode & 0o777 == 0o700
        embedded.stop(folder)
        shutil.rmtree(first)
        assert answers(embedded.start(folder).app_url), "a swept /tmp is no obstacle"
        second = embedded.status(folder).socket_folder
    finally:
        embedded.stop(folder)
        embedded.release(folder)
        shutil.rmtree(base)
    for left in (first, second):
        shutil.rmtree(left or base, ignore_errors=True)


def test_two_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    both = [spawn(folder), spawn(folder)]
    assert all(started(process) for process in both)
    server = embedded.status(folder).process_id
    end(both[0])
    assert embedded.status(folder).process_id == server, "the other still needs it"
    end(both[1])
    assert not embedded.status(folder).running, "the last one out stops it"


def test_killed_user_does_not_hold_the_server(folder: Path) -> None:
    killed, other = spawn(folder), spawn(folder)
    assert started(killed)
    assert started(other)
    killed.kill()
    killed.communicate()
    assert embedded.status(folder).running
    end(other)
    assert not embedded.status(folder).running


def test_killed_server_starts_again_with_its_data(folder: Path) -> None:
    cluster = embedded.start(folder)
    with psycopg.connect(database_roles.conninfo(cluster.owner_url), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    server = embedded.status(folder).process_id
    assert server is not None
    os.kill(server, signal.SIGKILL)
    _wait_for_end(folder)
    cluster = embedded.start(folder)
    with psycopg.connect(database_roles.conninfo(cluster.owner_url)) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_stale_pid_file_with_a_reused_number_is_no_server(folder: Path) -> None:
    embedded.start(folder)
    embedded.stop(folder)
    pid_file = folder / "server" / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{folder / 'server' / 'data'}\n0\n5432\n\n\n\n")
    assert not embedded.status(folder).running
    assert answers(embedded.start(folder).app_url)


def test_crash_during_the_first_boot_leaves_nothing_half_made(folder: Path) -> None:
    (folder / "server.new" / "data").mkdir(parents=True)
    (folder / "server.new" / "data" / "PG_VERSION").write_text("18\n")
    assert answers(embedded.start(folder).app_url)


def test_stop_says_whether_it_stopped_something(folder: Path) -> None:
    assert not embedded.stop(folder)
    embedded.start(folder)
    assert embedded.stop(folder)
    assert not embedded.stop(folder)


def test_another_server_is_used_by_its_url(folder: Path) -> None:
    """DATABASE_URL names the owner; the other roles are made by it and have no power."""
    cluster = embedded.start(folder)
    with psycopg.connect(
        database_roles.conninfo(cluster.superuser_url), autocommit=True
    ) as connection:
        connection.execute("CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'of the server'")
        for role in database_roles.DatabaseRole:
            connection.execute(f"DROP ROLE {role.login}".encode())
        connection.execute("CREATE DATABASE elsewhere OWNER boss")
    boss = cluster.owner_url.set(username="boss", password="of the server", database="elsewhere")
    address = boss.render_as_string(hide_password=False)
    settings = Settings.model_validate({"home": folder.parent, "DATABASE_URL": address})
    urls = engines.locate(settings)
    migrating.migrate(urls)
    migrating.migrate(urls)
    assert engines.locate(settings) == urls, "the passwords are kept"
    opened = engines.open_database(urls, settings)
    engines.refuse_powerful_roles(opened)
    with opened.engine.connect() as connection:
        assert migrating.revision(connection) == migrating.head()
    opened.dispose()


def test_url_of_another_kind_of_database_is_refused() -> None:
    with pytest.raises(Misconfigured, match="PostgreSQL"):
        engines.psycopg_url("sqlite:///x.db")


def _wait_for_end(folder: Path) -> None:
    deadline = time.monotonic() + 10
    while embedded.status(folder).running and time.monotonic() < deadline:
        time.sleep(0.02)


def test_home_that_is_no_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(Misconfigured, match="AGENTVERSE_HOME"):
        embedded.start(tmp_path / "home" / "postgres")


@pytest.mark.parametrize(
    "url", ["postgresql://u:s3cret@[::1/x", "s3cret", "postgresql://u:s3cret@host:port/x"]
)
def test_database_url_that_is_no_address_is_told_without_the_password(url: str) -> None:
    with pytest.raises(Misconfigured, match="DATABASE_URL is no address") as caught:
        engines.psycopg_url(url)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_database_that_does_not_answer_is_told_with_the_way_out(
    settings: Settings, tmp_path: Path
) -> None:
    url = f"postgresql://u:s3cret@/x?host={tmp_path}"
    changed = settings.model_copy(update={"database_url": url, "home": tmp_path})
    before = engines.opened()
    engines.use(None)
    try:
        with pytest.raises(DatabaseUnavailable, match="correct DATABASE_URL") as caught:
            migrating.prepare(changed)
    finally:
        engines.use(before)
    assert "s3cret" not in str(caught.value)
