"""Tokens become money exactly."""

from decimal import Decimal

import pytest

from agentverse.llm import pricing
from agentverse.llm.errors import UnpricedModel
from agentverse.llm.pricing import Price
from agentverse.llm.providers.base import Message, TokenUsage
from agentverse.platform.settings import Settings

PRICE = Price(
    input=Decimal("0.15"), cached_input=Decimal("0.075"), output=Decimal("0.6"), source="settings"
)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (TokenUsage(input_tokens=1, output_tokens=0), "0.0000001500"),
        (TokenUsage(input_tokens=0, output_tokens=1), "0.0000006000"),
        (TokenUsage(input_tokens=0, output_tokens=0), "0.0000000000"),
        # 600 fresh × 0.15 + 400 cached × 0.075 + 250 × 0.60 = 90 + 30 + 150, per million
        (
            TokenUsage(input_tokens=1000, cached_input_tokens=400, output_tokens=250),
            "0.0002700000",
        ),
        # Reasoning tokens are part of the output tokens and must not be counted twice.
        (TokenUsage(input_tokens=0, output_tokens=10, reasoning_tokens=9), "0.0000060000"),
        (TokenUsage(input_tokens=2_147_483_647, output_tokens=0), "322.1225470500"),
    ],
)
def test_cost_usd_of_a_usage_is_exact(usage: TokenUsage, expected: str) -> None:
    assert f"{pricing.cost_usd(PRICE, usage):f}" == expected


def test_cost_usd_beyond_the_ledgers_digits_rounds_half_to_even() -> None:
    tiny = Price(
        input=Decimal("0.00005"), cached_input=Decimal(0), output=Decimal(0), source="settings"
    )

    costs = [pricing.cost_usd(tiny, TokenUsage(input_tokens=n, output_tokens=0)) for n in (1, 3)]

    assert costs == [Decimal("0.0000000000"), Decimal("0.0000000002")]


def test_worst_case_counts_bytes_so_no_tokenizer_can_exceed_it() -> None:
    message = Message(role="user", content="größer")  # 8 bytes, 6 letters

    hold = pricing.worst_case_usd(PRICE, [message], 100)

    tokens = 8 + pricing.TEMPLATE_TOKENS_PER_MESSAGE
    assert hold == (tokens * Decimal("0.15") + 100 * Decimal("0.6")) / 1_000_000


def test_price_of_a_model_without_prices_is_refused_and_names_the_settings() -> None:
    settings = Settings(llm_model="m", llm_input_usd_per_million=Decimal(1))

    with pytest.raises(UnpricedModel) as caught:
        pricing.price_of(settings)

    assert "AGENTVERSE_LLM_OUTPUT_USD_PER_MILLION" in caught.value.detail
    assert "AGENTVERSE_LLM_FREE" in caught.value.detail


def test_price_of_a_model_marked_free_is_zero() -> None:
    assert pricing.price_of(Settings(llm_free=True)) == pricing.FREE


def test_price_of_cached_input_defaults_to_the_price_of_input() -> None:
    settings = Settings(llm_input_usd_per_million=Decimal(2), llm_output_usd_per_million=Decimal(3))

    assert pricing.price_of(settings).cached_input == Decimal(2)
