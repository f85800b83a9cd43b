"""Requests cancelled at any moment leave no foreign row, no open transaction, no connection."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from factories.identity import Member, bearer
from fastapi import FastAPI
from sqlalchemy.pool import QueuePool

from agentverse.platform.db import engines
from agentverse.platform.db.engines import Database

TOGETHER = 20
OPEN = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'agentverse' AND datname = current_database()
AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()
"""
Send = Callable[[Any], Awaitable[None]]


class Exchange:
    """One request straight to the ASGI application, which may be dropped on the way."""

    def __init__(self, path: str, headers: dict[str, str]) -> None:
        self.path = path
        self.headers = headers
        self.status = 0
        self.body = b""
        self._gone = asyncio.Event()
        self._asked = False

    async def run(self, app: FastAPI) -> None:
        raw = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": raw,
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "state": {},
        }
        await app(scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.body += message.get("body", b"")


async def cancel_after(app: FastAPI, exchange: Exchange, steps: int) -> None:
    """Let it run for a number of turns of the event loop, then cancel it."""
    task = asyncio.ensure_future(exchange.run(app))
    for _ in range(steps):
        if task.done():
            break
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("requests", [400, pytest.param(10_000, marks=pytest.mark.long)])
def test_cancelled_requests_leave_nothing_behind(
    app: FastAPI,
    database: Database,
    owner: psycopg.Connection,
    member: Member,
    other_member: Member,
    requests: int,
) -> None:
    both = [(who, bearer(who)) for who in (member, other_member)]

    async def storm() -> None:
        for first in range(0, requests, TOGETHER):
            # Turns differ from request to request: before, in and after each await on the way.
            await asyncio.gather(
                *(
                    cancel_after(app, Exchange("/api/v1/auth/me", both[n % 2][1]), n * 7 % 97)
                    for n in range(first, first + TOGETHER)
                )
            )
            for who, headers in both:
                kept = Exchange("/api/v1/auth/me", headers)
                await kept.run(app)
                assert kept.status == 200, kept.body
                assert str(who.tenant_id).encode() in kept.body, "its own tenant and no other"

    asyncio.run(storm())
    # Leaving the loop has waited for every thread it had started.
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0
    assert owner.execute(OPEN).fetchone() == (0,)
    assert engines.current() is database
