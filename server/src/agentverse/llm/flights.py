"""Identical calls at the same moment: one asks, the others wait for its answer."""

from uuid import UUID

from agentverse.llm.calls import Call

FlightKey = tuple[UUID, str]


class Flights:
    """Who is asking for which answer. Lives in one event loop."""

    def __init__(self) -> None:
        self._leaders: dict[FlightKey, Call] = {}

    def leader(self, key: FlightKey) -> Call | None:
        return self._leaders.get(key)

    def lead(self, key: FlightKey, call: Call) -> None:
        self._leaders[key] = call

    def end(self, key: FlightKey, call: Call) -> None:
        if self._leaders.get(key) is call:
            del self._leaders[key]
