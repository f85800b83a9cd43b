"""Identical calls at the same moment: one asks, the others wait for its answer."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from agentverse.llm.calls import Call

FlightKey = tuple[UUID, str]


class SingleFlight:
    """Who asks for which answer, or has just asked. Lives in one event loop.

    A call that has ended is remembered while anybody looks for its answer, who may have looked
    before it was kept; whoever looks later finds it kept.
    """

    def __init__(self) -> None:
        self._leaders: dict[FlightKey, Call] = {}
        self._looking: Counter[FlightKey] = Counter()
        self._ended: set[FlightKey] = set()

    @contextmanager
    def looking(self, key: FlightKey) -> Generator[None]:
        """While an answer is looked for and, where none is kept, its leader decided."""
        self._looking[key] += 1
        try:
            yield
        finally:
            self._looking[key] -= 1
            if self._looking[key] == 0:
                del self._looking[key]
                self._forget(key)

    def leader(self, key: FlightKey, *, since: float) -> Call | None:
        """The call that asks for this answer now, or ended after the moment `since`."""
        call = self._leaders.get(key)
        if call is None or (call.ended_at is not None and call.ended_at < since):
            return None
        return call

    def lead(self, key: FlightKey, call: Call) -> None:
        self._leaders[key] = call
        self._ended.discard(key)

    def end(self, key: FlightKey, call: Call) -> None:
        """The call has ended, and its answer is kept if it is to be."""
        if self._leaders.get(key) is call:
            self._ended.add(key)
            if key not in self._looking:
                self._forget(key)

    def _forget(self, key: FlightKey) -> None:
        if key in self._ended:
            self._ended.discard(key)
            del self._leaders[key]

    def __len__(self) -> int:
        """How many calls are remembered."""
        return len(self._leaders)
