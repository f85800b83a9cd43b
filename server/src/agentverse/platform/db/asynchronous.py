"""Connections for code on an event loop: a few, checked, each statement its own transaction."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from agentverse.platform.db import database_roles, engines
from agentverse.platform.db.outages import DatabaseUnavailable

AsyncConnection = psycopg.AsyncConnection
# A value that the database cannot hold; the same statement fails again.
DataRefused = psycopg.DataError


class AsyncDatabase:
    """The app role's connections of one event loop. Open it inside that loop."""

    def __init__(self, *, connections: int, wait_seconds: float) -> None:
        self._pool = AsyncConnectionPool(
            database_roles.conninfo(engines.current().urls.app),
            min_size=1,
            max_size=connections,
            timeout=wait_seconds,
            open=False,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 0,
                "application_name": "agentverse-llm",
                "connect_timeout": 5,
                "options": "-c statement_timeout=10000 -c timezone=UTC",
            },
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[AsyncConnection]:
        """One connection; raises DatabaseUnavailable when the server cannot be reached."""
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise DatabaseUnavailable(
                "Nothing was changed. Try again in a few seconds; if it goes on, whoever runs "
                "this server finds the reason in the database's log."
            ) from error
