"""Fair places: turns, parts, bounded waits, leaving; bounds are counted, never timed."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from agentverse.platform.http import places
from agentverse.platform.http.places import Busy, ClientGone, FairPlaces


async def settle() -> None:
    """Let every task go on until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


class Flood:
    """Requests of one sender that hold their places until they are told to end."""

    def __init__(self, limits: FairPlaces, order: list[str]) -> None:
        self._limits = limits
        self._order = order
        self.end = asyncio.Event()

    async def work(self, sender: str) -> None:
        async with self._limits.hold(sender):
            self._order.append(sender)
            await self.end.wait()


def test_hold_gives_another_sender_the_next_place_after_a_flood() -> None:
    async def scene() -> list[str]:
        order: list[str] = []
        limits = FairPlaces("flood", total=2, each=2, waiting=1000)
        flood = Flood(limits, order)
        tasks = [asyncio.ensure_future(flood.work("flood")) for _ in range(300)]
        await settle()
        other = asyncio.ensure_future(flood.work("other"))
        await settle()
        flood.end.set()
        await asyncio.gather(other, *tasks)
        return order

    order = asyncio.run(scene())

    # Two were at work; of the 298 that wait, one sender's turn each.
    assert order.index("other") <= 3
    assert len(order) == 301


def test_hold_leaves_places_that_one_sender_cannot_take() -> None:
    async def scene() -> int:
        order: list[str] = []
        limits = FairPlaces("part", total=20, each=4, waiting=1000)
        flood = Flood(limits, order)
        tasks = [asyncio.ensure_future(flood.work("flood")) for _ in range(50)]
        await settle()
        at_work = len(order)
        async with limits.hold("other"):
            pass
        flood.end.set()
        await asyncio.gather(*tasks)
        return at_work

    assert asyncio.run(scene()) == 4


def test_hold_beyond_the_line_is_busy_at_once_and_says_when_to_come_back() -> None:
    async def scene() -> Busy:
        limits = FairPlaces("line", total=1, each=1, waiting=2)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(limits.hold("a"))
            waiting = [asyncio.ensure_future(limits.hold("a").__aenter__()) for _ in range(2)]
            await settle()
            with pytest.raises(Busy) as refused:
                await limits.hold("a").__aenter__()
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
            assert limits.waiting() == 0
            return refused.value

    refused = asyncio.run(scene())

    assert refused.extra["retry_after_seconds"] == places.RETRY_AFTER_SECONDS


def test_hold_waits_no_longer_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "LONGEST_WAIT_SECONDS", 0.0)

    async def scene() -> int:
        limits = FairPlaces("bound", total=1, each=1, waiting=9)
        async with limits.hold("a"):
            with pytest.raises(Busy, match="No place became free"):
                await limits.hold("b").__aenter__()
            return limits.waiting()

    assert asyncio.run(scene()) == 0


def test_hold_of_clients_that_left_is_never_worked_on() -> None:
    async def scene() -> tuple[int, int]:
        order: list[str] = []
        limits = FairPlaces("gone", total=1, each=1, waiting=1000)
        left = asyncio.Event()

        async def leave() -> None:
            await left.wait()

        async def dropped() -> None:
            async with limits.hold("flood", gone=leave):
                order.append("flood")

        async with limits.hold("first"):
            tasks = [asyncio.ensure_future(dropped()) for _ in range(300)]
            await settle()
            waiting = limits.waiting()
            left.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(error) for error in ended} == {ClientGone}
        return waiting, len(order)

    assert asyncio.run(scene()) == (300, 0)
