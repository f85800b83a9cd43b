"""The process's connections to PostgreSQL: which server, one pool for each role."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

from agentverse.platform.db import database_roles, embedded
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings, get_settings

logger = logging.getLogger(__name__)

# Everything of DISCARD ALL but the prepared statements, which are worth keeping.
FORGET = (
    "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; "
    "SELECT pg_advisory_unlock_all(); DISCARD SEQUENCES"
)
# How long a request may wait for one of the pool's connections.
POOL_TIMEOUT_SECONDS = 10
# Connections kept open and added under load, for every role but the app's, which is set.
SMALL_POOL = (2, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrls:
    """Owner runs migrations; `logins` are what API, worker and command line connect as."""

    owner: URL
    logins: Mapping[DatabaseRole, URL]

    @property
    def app(self) -> URL:
        return self.logins[DatabaseRole.APP]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    urls: DatabaseUrls
    engines: Mapping[DatabaseRole, Engine]

    @property
    def engine(self) -> Engine:
        """The app role's."""
        return self.engines[DatabaseRole.APP]

    def dispose(self) -> None:
        for engine in self.engines.values():
            engine.dispose()


_lock = Lock()
_current: Database | None = None


def current() -> Database:
    """The database of this process; the first call starts the embedded server if need be."""
    global _current
    with _lock:
        if _current is None:
            _current = open_database(locate(get_settings()), get_settings())
        return _current


def opened() -> Database | None:
    """The database of this process if it has one yet."""
    return _current


def use(database: Database | None) -> None:
    """Replace the process's database (tests, and `serve` after it has migrated)."""
    global _current
    with _lock:
        _current = database


def locate(settings: Settings) -> DatabaseUrls:
    """The server to use: `DATABASE_URL`, else the embedded one, started when it is not running."""
    if settings.database_url is None:
        cluster = embedded.start(settings.embedded_folder)
        return DatabaseUrls(owner=cluster.owner_url, logins=cluster.logins)
    owner = psycopg_url(settings.database_url)
    given = {
        DatabaseRole.APP: settings.app_database_url,
        DatabaseRole.PLATFORM: settings.platform_database_url,
        DatabaseRole.PERSONS: settings.persons_database_url,
        DatabaseRole.SEALER: settings.sealer_database_url,
    }
    logins = {
        role: database_roles.ensure_login(owner, role, settings.home)
        if url is None
        else psycopg_url(url)
        for role, url in given.items()
    }
    return DatabaseUrls(owner=owner, logins=logins)


def psycopg_url(raw: str) -> URL:
    """Any usual spelling of a PostgreSQL URL, with the one driver we use.

    Raises Misconfigured for what is no URL of PostgreSQL.
    """
    try:
        url = make_url(raw)
    except (ArgumentError, ValueError):
        # Not from the error: its traceback would show the password.
        raise Misconfigured(
            "DATABASE_URL is no address. Write postgresql://user:password@host:port/database, with "
            "special signs of the password percent-encoded."
        ) from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise Misconfigured(
            f"DATABASE_URL names {url.get_backend_name()!r}; AgentVerse needs PostgreSQL "
            "(postgresql://user:password@host/database)."
        )
    return url.set(drivername="postgresql+psycopg")


def open_database(urls: DatabaseUrls, settings: Settings) -> Database:
    """A pool for each role; none connects before it is used."""
    sizes = {DatabaseRole.APP: (settings.pool_size, settings.pool_overflow)}
    engines = {
        role: _pool(url, settings, *sizes.get(role, SMALL_POOL))
        for role, url in urls.logins.items()
    }
    return Database(urls=urls, engines=engines)


def _pool(url: URL, settings: Settings, size: int, overflow: int) -> Engine:
    timeout_milliseconds = settings.statement_timeout_seconds * 1000
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=overflow,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        # `_forget_session` does it, and more.
        pool_reset_on_return=None,
        # Errors are logged; password hashes and what people typed must not be in them.
        hide_parameters=True,
        connect_args={
            "application_name": "agentverse",
            "options": f"-c statement_timeout={timeout_milliseconds} -c timezone=UTC "
            f"-c idle_in_transaction_session_timeout={timeout_milliseconds}",
        },
    )
    event.listen(engine, "reset", _forget_session)
    return engine


def _forget_session(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, state: PoolResetState
) -> None:
    """Back in the pool a connection knows nothing of who had it: settings, locks, cursors, role."""
    if state.terminate_only:
        return
    connection.rollback()
    connection.autocommit = True
    connection.execute(FORGET)
    connection.autocommit = False


def warn_of_needless_rights(connection: Connection) -> None:
    """What only a server's administrator can take away, and our own server never gives."""
    held = connection.execute(text(database_roles.NEEDLESS_RIGHTS)).mappings().one()
    for right in (name for name, has in held.items() if has):
        logger.warning(
            "The app's database role may make %s, which nothing here needs. Let an administrator "
            "of the server run: %s;",
            right.replace("_", " "),
            database_roles.REMEDIES[right],
        )


def refuse_powerful_roles(database: Database) -> None:
    """Raise unless every role is bound by row security on every table."""
    for role, engine in database.engines.items():
        with engine.connect() as connection:
            refuse_powerful_role(connection, role)
            if role == DatabaseRole.APP:
                warn_of_needless_rights(connection)


def refuse_powerful_role(connection: Connection, role: DatabaseRole = DatabaseRole.APP) -> None:
    """Raises Misconfigured for a role with powers that the product must not have."""
    powers = connection.execute(text(database_roles.POWERS_OF_CURRENT_ROLE)).mappings().one()
    held_powers = [name for name, held in powers.items() if held]
    if held_powers:
        raise Misconfigured(
            f"The database role of {role.variable} has power around row security "
            f"({', '.join(held_powers)}). Set {role.variable} to a role that is no superuser, "
            "has no BYPASSRLS and owns no table."
        )
