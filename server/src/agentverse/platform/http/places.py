"""How many requests may hold a thread or a database connection; the others wait with neither.

Without it 200 requests at once block each other: FastAPI serialises in a worker thread while the
session still holds its connection, and the threads are all waiting for a connection.
"""

from collections.abc import AsyncIterator, Callable

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

# Well below the 40 threads and the 40 connections a process has.
SESSION_PLACES = 20


def places(name: str, count: int) -> Callable[[], AsyncIterator[None]]:
    """A dependency that holds one of `count` places until the answer is made."""
    limiters: RunVar[CapacityLimiter] = RunVar(f"agentverse.places.{name}")

    async def place() -> AsyncIterator[None]:
        limiter = limiters.get(None)
        if limiter is None:
            limiter = CapacityLimiter(count)
            limiters.set(limiter)
        # Borrowed by an object of its own: a task may serve several requests of one connection.
        borrower = object()
        await limiter.acquire_on_behalf_of(borrower)
        try:
            yield
        finally:
            limiter.release_on_behalf_of(borrower)

    return place


session_place = places("session", SESSION_PLACES)
