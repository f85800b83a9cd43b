"""Providers, models, profiles and budgets in the tables, as a platform admin would make them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from agentverse.llm.models import (
    AlertHookRow,
    BudgetRow,
    CallRow,
    CatalogueRow,
    ModelRow,
    PriceRow,
    ProfileOverrideRow,
    ProfileRow,
    ProfileVersionRow,
    ProviderRow,
)
from agentverse.platform.db import engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope

# USD for a million tokens.
INPUT, OUTPUT = Decimal("0.15"), Decimal("0.6")


def _session() -> Session:
    return Session(engines.current().engines[DatabaseRole.PLATFORM], expire_on_commit=False)


def _changed(db: Session) -> None:
    db.execute(update(CatalogueRow).values(version=CatalogueRow.version + 1))


def make_model(
    base_url: str,
    *,
    provider: str = "primary",
    model: str = "m",
    input_usd: Decimal = INPUT,
    output_usd: Decimal = OUTPUT,
    free: bool = False,
    context_window: int = 100_000,
    max_output_tokens: int = 1_000,
) -> str:
    """A priced model of a provider on loopback; its name."""
    rates = [
        {"unit": "input", "usd_per_million": f"{input_usd:f}"},
        {"unit": "output", "usd_per_million": f"{output_usd:f}"},
    ]
    with _session() as db, db.begin():
        made = ProviderRow(
            id=new_id(), name=provider, base_url=base_url, allow_private_network=True
        )
        db.add(made)
        db.flush()
        row = ModelRow(
            id=new_id(),
            provider_id=made.id,
            model=model,
            context_window=context_window,
            max_output_tokens=max_output_tokens,
            free=free,
            price_version=1,
        )
        db.add(row)
        db.flush()
        db.add(PriceRow(model_id=row.id, version=1, source="test", rates=rates))
        _changed(db)
    return f"{provider}/{model}"


def make_profile(key: str = "TEST", **settings: Any) -> str:
    """An installation-wide profile; how a request names it."""
    with _session() as db, db.begin():
        row = ProfileRow(id=new_id(), profile_key=key, version=1, settings=settings)
        db.add(row)
        db.flush()
        db.add(ProfileVersionRow(profile_id=row.id, version=1, settings=settings))
        _changed(db)
    return f"profile:{key}"


def make_ledger(scope: Scope, *, override: str = "OWN") -> dict[str, str]:
    """One of everything the router keeps for a tenant; ids as routes name them."""
    call_id, profile_id, hook_id = new_id(), new_id(), new_id()
    with tenant_session(scope) as db:
        db.add(
            CallRow(
                id=call_id,
                state="reserved",
                endpoint="chat",
                actor_kind="system",
                requested_model="primary/m",
                stream=False,
                hold_usd=Decimal(1),
                hold_tokens=1,
                held_in=[],
                attempt_count=0,
            )
        )
        db.add(
            ProfileOverrideRow(
                id=profile_id, profile_key=override, project="", version=1, settings={}
            )
        )
        db.add(AlertHookRow(id=hook_id, url="https://example.org", sealed_secret=b"sealed"))
    return {
        "call_id": str(call_id),
        "hook_id": str(hook_id),
        "profile_id": str(profile_id),
        "budget_id": str(make_budget(scope.tenant_id, "1")),
        "provider_id": str(new_id()),
        "model_id": str(new_id()),
        "tenant_id": str(scope.tenant_id),
    }


def make_budget(
    tenant_id: UUID,
    limit_usd: str,
    *,
    scope: str = "tenant",
    scope_id: str | None = None,
    period: str = "total",
    **limits: Any,
) -> UUID:
    row = BudgetRow(
        id=new_id(),
        tenant_id=tenant_id,
        scope=scope,
        scope_id=scope_id,
        subject=f"{scope}:{scope_id or ''}",
        period=period,
        time_zone="UTC",
        limit_usd=Decimal(limit_usd),
        **limits,
    )
    with _session() as db, db.begin():
        db.add(row)
    return row.id
