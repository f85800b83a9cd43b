"""complete(): the one door to any model.

Seams: the cache and the tape look up before `reserve`; retries, fallbacks and the breaker wrap
`_attempt`; each attempt will be a row of its own.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from agentverse.llm import ledger, pricing, profiles
from agentverse.llm.errors import AnswerUnreadable, DeadlineExceeded, LlmError
from agentverse.llm.profiles import Profile, ProfileName
from agentverse.llm.providers.base import Message, Provider, ProviderAnswer, ProviderRequest
from agentverse.llm.providers.choosing import provider_of
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

# After these the provider may have worked, and nobody tells us what it charges.
COST_UNKNOWN = (DeadlineExceeded, AnswerUnreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """`cost_usd` is None where the provider gave neither a cost nor token counts."""

    call_id: UUID
    text: str
    finish_reason: str
    provider: str
    served_model: str
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Decimal | None
    latency_seconds: float


def complete(
    scope: Scope,
    *,
    profile: ProfileName,
    messages: Sequence[Message],
    origin: UUID | None = None,
    max_output_tokens: int | None = None,
) -> Completion:
    """Ask a model. Slow: opens its own short transactions and holds none during the call.

    `origin` is what the call is made for; its cost is summed by `llm.usage`.
    """
    settings = get_settings()
    chosen = profiles.resolve(profile)
    provider = provider_of(settings)
    price = pricing.price_of(settings)
    request = _request(chosen, provider, messages, max_output_tokens)
    call = ledger.reserve(
        scope,
        profile=chosen,
        provider=provider.name,
        model=provider.model,
        price=price,
        hold_usd=pricing.worst_case_usd(price, request.messages, request.max_output_tokens),
        origin=origin,
    )
    return _call_and_settle(scope, call, provider, request)


def _request(
    profile: Profile,
    provider: Provider,
    messages: Sequence[Message],
    max_output_tokens: int | None,
) -> ProviderRequest:
    if not messages:
        raise ValueError("A model call needs at least one message.")
    return ProviderRequest(
        model=provider.model,
        messages=tuple(messages),
        temperature=profile.temperature,
        max_output_tokens=max_output_tokens or profile.max_output_tokens,
        connect_seconds=profile.connect_seconds,
        total_seconds=profile.total_seconds,
    )


def _call_and_settle(
    scope: Scope, call: ledger.Call, provider: Provider, request: ProviderRequest
) -> Completion:
    started = time.monotonic()
    try:
        answer = asyncio.run(_attempt(provider, request))
    except LlmError as error:
        cost = ledger.UNKNOWN_COST if isinstance(error, COST_UNKNOWN) else ledger.NOT_CHARGED
        ledger.settle(
            scope,
            call,
            state="failed",
            cost=cost,
            latency_seconds=time.monotonic() - started,
            error_code=error.code,
        )
        raise
    except BaseException as error:
        # The caller left (interrupt, exit, cancellation) or we have a bug: settled all the same.
        ledger.settle(
            scope,
            call,
            state="failed" if isinstance(error, Exception) else "cancelled",
            cost=ledger.UNKNOWN_COST,
            latency_seconds=time.monotonic() - started,
            error_code="internal_error" if isinstance(error, Exception) else None,
        )
        raise
    return _settle_answer(scope, call, provider, answer, time.monotonic() - started)


async def _attempt(provider: Provider, request: ProviderRequest) -> ProviderAnswer:
    return await provider.complete(request)


def _settle_answer(
    scope: Scope,
    call: ledger.Call,
    provider: Provider,
    answer: ProviderAnswer,
    latency_seconds: float,
) -> Completion:
    cost = ledger.cost_of(call.price, answer)
    ledger.settle(
        scope,
        call,
        state="succeeded",
        cost=cost,
        latency_seconds=latency_seconds,
        answer=answer,
    )
    return Completion(
        call_id=call.id,
        text=answer.text,
        finish_reason=answer.finish_reason,
        provider=provider.name,
        served_model=answer.served_model,
        input_tokens=None if answer.usage is None else answer.usage.input_tokens,
        output_tokens=None if answer.usage is None else answer.usage.output_tokens,
        cost_usd=cost.usd,
        latency_seconds=latency_seconds,
    )
