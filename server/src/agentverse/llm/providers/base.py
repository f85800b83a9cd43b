"""What every provider takes and gives. A provider makes one attempt and knows no tenant."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

MessageRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    role: MessageRole
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """Counts as OpenAI's wire format means them: cached and reasoning are parts of the totals."""

    input_tokens: int
    cached_input_tokens: int = 0
    output_tokens: int
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    model: str
    messages: tuple[Message, ...]
    temperature: float
    max_output_tokens: int
    connect_seconds: float
    total_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    text: str
    finish_reason: str
    served_model: str
    call_id: str | None
    usage: TokenUsage | None
    cost_usd: Decimal | None


class Provider(Protocol):
    """One attempt: an answer, or one of the errors of `llm.errors`."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    async def complete(self, request: ProviderRequest) -> ProviderAnswer: ...
