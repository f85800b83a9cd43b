"""Usage as providers send it → cost, against arithmetic done by hand here, whole and streamed.

The payloads follow what each provider documents. A row's `paid` are its tokens by kind, each with
the price of a million: their sum is the expected cost, worked out without the code under test.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentverse.llm import pricing
from agentverse.llm.pricing import Price, Rate, TokenUsage
from agentverse.llm.providers import openai_format

D = Decimal
Paid = tuple[tuple[int, str], ...]


def price(
    into: str,
    out: str,
    *,
    cached: str | None = None,
    written: str | None = None,
    reasoning: str | None = None,
    tiers: tuple[tuple[int, str, str], ...] = (),
) -> Price:
    rates = [
        Rate(unit="input", usd_per_million=D(into)),
        Rate(unit="output", usd_per_million=D(out)),
    ]
    if cached is not None:
        rates.append(Rate(unit="cached_input", usd_per_million=D(cached)))
    if written is not None:
        rates.append(Rate(unit="cache_write", usd_per_million=D(written)))
    if reasoning is not None:
        rates.append(Rate(unit="reasoning", usd_per_million=D(reasoning)))
    for above, tier_into, tier_out in tiers:
        for unit, usd in (("input", tier_into), ("output", tier_out), ("cached_input", tier_into)):
            rates.append(Rate(unit=unit, usd_per_million=D(usd), above_input_tokens=above))  # pyright: ignore
    return Price(source="test", rates=tuple(rates))


MINI = price("0.15", "0.60", cached="0.075")
LARGE = price("2.50", "10.00", cached="1.25")
THINKER = price("1.10", "4.40", cached="0.275")
SONNET = price("3", "15", cached="0.30", written="3.75")
GEMINI = price("1.25", "10", cached="0.31", tiers=((200_000, "2.50", "15"),))
DEEPSEEK = price("0.27", "1.10", cached="0.07")
GROK = price("3", "15", cached="0.75")
PLAIN = price("0.20", "0.80")
APART = price("0.50", "2", reasoning="3")
EMBEDDING = price("0.02", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    usage: dict[str, Any]
    price: Price
    paid: Paid | None
    reported: str | None = None


def counts(into: int, out: int, total: int | None = None, **more: Any) -> dict[str, Any]:
    return {
        "prompt_tokens": into,
        "completion_tokens": out,
        "total_tokens": into + out if total is None else total,
        **more,
    }


def into(**details: int | None) -> dict[str, Any]:
    return {"prompt_tokens_details": details}


def out(**details: int | None) -> dict[str, Any]:
    return {"completion_tokens_details": details}


ROWS: dict[str, Row] = {
    "openai plain": Row(usage=counts(1000, 250), price=MINI, paid=((1000, "0.15"), (250, "0.60"))),
    "openai details all zero": Row(
        usage=counts(
            1000,
            250,
            **into(cached_tokens=0, audio_tokens=0),
            **out(reasoning_tokens=0, audio_tokens=0, accepted_prediction_tokens=0),
        ),
        price=MINI,
        paid=((1000, "0.15"), (250, "0.60")),
    ),
    "openai cached": Row(
        usage=counts(2006, 300, **into(cached_tokens=1920)),
        price=MINI,
        paid=((86, "0.15"), (1920, "0.075"), (300, "0.60")),
    ),
    "openai all cached": Row(
        usage=counts(1024, 1, **into(cached_tokens=1024)),
        price=LARGE,
        paid=((1024, "1.25"), (1, "10.00")),
    ),
    "openai reasoning within completion": Row(
        usage=counts(75, 1186, **out(reasoning_tokens=1024)),
        price=THINKER,
        paid=((75, "1.10"), (1186, "4.40")),
    ),
    "openai cached and reasoning": Row(
        usage=counts(5000, 2000, **into(cached_tokens=4096), **out(reasoning_tokens=1500)),
        price=THINKER,
        paid=((904, "1.10"), (4096, "0.275"), (2000, "4.40")),
    ),
    "openai one token": Row(usage=counts(1, 1), price=MINI, paid=((1, "0.15"), (1, "0.60"))),
    "openai nothing answered": Row(usage=counts(10, 0), price=MINI, paid=((10, "0.15"),)),
    "openai nothing at all": Row(usage=counts(0, 0), price=MINI, paid=()),
    "openai null details": Row(
        usage=counts(10, 10, prompt_tokens_details=None, completion_tokens_details=None),
        price=MINI,
        paid=((10, "0.15"), (10, "0.60")),
    ),
    "openai rejected predictions": Row(
        usage=counts(100, 80, **out(accepted_prediction_tokens=30, rejected_prediction_tokens=20)),
        price=LARGE,
        paid=((100, "2.50"), (80, "10.00")),
    ),
    "openai long": Row(
        usage=counts(1_000_000, 32_768),
        price=LARGE,
        paid=((1_000_000, "2.50"), (32_768, "10.00")),
    ),
    "openai embedding": Row(
        usage={"prompt_tokens": 10, "total_tokens": 10}, price=EMBEDDING, paid=((10, "0.02"),)
    ),
    "azure with filter results": Row(
        usage=counts(55, 12, **into(cached_tokens=0)),
        price=LARGE,
        paid=((55, "2.50"), (12, "10.00")),
    ),
    "reasoning priced apart": Row(
        usage=counts(100, 500, **out(reasoning_tokens=400)),
        price=APART,
        paid=((100, "0.50"), (100, "2"), (400, "3")),
    ),
    "deepseek hit and miss": Row(
        usage=counts(3000, 500, prompt_cache_hit_tokens=2048, prompt_cache_miss_tokens=952),
        price=DEEPSEEK,
        paid=((952, "0.27"), (2048, "0.07"), (500, "1.10")),
    ),
    "deepseek miss only": Row(
        usage=counts(952, 500, prompt_cache_hit_tokens=0, prompt_cache_miss_tokens=952),
        price=DEEPSEEK,
        paid=((952, "0.27"), (500, "1.10")),
    ),
    "deepseek reasoner": Row(
        usage=counts(
            40,
            900,
            prompt_cache_hit_tokens=0,
            prompt_cache_miss_tokens=40,
            **out(reasoning_tokens=700),
        ),
        price=DEEPSEEK,
        paid=((40, "0.27"), (900, "1.10")),
    ),
    "deepseek both names": Row(
        usage=counts(128, 8, prompt_cache_hit_tokens=64, **into(cached_tokens=64)),
        price=DEEPSEEK,
        paid=((64, "0.27"), (64, "0.07"), (8, "1.10")),
    ),
    "xai reasoning beside completion": Row(
        usage=counts(32, 9, total=135, **out(reasoning_tokens=94)),
        price=GROK,
        paid=((32, "3"), (103, "15")),
    ),
    "xai cached": Row(
        usage=counts(32, 9, total=135, **into(cached_tokens=6), **out(reasoning_tokens=94)),
        price=GROK,
        paid=((26, "3"), (6, "0.75"), (103, "15")),
    ),
    "xai without reasoning": Row(
        usage=counts(32, 9, **out(reasoning_tokens=0)), price=GROK, paid=((32, "3"), (9, "15"))
    ),
    "gemini plain": Row(usage=counts(1200, 300), price=GEMINI, paid=((1200, "1.25"), (300, "10"))),
    "gemini thoughts only in the total": Row(
        usage=counts(1200, 300, total=2100), price=GEMINI, paid=((1200, "1.25"), (900, "10"))
    ),
    "gemini at the threshold": Row(
        usage=counts(200_000, 10), price=GEMINI, paid=((200_000, "1.25"), (10, "10"))
    ),
    "gemini above the threshold": Row(
        usage=counts(200_001, 10), price=GEMINI, paid=((200_001, "2.50"), (10, "15"))
    ),
    "gemini above the threshold, cached": Row(
        usage=counts(300_000, 10, **into(cached_tokens=100_000)),
        price=GEMINI,
        paid=((200_000, "2.50"), (100_000, "2.50"), (10, "15")),
    ),
    "gemini cached": Row(
        usage=counts(5000, 10, **into(cached_tokens=4000)),
        price=GEMINI,
        paid=((1000, "1.25"), (4000, "0.31"), (10, "10")),
    ),
    "openrouter reported": Row(
        usage=counts(194, 2, cost=0.00014, cost_details={"upstream_inference_cost": None}),
        price=MINI,
        paid=None,
        reported="0.00014",
    ),
    "openrouter reported zero": Row(
        usage=counts(194, 2, cost=0), price=MINI, paid=None, reported="0"
    ),
    "openrouter reported to ten digits": Row(
        usage=counts(1, 1, cost=0.0123456789), price=MINI, paid=None, reported="0.0123456789"
    ),
    "openrouter reported in exponents": Row(
        usage=counts(1, 1, cost=3e-7), price=MINI, paid=None, reported="0.0000003"
    ),
    "openrouter cache write": Row(
        usage=counts(5000, 100, **into(cached_tokens=0, cache_write_tokens=4500)),
        price=SONNET,
        paid=((500, "3"), (4500, "3.75"), (100, "15")),
    ),
    "openrouter cache read and write": Row(
        usage=counts(6000, 100, **into(cached_tokens=4500, cache_write_tokens=1000)),
        price=SONNET,
        paid=((500, "3"), (4500, "0.30"), (1000, "3.75"), (100, "15")),
    ),
    "anthropic through openai's format": Row(
        usage=counts(800, 60), price=SONNET, paid=((800, "3"), (60, "15"))
    ),
    "anthropic with thinking": Row(
        usage=counts(800, 2060, **out(reasoning_tokens=2000)),
        price=SONNET,
        paid=((800, "3"), (2060, "15")),
    ),
    "moonshot names cached tokens at the top": Row(
        usage=counts(700, 20, cached_tokens=512),
        price=MINI,
        paid=((188, "0.15"), (512, "0.075"), (20, "0.60")),
    ),
    "mistral": Row(usage=counts(41, 7), price=PLAIN, paid=((41, "0.20"), (7, "0.80"))),
    "groq with times": Row(
        usage=counts(41, 7, queue_time=0.02, prompt_time=0.001, total_time=0.1),
        price=PLAIN,
        paid=((41, "0.20"), (7, "0.80")),
    ),
    "vllm": Row(
        usage=counts(12, 34, prompt_tokens_details=None),
        price=PLAIN,
        paid=((12, "0.20"), (34, "0.80")),
    ),
    "ollama": Row(usage=counts(26, 298), price=PLAIN, paid=((26, "0.20"), (298, "0.80"))),
    "no price for cached: as input": Row(
        usage=counts(100, 10, **into(cached_tokens=90)),
        price=PLAIN,
        paid=((100, "0.20"), (10, "0.80")),
    ),
    "more cached than asked": Row(
        usage=counts(100, 10, **into(cached_tokens=900)),
        price=MINI,
        paid=((100, "0.075"), (10, "0.60")),
    ),
    "more reasoning than answered": Row(
        usage=counts(100, 10, **out(reasoning_tokens=900)),
        price=APART,
        paid=((100, "0.50"), (10, "3")),
    ),
}


def streamed(usage: dict[str, Any]) -> tuple[TokenUsage | None, Decimal | None]:
    assembler = openai_format.Assembler()
    documents: tuple[dict[str, Any], ...] = (
        {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]},
        {"choices": [], "usage": usage},
    )
    for document in documents:
        assembler.add(document, json.dumps(document).encode())
    return assembler.usage, assembler.cost_usd


def whole(usage: dict[str, Any]) -> tuple[TokenUsage | None, Decimal | None]:
    document: dict[str, Any] = {"choices": [], "usage": usage}
    answer = openai_format.whole_answer(document, json.dumps(document).encode())
    return answer.usage, answer.cost_usd


@pytest.mark.parametrize("read", [whole, streamed], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", ROWS)
def test_payload_costs_what_is_worked_out_by_hand(name: str, read: Any) -> None:
    row = ROWS[name]
    usage, reported = read(row.usage)

    assert usage is not None
    assert reported == (None if row.reported is None else D(row.reported))
    if row.paid is not None:
        expected = sum((tokens * D(usd) for tokens, usd in row.paid), D(0)) / 1_000_000
        assert abs(pricing.cost_usd(row.price, usage) - expected) <= D("1e-9")


@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"prompt_tokens": None},
        {"prompt_tokens": "10", "completion_tokens": 1},
        {"prompt_tokens": -1, "completion_tokens": 1},
        {"prompt_tokens": True, "completion_tokens": 1},
        {"completion_tokens": 1},
    ],
)
def test_payload_that_says_nothing_is_no_usage(usage: dict[str, Any]) -> None:
    assert openai_format.read_usage(usage) is None


@pytest.mark.parametrize("cost", ["-1", "NaN", "Infinity", "1e300", "x", True, None, []])
def test_reported_cost_that_is_no_money_is_no_report(cost: Any) -> None:
    assert openai_format.money(cost) is None


PRICES = st.sampled_from([MINI, LARGE, SONNET, GEMINI, DEEPSEEK, GROK, PLAIN, APART])
TOKENS = st.integers(0, 2_000_000)


@given(model=PRICES, used=TOKENS, bound=TOKENS, answered=TOKENS, most=TOKENS, share=st.floats(0, 1))
def test_hold_is_never_below_what_fewer_tokens_cost(
    model: Price, used: int, bound: int, answered: int, most: int, share: float
) -> None:
    used, answered = min(used, bound), min(answered, most)
    cached = int(used * share)
    usage = TokenUsage(
        input_tokens=used,
        cached_input_tokens=cached,
        cache_write_tokens=used - cached,
        output_tokens=answered,
        reasoning_tokens=int(answered * share),
    )
    assert pricing.cost_usd(model, usage) <= pricing.hold_usd(model, bound, most)
