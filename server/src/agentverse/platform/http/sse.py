"""Watching stored state: streams and long polls that hold no session while they wait."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from agentverse.platform.errors import AgentVerseError
from agentverse.platform.http.places import Busy, read_for_watcher

State = TypeVar("State")

POLL_SECONDS = 0.1
# All watchers of a process together; with more of them, each looks less often.
READS_PER_SECOND = 50.0
LONGEST_WAIT_SECONDS = 60.0
PREFERRED_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")


def preferred_wait(prefer: str | None) -> float:
    """Seconds of `Prefer: wait=30` (RFC 7240), 0 without it, never more than a minute."""
    match = PREFERRED_WAIT.search(prefer or "")
    return min(float(match.group(1)), LONGEST_WAIT_SECONDS) if match else 0.0


async def wait_until(
    read: Callable[[], State], is_done: Callable[[State], bool], *, seconds: float
) -> State:
    """Read until it is done or the time is over; `read` opens and closes its own session."""
    end = time.monotonic() + seconds
    state = await read_for_watcher(read)
    with _watching():
        while not is_done(state) and (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, poll_seconds()))
            state = await read_for_watcher(read)
    return state


async def changes(
    read: Callable[[], State], is_last: Callable[[State], bool], *, first: State
) -> AsyncIterator[State]:
    """`first`, then each state that differs from the one before; the last one ends it.

    An error in `read` ends it too: the answer has begun, so only the next request can be told.
    """
    state = first
    yield state
    with _watching():
        while not is_last(state):
            await asyncio.sleep(poll_seconds())
            try:
                latest = await read_for_watcher(read)
            except Busy:
                continue
            except AgentVerseError:
                return
            if latest != state:
                state = latest
                yield state


_watchers: set[object] = set()


def poll_seconds() -> float:
    return max(POLL_SECONDS, len(_watchers) / READS_PER_SECOND)


@contextmanager
def _watching() -> Generator[None]:
    watcher = object()
    _watchers.add(watcher)
    try:
        yield
    finally:
        _watchers.discard(watcher)
