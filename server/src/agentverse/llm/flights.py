"""Identical calls at the same moment: one asks, the others wait for its answer."""

import asyncio
from uuid import UUID

from agentverse.llm.calls import Call

FlightKey = tuple[UUID, str]
# Longer than a look-up takes where a thousand wait: whoever looked before the answer was kept
# still finds its call.
REMEMBERED_SECONDS = 30.0


class Flights:
    """Who asks for which answer, or has just asked. Lives in one event loop."""

    def __init__(self) -> None:
        self._leaders: dict[FlightKey, Call] = {}

    def leader(self, key: FlightKey, *, since: float) -> Call | None:
        """The call that asks for this answer now, or ended after the moment `since`."""
        found = self._leaders.get(key)
        if found is None or (found.ended_at is not None and found.ended_at < since):
            return None
        return found

    def lead(self, key: FlightKey, call: Call) -> None:
        self._leaders[key] = call

    def end(self, key: FlightKey, call: Call) -> None:
        """The call has ended; it is remembered for a moment."""
        if self._leaders.get(key) is call:
            asyncio.get_running_loop().call_later(REMEMBERED_SECONDS, self._forget, key, call)

    def _forget(self, key: FlightKey, call: Call) -> None:
        if self._leaders.get(key) is call:
            del self._leaders[key]
