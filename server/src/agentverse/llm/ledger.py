"""One row before each call, settled exactly once afterwards.

Seam: budgets take their share of the hold in `reserve` and give it back in `settle`.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from agentverse.llm import pricing, repository
from agentverse.llm.errors import AlreadySettled
from agentverse.llm.models import CallRow
from agentverse.llm.pricing import Price
from agentverse.llm.profiles import Profile
from agentverse.llm.providers.base import ProviderAnswer
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope

FinalState = Literal["succeeded", "failed", "cancelled"]
CostSource = Literal["provider", "price_snapshot", "free", "not_charged", "unknown"]

# Beyond the call's own deadline: time to write the settlement on a busy machine.
GRACE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """`cost_usd` is what is known; `unknown_cost_calls` counts what is not."""

    calls: int
    cost_usd: Decimal
    unknown_cost_calls: int = 0

    @property
    def cost_usd_text(self) -> str:
        """Plain digits, as they travel: `str` of a small Decimal is 3E-7."""
        return f"{self.cost_usd.normalize():f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the caller needs to settle the row it reserved."""

    id: UUID
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    usd: Decimal | None
    source: CostSource


UNKNOWN_COST = Cost(usd=None, source="unknown")
FREE_OF_CHARGE = Cost(usd=Decimal(0), source="free")
# The provider refused before any work.
NOT_CHARGED = Cost(usd=Decimal(0), source="not_charged")


def reserve(
    scope: Scope,
    *,
    profile: Profile,
    provider: str,
    model: str,
    price: Price,
    hold_usd: Decimal,
    origin: UUID | None,
) -> Call:
    """Commit the row of a call that is about to start; frees the holds of calls that died."""
    call = Call(id=new_id(), price=price)
    moment = now()
    row = CallRow(
        id=call.id,
        state="reserved",
        origin=origin,
        actor_kind=scope.actor.kind,
        actor_id=scope.actor.id,
        request_id=scope.request_id,
        profile=profile.name,
        provider=provider,
        model=model,
        input_usd_per_million=price.input,
        cached_input_usd_per_million=price.cached_input,
        output_usd_per_million=price.output,
        price_source=price.source,
        hold_usd=hold_usd,
        expires_at=moment + timedelta(seconds=profile.total_seconds + GRACE_SECONDS),
    )
    with tenant_session(scope) as db:
        repository.abandon_expired_calls(db, moment)
        repository.add_call(db, row)
    return call


def settle(
    scope: Scope,
    call: Call,
    *,
    state: FinalState,
    cost: Cost,
    latency_seconds: float,
    answer: ProviderAnswer | None = None,
    error_code: str | None = None,
) -> None:
    """An abandoned row may still be settled: its call was slow, not dead, and its cost is real."""
    values = {
        "state": state,
        "settled_at": now(),
        "cost_usd": cost.usd,
        "cost_source": cost.source,
        "latency_milliseconds": round(latency_seconds * 1000),
        "error_code": error_code,
        **({} if answer is None else _answer_values(answer)),
    }
    with tenant_session(scope) as db:
        if not repository.settle_call(db, call.id, values):
            raise AlreadySettled(f"Model call {call.id} has been settled already.")


def _answer_values(answer: ProviderAnswer) -> dict[str, object]:
    values: dict[str, object] = {
        "served_model": answer.served_model,
        "provider_call_id": answer.call_id,
        "finish_reason": answer.finish_reason,
    }
    if answer.usage is not None:
        values |= {
            "input_tokens": answer.usage.input_tokens,
            "cached_input_tokens": answer.usage.cached_input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "reasoning_tokens": answer.usage.reasoning_tokens,
        }
    return values


def cost_of(price: Price, answer: ProviderAnswer) -> Cost:
    """The provider's own figure if it gave one, else tokens × the row's price snapshot."""
    if answer.cost_usd is not None:
        return Cost(usd=pricing.rounded(answer.cost_usd), source="provider")
    if price == pricing.FREE:
        return FREE_OF_CHARGE
    if answer.usage is None:
        return UNKNOWN_COST
    return Cost(usd=pricing.cost_usd(price, answer.usage), source="price_snapshot")


def sweep(scope: Scope) -> int:
    """Mark the tenant's expired reservations as abandoned; how many there were."""
    with tenant_session(scope) as db:
        return repository.abandon_expired_calls(db, now())


def usage(db: TenantSession, *, origin: UUID) -> Usage:
    """What all calls made for `origin` (an ask, a run) cost together."""
    calls, cost, unknown = repository.sum_of_calls(db, origin)
    return Usage(calls=calls, cost_usd=cost, unknown_cost_calls=unknown)


def held_usd(db: TenantSession) -> Decimal:
    """Money set aside for calls that are running now."""
    return repository.held_usd(db, now())
