"""Who may be worked on now: a bounded number of requests, shared fairly between their senders.

A request that waits holds neither a thread nor a connection. Senders (a tenant, or an address
before sign-in) take turns, none holds more than its part, nobody waits for long, and one whose
client is gone leaves the line.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from anyio.lowlevel import RunVar
from fastapi.concurrency import run_in_threadpool

from agentverse.platform.errors import Unavailable

Result = TypeVar("Result")
Gone = Callable[[], Awaitable[None]]

LONGEST_WAIT_SECONDS: Final = 10.0
RETRY_AFTER_SECONDS: Final = 2
# The sender of the request that is being answered: a tenant, or an address before sign-in.
turn: ContextVar[str] = ContextVar("agentverse.turn", default="nobody")


class Busy(Unavailable):
    code = "busy"
    title = "Too many requests at once"
    logged = False


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


@dataclass(slots=True)
class _Line:
    """Who is being worked on and who waits, in one event loop."""

    taken: int = 0
    held: dict[str, int] = field(default_factory=dict[str, int])
    waiting: OrderedDict[str, deque[asyncio.Future[None]]] = field(
        default_factory=OrderedDict[str, deque[asyncio.Future[None]]]
    )


class FairPlaces:
    """`total` places, at most `each` for one sender, of whom `waiting` may wait."""

    def __init__(
        self, name: str, *, total: int, each: int, waiting: int, wait_seconds: float | None = None
    ) -> None:
        self._wait_seconds = wait_seconds
        self._total = total
        self._each = each
        self._waiting = waiting
        self._lines: RunVar[_Line] = RunVar(f"agentverse.places.{name}")

    @asynccontextmanager
    async def hold(self, sender: str, *, gone: Gone | None = None) -> AsyncGenerator[None]:
        """Hold a place; raises Busy after a bounded wait, ClientGone when `gone` returns."""
        line = self._line()
        await self._enter(line, sender, gone)
        try:
            yield
        finally:
            self._leave(line, sender)

    def waiting(self) -> int:
        """How many requests wait now."""
        return sum(len(queue) for queue in self._line().waiting.values())

    def _line(self) -> _Line:
        line = self._lines.get(None)
        if line is None:
            line = _Line()
            self._lines.set(line)
        return line

    async def _enter(self, line: _Line, sender: str, gone: Gone | None) -> None:
        if self._is_free(line, sender):
            _take(line, sender)
            return
        queue = line.waiting.setdefault(sender, deque())
        if len(queue) >= self._waiting:
            raise _busy("Too many of your requests wait already.")
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(granted)
        try:
            await _granted(granted, gone, self._wait_seconds or LONGEST_WAIT_SECONDS)
        except BaseException:
            self._give_up(line, sender, granted)
            raise

    def _give_up(self, line: _Line, sender: str, granted: asyncio.Future[None]) -> None:
        if granted.done() and not granted.cancelled():
            # The place came in the moment in which the wait ended.
            self._leave(line, sender)
            return
        queue = line.waiting.get(sender)
        if queue is not None and granted in queue:
            queue.remove(granted)
            if not queue:
                del line.waiting[sender]

    def _leave(self, line: _Line, sender: str) -> None:
        line.taken -= 1
        line.held[sender] -= 1
        if not line.held[sender]:
            del line.held[sender]
        self._admit(line)

    def _admit(self, line: _Line) -> None:
        """Give free places to who waits, one sender after the other."""
        for sender in [*line.waiting]:
            if not self._is_free(line, sender):
                continue
            queue = line.waiting[sender]
            granted = queue.popleft()
            line.waiting.move_to_end(sender)
            if not queue:
                del line.waiting[sender]
            _take(line, sender)
            granted.set_result(None)

    def _is_free(self, line: _Line, sender: str) -> bool:
        return line.taken < self._total and line.held.get(sender, 0) < self._each


def _take(line: _Line, sender: str) -> None:
    line.taken += 1
    line.held[sender] = line.held.get(sender, 0) + 1


async def _granted(granted: asyncio.Future[None], gone: Gone | None, wait_seconds: float) -> None:
    waits: set[asyncio.Future[Any]] = {granted}
    leaving = None if gone is None else asyncio.ensure_future(gone())
    if leaving is not None:
        waits.add(leaving)
    try:
        await asyncio.wait(waits, timeout=wait_seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if leaving is not None:
            leaving.cancel()
    if granted.done():
        return
    if leaving is not None and leaving.done() and not leaving.cancelled():
        raise ClientGone
    raise _busy(f"No place became free within {wait_seconds:g} seconds.")


def _busy(why: str) -> Busy:
    return Busy(
        f"{why} Send fewer requests at once and try this one again in {RETRY_AFTER_SECONDS} "
        "seconds.",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )


# Well below the 40 threads and the 40 connections a process has; a sender's part is small, for
# threads that compute share one processor with the event loop.
request_places = FairPlaces("request", total=20, each=4, waiting=200)
# Reads of streams and long polls, which go on for as long as somebody watches.
watch_places = FairPlaces("watch", total=8, each=2, waiting=1000)
# Hashing a password costs a processor for a moment: a flood of sign-ins waits here.
password_places = FairPlaces("password", total=4, each=2, waiting=50)
# Reading a question takes a processor for up to some seconds and cannot be interrupted.
compiling_places = FairPlaces("compiling", total=2, each=1, waiting=20)
# Files on their way in; each holds disk space but no thread.
upload_places = FairPlaces("upload", total=16, each=3, waiting=20)
# Files that have arrived and are looked into, each in a child with memory of its own.
file_places = FairPlaces("file", total=2, each=1, waiting=20, wait_seconds=60.0)


def places(limits: FairPlaces) -> Callable[[], AsyncIterator[None]]:
    """A dependency that holds one of these places until the answer is made."""

    async def place() -> AsyncIterator[None]:
        async with limits.hold(turn.get()):
            yield

    return place


async def read_for_watcher(read: Callable[[], Result]) -> Result:
    """Run a watcher's read in a thread when it is its sender's turn."""
    async with watch_places.hold(turn.get()):
        return await run_in_threadpool(read)
