"""Many callers, one round trip: what waits while a statement runs goes with the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Answer = TypeVar("Answer")

LARGEST_GROUP = 200


class Grouped(Generic[Key, Item, Answer]):
    """Calls `run` with all items of a key that wait; one at a time for each key.

    `run` answers one value or exception for each item, in order. Lives in one event loop.
    """

    def __init__(
        self, run: Callable[[Key, list[Item]], Awaitable[list[Answer | Exception]]]
    ) -> None:
        self._run = run
        self._waiting: dict[Key, list[tuple[Item, asyncio.Future[Answer]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, key: Key, item: Item) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        queue = self._waiting.get(key)
        if queue is not None:
            queue.append((item, future))
        else:
            self._waiting[key] = [(item, future)]
            task = asyncio.create_task(self._drain(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _drain(self, key: Key) -> None:
        # One turn of the loop, so that callers of the same moment go together.
        await asyncio.sleep(0)
        while queue := self._waiting[key]:
            group = queue[:LARGEST_GROUP]
            del queue[:LARGEST_GROUP]
            try:
                answers = await self._run(key, [item for item, _ in group])
            except Exception as error:
                answers = [error] * len(group)
            for (_, future), answer in zip(group, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        del self._waiting[key]

    async def finish(self) -> None:
        """Wait until nothing waits."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
