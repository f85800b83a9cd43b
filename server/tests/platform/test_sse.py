"""Waiting without a session: long polls and streams of changes."""

import asyncio

import pytest

from agentverse.platform.errors import Unauthenticated
from agentverse.platform.http.sse import changes, preferred_wait, wait_until


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=30", 30),
        ("respond-async, wait=5", 5),
        ("wait=5;x", 5),
        ("wait=9999", 60),
        ("await=5", 0),
        ("wait=x", 0),
    ],
)
def test_preferred_wait(header: str | None, seconds: float) -> None:
    assert preferred_wait(header) == seconds


def test_wait_ends_as_soon_as_it_is_done() -> None:
    states = iter([1, 2, 3, 4])
    found = asyncio.run(wait_until(lambda: next(states), lambda s: s == 3, seconds=30))
    assert found == 3


def test_wait_without_time_reads_once() -> None:
    states = iter([1, 2])
    assert asyncio.run(wait_until(lambda: next(states), lambda s: s == 2, seconds=0)) == 1


def test_changes_skip_what_did_not_change_and_end_with_the_last() -> None:
    states = iter([1, 1, 2, 2, 3, 4])

    async def collect() -> list[int]:
        stream = changes(lambda: next(states), lambda s: s == 3, first=1)
        return [state async for state in stream]

    assert asyncio.run(collect()) == [1, 2, 3]


def test_changes_end_when_the_watcher_may_no_longer_look() -> None:
    def refused() -> int:
        raise Unauthenticated("Sign in again.")

    async def collect() -> list[int]:
        return [state async for state in changes(refused, lambda _: False, first=1)]

    assert asyncio.run(collect()) == [1]


def test_many_watchers_together_read_no_oftener_than_the_cap() -> None:
    reads = 0

    def read() -> int:
        nonlocal reads
        reads += 1
        return 0

    async def watch_all() -> None:
        waits = [wait_until(read, lambda _: False, seconds=0.5) for _ in range(100)]
        await asyncio.gather(*waits)

    asyncio.run(watch_all())
    # Without the cap each would read six times.
    assert reads < 300
