"""Bring a database to the newest revision, one process at a time."""

from importlib.resources import files

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from agentverse.platform.db import database_roles, engines
from agentverse.platform.db.engines import Database, DatabaseUrls
from agentverse.platform.db.outages import DatabaseUnavailable
from agentverse.platform.settings import Settings

# Any fixed number: two processes that migrate at once take turns.
MIGRATION_LOCK = 4_201_926


def configuration(urls: DatabaseUrls | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("agentverse.migrations")))
    if urls is not None:
        config.attributes["owner_url"] = urls.owner
        config.attributes["logins"] = {role: url.username for role, url in urls.logins.items()}
    return config


def head() -> str:
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    if newest is None:
        raise LookupError("The migration history is empty.")
    return newest


def migrate(urls: DatabaseUrls) -> None:
    with psycopg.connect(database_roles.conninfo(urls.owner), autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        command.upgrade(configuration(urls), "head")


def prepare(settings: Settings) -> Database:
    """Everything a process needs before its first session: server running, migrated, opened.

    Done once per process: the demo prepares to load its data, and again when it serves.
    Raises DatabaseUnavailable.
    """
    opened = engines.opened()
    if opened is not None:
        return opened
    try:
        urls = engines.locate(settings)
        migrate(urls)
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        raise DatabaseUnavailable(
            f"PostgreSQL does not let us in ({reason}). Start it, or correct DATABASE_URL."
        ) from error
    database = engines.open_database(urls, settings)
    engines.use(database)
    return database


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None when it has never been migrated."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))
