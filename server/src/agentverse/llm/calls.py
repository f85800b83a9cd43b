"""One call on its way through the router: who asks, what was found out, what is delivered."""

import asyncio
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from agentverse.llm.attempts import CallHistory
from agentverse.llm.cache import CacheKeys
from agentverse.llm.catalogue import Target
from agentverse.llm.ledger import Document
from agentverse.llm.plans import Plan
from agentverse.llm.pricing import TokenUsage
from agentverse.llm.requests import CallRequest
from agentverse.platform.scope import Scope

CacheMark = Literal["HIT", "MISS", "COALESCED", "BYPASS", "REPLAY"]
CostSource = Literal[
    "provider", "price_snapshot", "estimate", "free", "not_charged", "cache", "unknown"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    usd: Decimal
    source: CostSource
    reported_usd: Decimal | None = None
    computed_usd: Decimal | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What headers and callers are told of a call, as far as it is known."""

    call_id: UUID | None = None
    profile: str | None = None
    served_model: str | None = None
    provider: str | None = None
    attempts: int = 0
    cache: CacheMark = "BYPASS"
    cost: Cost | None = None
    usage: TokenUsage | None = None
    finish_reason: str | None = None
    overhead_ms: float = 0.0
    total_ms: float = 0.0


class Call:
    """One request being answered by a task of the router's own.

    `events` has the pieces of a live answer; it ends with None when the call has ended, and then
    `error` or `document` is set. `opened` is set with the first token or at the end.
    """

    def __init__(self, scope: Scope, request: CallRequest) -> None:
        self.scope = scope
        self.request = request
        self.report = Report()
        self.history = CallHistory()
        self.target: Target | None = None
        self.plan: Plan | None = None
        self.document: Document | None = None
        self.keys: CacheKeys | None = None
        self.version = 0
        self.error: Exception | None = None
        self.events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.opened = asyncio.Event()
        self.ended = asyncio.Event()
        self.ended_at: float | None = None
        self.left = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def take_event(self, data: bytes) -> None:
        """A piece of a live answer. Whoever has left gets none."""
        if not self.left.is_set():
            if self.history.model is not None:
                self.report.served_model = self.history.model.name
                self.report.attempts = len(self.history.attempts) + 1
            self.events.put_nowait(data)
            self.opened.set()

    def end(self) -> None:
        self.events.put_nowait(None)
        self.opened.set()
        self.ended_at = time.monotonic()
        self.ended.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A whole answer for code inside: its text, its document, and what it cost."""

    call_id: UUID
    text: str
    finish_reason: str
    served_model: str
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Decimal
    cost_source: CostSource
    attempts: int
    latency_seconds: float
    document: dict[str, Any] = field(repr=False, default_factory=dict[str, Any])
