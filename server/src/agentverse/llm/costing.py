"""What a call cost: every answer that was given, and the last attempt whatever ended it."""

from collections.abc import Sequence
from decimal import Decimal

import orjson

from agentverse.llm import pricing
from agentverse.llm.attempts import CallHistory
from agentverse.llm.calls import Call, Cost, CostSource
from agentverse.llm.catalogue import ModelEntry
from agentverse.llm.plans import Plan, estimated_usage, price_of
from agentverse.llm.pricing import SMALLEST_USD, ZERO, TokenUsage
from agentverse.llm.providers.provider import ProviderAnswer

# Of several costs in one call, what the sum is at best.
LEAST_SURE_LAST: Sequence[CostSource] = (
    *("not_charged", "free", "provider", "price_snapshot"),
    "estimate",
)


def cost_of(call: Call, answer: ProviderAnswer | None) -> tuple[Cost, TokenUsage | None]:
    """Of the last attempt, and of every answer before it that did not fit its schema."""
    plan, history = call.plan, call.history
    assert plan is not None  # noqa: S101 - admitted
    cost, usage = _last(plan, history, answer)
    for model, rejected in _rejected_before(history, answer):
        cost = _sum(cost, _of_rejected(plan, model, rejected))
        usage = _sum_usage(usage, rejected.usage)
    return cost, usage


def _rejected_before(
    history: CallHistory, answer: ProviderAnswer | None
) -> list[tuple[ModelEntry, ProviderAnswer]]:
    ended_so = history.failure is not None and history.failure.outcome == "invalid_output"
    return history.rejected[:-1] if answer is None and ended_so else history.rejected


def _last(
    plan: Plan, history: CallHistory, answer: ProviderAnswer | None
) -> tuple[Cost, TokenUsage | None]:
    if history.model is None:
        return Cost(usd=ZERO, source="not_charged"), None
    progress = history.progress
    if progress is None:
        return Cost(usd=ZERO, source="not_charged"), None
    if answer is not None:
        usage, reported = answer.usage, answer.cost_usd
        return _priced(plan, history.model, usage, reported, progress.output_bytes), usage
    worked = progress.usage is not None or progress.cost_usd is not None
    if not worked and not price_of(history.model).free and not _may_have_worked(history):
        return Cost(usd=ZERO, source="not_charged"), None
    cost = _priced(plan, history.model, progress.usage, progress.cost_usd, progress.output_bytes)
    return cost, progress.usage


def _of_rejected(plan: Plan, model: ModelEntry, answer: ProviderAnswer) -> Cost:
    size = len(orjson.dumps(answer.document["choices"])) if answer.usage is None else 0
    return _priced(plan, model, answer.usage, answer.cost_usd, size)


def _priced(
    plan: Plan,
    model: ModelEntry,
    usage: TokenUsage | None,
    reported: Decimal | None,
    output_bytes: int,
) -> Cost:
    """The provider's own figure, else tokens × price, else an estimate within the hold."""
    price = price_of(model)
    computed = None if usage is None else pricing.cost_usd(price, usage)
    if reported is not None:
        usd = pricing.rounded(reported)
        return Cost(usd=usd, source="provider", reported_usd=reported, computed_usd=computed)
    if price.free:
        return Cost(usd=ZERO, source="free")
    if computed is not None:
        return Cost(usd=computed, source="price_snapshot", computed_usd=computed)
    guess = estimated_usage(plan, output_bytes)
    estimate = min(max(pricing.cost_usd(price, guess), SMALLEST_USD), plan.hold_usd)
    return Cost(usd=estimate, source="estimate")


def _may_have_worked(history: CallHistory) -> bool:
    failure, progress = history.failure, history.progress
    if progress is not None and progress.first_token_at is not None:
        return True
    if failure is not None:
        return failure.rule.worked
    return progress is not None and progress.sent


def _sum(first: Cost, second: Cost) -> Cost:
    return Cost(
        usd=first.usd + second.usd,
        source=max((first, second), key=_doubt).source,
        reported_usd=_both(first.reported_usd, second.reported_usd),
        computed_usd=_both(first.computed_usd, second.computed_usd),
    )


def _doubt(cost: Cost) -> int:
    return LEAST_SURE_LAST.index(cost.source)


def _both(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else first + second


def _sum_usage(first: TokenUsage | None, second: TokenUsage | None) -> TokenUsage | None:
    if first is None or second is None:
        return first or second
    return TokenUsage(
        input_tokens=first.input_tokens + second.input_tokens,
        cached_input_tokens=first.cached_input_tokens + second.cached_input_tokens,
        cache_write_tokens=first.cache_write_tokens + second.cache_write_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        reasoning_tokens=first.reasoning_tokens + second.reasoning_tokens,
    )
