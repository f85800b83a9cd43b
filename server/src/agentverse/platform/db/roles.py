"""The two database roles: the owner that migrates and the app role that row security binds."""

import json
import os
import secrets
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from agentverse.platform.db.row_security import APP_ROLE
from agentverse.platform.errors import Misconfigured

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


def ensure_app_login(owner: URL, home: Path) -> URL:
    """Create the app role on a server of the user's own; its password stays in the data home."""
    password = stored_secret(home / "keys" / "database-app-role.json", key=owner.host or "local")
    with psycopg.connect(conninfo(owner), autocommit=True) as connection:
        try:
            _create_or_alter(connection, password)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Misconfigured(
                f"The role in DATABASE_URL may not create {APP_ROLE!r}. Let an administrator run "
                f"CREATE ROLE {APP_ROLE} LOGIN PASSWORD '…' and set APP_DATABASE_URL to it."
            ) from error
    return owner.set(username=APP_ROLE, password=password)


def _create_or_alter(connection: psycopg.Connection, password: str) -> None:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone()
    verb = sql.SQL("ALTER" if found else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            verb, sql.Identifier(APP_ROLE), sql.Literal(password)
        )
    )


def conninfo(url: URL) -> str:
    """The same address as libpq reads it: not as a URL, where it takes no `+` for a space."""
    known = {name: value for name, value in url.query.items() if isinstance(value, str)}
    parts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        **known,
    }
    return make_conninfo("", **{name: value for name, value in parts.items() if value is not None})


def stored_secret(path: Path, *, key: str) -> str:
    """The secret kept under `key` in a 0600 file; made on first use."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if key not in known:
        known[key] = secrets.token_urlsafe(32)
        write_private(path, json.dumps(known))
    return known[key]


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
