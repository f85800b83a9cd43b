"""What every provider takes and gives. A provider makes one attempt and knows no tenant."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol, cast

from agentverse.llm.pricing import TokenUsage
from agentverse.llm.requests import Document, Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds until connected, until the first token, and between two pieces of an answer."""

    connect: float
    first_token: float
    idle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """`document` is the body to send, less `model` and how the answer is to be delivered."""

    endpoint: Endpoint
    model: str
    document: Document
    deadlines: Deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """`document`: the whole answer as OpenAI's wire format has it."""

    document: Document
    finish_reason: str | None
    call_id: str | None
    usage: TokenUsage | None
    cost_usd: Decimal | None


@dataclass(slots=True, kw_only=True)
class Progress:
    """What is known of a running attempt, whoever ends it.

    `on_event` is called with each event's bytes from the first token on, those before it too.
    """

    on_event: Callable[[bytes], None] | None = None
    sent: bool = False
    first_token_at: float | None = None
    output_bytes: int = 0
    usage: TokenUsage | None = None
    cost_usd: Decimal | None = None
    held_back: list[bytes] = field(default_factory=list[bytes])

    @property
    def delivered(self) -> bool:
        """Whether a live caller has seen a part of the answer."""
        return self.on_event is not None and self.first_token_at is not None

    def event(self, data: bytes, *, is_token: bool) -> None:
        """Pass an event on; hold it back until the first token."""
        if is_token and self.first_token_at is None:
            self.first_token_at = time.monotonic()
        if self.on_event is None:
            return
        self.held_back.append(data)
        if self.first_token_at is not None:
            for kept in self.held_back:
                self.on_event(kept)
            self.held_back.clear()


class Provider(Protocol):
    """One attempt: an answer, or AttemptFailed."""

    @property
    def name(self) -> str: ...

    async def attempt(self, request: ProviderRequest, progress: Progress) -> ProviderAnswer: ...

    async def close(self) -> None: ...


def as_dictionary(value: Any) -> Document:
    """The value if it is an object, else an empty one."""
    return cast("Document", value) if isinstance(value, dict) else {}
