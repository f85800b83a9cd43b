"""Counters of this process, with labels that cannot grow without bound."""

from collections import Counter
from dataclasses import dataclass, field

from agentverse.llm.calls import Call
from agentverse.llm.errors import LlmError


@dataclass(slots=True)
class Metrics:
    """`calls`: by endpoint and outcome, which is an error code or "ok"; both are closed sets."""

    tick_loop_refused: int = 0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    def count(self, call: Call) -> None:
        outcome = "ok"
        if call.error is not None:
            outcome = call.error.code if isinstance(call.error, LlmError) else "internal_error"
        self.calls[call.request.endpoint, outcome] += 1


METRICS = Metrics()
