"""The database roles: the owner that migrates, and one login per kind of work, none an owner."""

import json
import os
import secrets
from enum import StrEnum
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from agentverse.platform.errors import Misconfigured


class DatabaseRole(StrEnum):
    """What a process connects as; each has its own pool and its own rights."""

    APP = "app"  # one tenant's rows at a time
    PLATFORM = "platform"  # the platform realm: tenants and what is granted by name, across tenants
    PERSONS = "persons"  # the directory of persons: credentials, addresses; no tenant's row
    SEALER = "sealer"  # the audit of every tenant: reads entries, writes seals

    @property
    def login(self) -> str:
        """The role's name on a server where nothing else is configured."""
        return f"agentverse_{self.value}"

    @property
    def variable(self) -> str:
        """The environment variable that names another login."""
        return f"{self.value.upper()}_DATABASE_URL"


POWERS_OF_CURRENT_ROLE = """
SELECT
    bool_or(r.rolsuper) AS superuser,
    bool_or(r.rolbypassrls) AS bypassrls,
    EXISTS (
        SELECT 1 FROM pg_class c
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          AND pg_has_role(current_user, c.relowner, 'MEMBER')
    ) AS owner
FROM pg_roles r
WHERE pg_has_role(current_user, r.oid, 'MEMBER')
"""


NEEDLESS_RIGHTS = """
SELECT
    has_database_privilege(current_database(), 'TEMPORARY') AS temporary_tables,
    has_function_privilege('lo_create(oid)', 'EXECUTE')
        OR has_function_privilege('lo_creat(integer)', 'EXECUTE')
        OR has_function_privilege('lo_from_bytea(oid, bytea)', 'EXECUTE') AS large_objects
"""
REMEDIES = {
    "temporary_tables": "REVOKE TEMPORARY ON DATABASE … FROM PUBLIC",
    "large_objects": "REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), "
    "lo_from_bytea(oid, bytea) FROM PUBLIC",
}


def ensure_login(owner: URL, role: DatabaseRole, home: Path) -> URL:
    """Create the role on a server of the user's own; its password stays in the data home.

    Raises Misconfigured where the owner may not create roles.
    """
    path = home / "keys" / f"database-{role}-role.json"
    password = stored_secret(path, key=owner.host or "local")
    with psycopg.connect(conninfo(owner), autocommit=True) as connection:
        try:
            _create_or_alter(connection, role.login, password)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Misconfigured(
                f"The role in DATABASE_URL may not create {role.login!r}. Let an administrator run "
                f"CREATE ROLE {role.login} LOGIN PASSWORD '…' and set {role.variable} to it."
            ) from error
    return owner.set(username=role.login, password=password)


def _create_or_alter(connection: psycopg.Connection, login: str, password: str) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)).fetchone()
    verb = sql.SQL("ALTER" if exists else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            verb, sql.Identifier(login), sql.Literal(password)
        )
    )


def conninfo(url: URL) -> str:
    """The same address as libpq reads it: not as a URL, where it takes no `+` for a space."""
    options = {name: value for name, value in url.query.items() if isinstance(value, str)}
    parts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        **options,
    }
    return make_conninfo("", **{name: value for name, value in parts.items() if value is not None})


def stored_secret(path: Path, *, key: str) -> str:
    """The secret kept under `key` in a 0600 file; made on first use."""
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if key not in stored:
        stored[key] = secrets.token_urlsafe(32)
        write_private(path, json.dumps(stored))
    return stored[key]


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
