"""Watching stored state: streams and long polls that hold no session while they wait."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from fastapi.concurrency import run_in_threadpool

State = TypeVar("State")

POLL_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 60.0
PREFERRED_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")


def preferred_wait(prefer: str | None) -> float:
    """Seconds of `Prefer: wait=30` (RFC 7240), 0 without it, never more than a minute."""
    found = PREFERRED_WAIT.search(prefer or "")
    return min(float(found.group(1)), LONGEST_WAIT_SECONDS) if found else 0.0


async def wait_until(
    read: Callable[[], State], is_done: Callable[[State], bool], *, seconds: float
) -> State:
    """Read until it is done or the time is over; `read` opens and closes its own session."""
    end = time.monotonic() + seconds
    state = await run_in_threadpool(read)
    while not is_done(state) and time.monotonic() < end:
        await asyncio.sleep(POLL_SECONDS)
        state = await run_in_threadpool(read)
    return state


async def changes(
    read: Callable[[], State], is_last: Callable[[State], bool], *, first: State
) -> AsyncIterator[State]:
    """`first`, then each state that differs from the one before; the last one ends it."""
    state = first
    yield state
    while not is_last(state):
        await asyncio.sleep(POLL_SECONDS)
        latest = await run_in_threadpool(read)
        if latest != state:
            state = latest
            yield state
