"""Tokens to money. Decimal throughout; a price is copied into the ledger row that it paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from agentverse.llm.errors import UnpricedModel
from agentverse.llm.providers.base import Message, TokenUsage
from agentverse.platform.settings import Settings

MILLION = 1_000_000
# What the ledger stores: NUMERIC(20, 10).
SMALLEST_USD = Decimal("0.0000000001")
# A chat template adds a few tokens around each message; no known one adds more than this.
TEMPLATE_TOKENS_PER_MESSAGE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD per million tokens."""

    input: Decimal
    cached_input: Decimal
    output: Decimal
    source: str


FREE = Price(input=Decimal(0), cached_input=Decimal(0), output=Decimal(0), source="free")


def price_of(settings: Settings) -> Price:
    """The configured price; a model without one is refused unless it is marked free."""
    if settings.llm_free or settings.llm_script is not None:
        return FREE
    per_input, per_output = settings.llm_input_usd_per_million, settings.llm_output_usd_per_million
    if per_input is None or per_output is None:
        raise UnpricedModel(
            "A call to a model without a price cannot be budgeted. Set "
            "AGENTVERSE_LLM_INPUT_USD_PER_MILLION and AGENTVERSE_LLM_OUTPUT_USD_PER_MILLION, or "
            "AGENTVERSE_LLM_FREE=true for a model that costs nothing."
        )
    cached = settings.llm_cached_input_usd_per_million
    return Price(
        input=per_input,
        cached_input=per_input if cached is None else cached,
        output=per_output,
        source="settings",
    )


def worst_case_usd(price: Price, messages: Sequence[Message], max_output_tokens: int) -> Decimal:
    """What the call can cost at most: a token holds at least one byte of the text."""
    tokens = sum(
        len(message.content.encode()) + TEMPLATE_TOKENS_PER_MESSAGE for message in messages
    )
    dearest_input = max(price.input, price.cached_input)
    return rounded((tokens * dearest_input + max_output_tokens * price.output) / MILLION)


def cost_usd(price: Price, usage: TokenUsage) -> Decimal:
    """Cached tokens are part of the input tokens, reasoning tokens of the output tokens."""
    fresh = usage.input_tokens - usage.cached_input_tokens
    total = (
        fresh * price.input
        + usage.cached_input_tokens * price.cached_input
        + usage.output_tokens * price.output
    )
    return rounded(total / MILLION)


def rounded(usd: Decimal) -> Decimal:
    return usd.quantize(SMALLEST_USD, rounding=ROUND_HALF_EVEN)
