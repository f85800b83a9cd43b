"""Tokens to money. Decimal throughout; a price is a list of rates and is kept with its call."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_UP, Decimal
from typing import Any, Literal

MILLION = 1_000_000
# What the ledger stores: NUMERIC(20, 10).
SMALLEST_USD = Decimal("0.0000000001")
ZERO = Decimal(0)

Unit = Literal["input", "cached_input", "cache_write", "output", "reasoning"]
# A unit without a rate of its own costs what the unit beside it costs.
FALLS_BACK_TO: dict[Unit, Unit] = {
    "cached_input": "input",
    "cache_write": "input",
    "reasoning": "output",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage:
    """Cached and written tokens are parts of the input, reasoning tokens of the output."""

    input_tokens: int
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """USD for a million tokens of `unit`, in calls with more input than the threshold."""

    unit: Unit
    usd_per_million: Decimal
    above_input_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One version of a model's price. No rates and `free`: the model costs nothing."""

    source: str
    version: int = 1
    rates: tuple[Rate, ...] = ()
    free: bool = False

    def rate(self, unit: Unit, input_tokens: int) -> Decimal:
        """USD per million tokens in a call of this size; a tier prices the whole call."""
        reached = [
            rate
            for rate in self.rates
            if rate.unit == unit
            and (rate.above_input_tokens == 0 or input_tokens > rate.above_input_tokens)
        ]
        if reached:
            return max(reached, key=lambda rate: rate.above_input_tokens).usd_per_million
        fallback = FALLS_BACK_TO.get(unit)
        return ZERO if fallback is None else self.rate(fallback, input_tokens)

    def dearest(self, units: Iterable[Unit], input_tokens: int) -> Decimal:
        """The highest rate that a call of at most this size can reach."""
        sizes = {0, input_tokens} | {
            rate.above_input_tokens + 1
            for rate in self.rates
            if rate.above_input_tokens < input_tokens
        }
        return max(self.rate(unit, size) for unit in units for size in sizes)


FREE = Price(source="free", free=True)


def hold_usd(price: Price, input_tokens: int, output_tokens: int) -> Decimal:
    """What a call of at most so many tokens can cost, rounded up."""
    into = price.dearest(("input", "cached_input", "cache_write"), input_tokens)
    out = price.dearest(("output", "reasoning"), input_tokens)
    total = (input_tokens * into + output_tokens * out) / MILLION
    return total.quantize(SMALLEST_USD, rounding=ROUND_UP)


def cost_usd(price: Price, usage: TokenUsage) -> Decimal:
    """Exact cost of the tokens, each counted once at the rate of its kind."""

    def at(unit: Unit, tokens: int) -> Decimal:
        return tokens * price.rate(unit, usage.input_tokens)

    fresh = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
    total = (
        at("input", max(fresh, 0))
        + at("cached_input", usage.cached_input_tokens)
        + at("cache_write", usage.cache_write_tokens)
        + at("output", max(usage.output_tokens - usage.reasoning_tokens, 0))
        + at("reasoning", usage.reasoning_tokens)
    )
    return rounded(total / MILLION)


def rounded(usd: Decimal) -> Decimal:
    return usd.quantize(SMALLEST_USD, rounding=ROUND_HALF_EVEN)


def price_document(price: Price) -> dict[str, Any]:
    """The price as the ledger keeps it."""
    return {
        "source": price.source,
        "version": price.version,
        "free": price.free,
        "rates": [
            {
                "unit": rate.unit,
                "usd_per_million": f"{rate.usd_per_million:f}",
                "above_input_tokens": rate.above_input_tokens,
            }
            for rate in price.rates
        ],
    }


def read_price(document: dict[str, Any]) -> Price:
    return Price(
        source=document["source"],
        version=document.get("version", 1),
        free=document.get("free", False),
        rates=read_rates(document["rates"]),
    )


def read_rates(documents: list[dict[str, Any]]) -> tuple[Rate, ...]:
    return tuple(
        Rate(
            unit=document["unit"],
            usd_per_million=Decimal(document["usd_per_million"]),
            above_input_tokens=document.get("above_input_tokens", 0),
        )
        for document in documents
    )
