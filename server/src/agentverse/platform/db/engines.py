"""The process's connection to PostgreSQL: which server, which role, one pool."""

from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from agentverse.platform.db import embedded, roles
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings, get_settings

# How long a request may wait for one of the pool's connections.
POOL_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrls:
    """Owner runs migrations; app is what the API and the worker connect as."""

    owner: URL
    app: URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    urls: DatabaseUrls
    engine: Engine


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
        return DatabaseUrls(owner=cluster.owner_url, app=cluster.app_url)
    owner = psycopg_url(settings.database_url)
    if settings.app_database_url is not None:
        return DatabaseUrls(owner=owner, app=psycopg_url(settings.app_database_url))
    return DatabaseUrls(owner=owner, app=roles.ensure_app_login(owner, settings.home))


def psycopg_url(raw: str) -> URL:
    """Any usual spelling of a PostgreSQL URL, with the one driver we use."""
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
    timeout_milliseconds = settings.statement_timeout_seconds * 1000
    engine = create_engine(
        urls.app,
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        # Errors are logged; password hashes and what people typed must not be in them.
        hide_parameters=True,
        connect_args={
            "application_name": "agentverse",
            "options": f"-c statement_timeout={timeout_milliseconds} -c timezone=UTC",
        },
    )
    return Database(urls=urls, engine=engine)


def refuse_powerful_role(connection: Connection) -> None:
    """Raise unless the connected role is bound by row security on every table."""
    powers = connection.execute(text(roles.POWERS_OF_CURRENT_ROLE)).mappings().one()
    found = [name for name, held in powers.items() if held]
    if found:
        raise Misconfigured(
            f"The application's database role has power around row security ({', '.join(found)}). "
            "Set APP_DATABASE_URL to a role that is no superuser, has no BYPASSRLS and owns "
            "no table."
        )
