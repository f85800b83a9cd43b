"""Tables of the router: what is offered, budgets, calls with their attempts, sums."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.clock import now
from agentverse.platform.db.base import Row, TenantOwned
from agentverse.platform.ids import new_id

MONEY = Numeric(20, 10)
STATES = (
    "'reserved', 'succeeded', 'failed', 'cancelled', 'abandoned', 'cached', 'coalesced', 'replayed'"
)


class CatalogueRow(Row):
    """One row: the number that grows with every change of what calls are resolved against."""

    __tablename__ = "llm_catalogue"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


class ProviderRow(Row):
    __tablename__ = "llm_providers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    name: Mapped[str]
    base_url: Mapped[str]
    allow_private_network: Mapped[bool]
    sealed_api_key: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint("name"),)


class ModelRow(Row):
    __tablename__ = "llm_models"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("llm_providers.id"))
    model: Mapped[str]
    context_window: Mapped[int]
    max_output_tokens: Mapped[int]
    free: Mapped[bool]
    price_version: Mapped[int]

    __table_args__ = (UniqueConstraint("provider_id", "model"),)


class PriceRow(Row):
    """One immutable version of a model's price: a list of rates (unit, amount, condition)."""

    __tablename__ = "llm_prices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    model_id: Mapped[UUID] = mapped_column(ForeignKey("llm_models.id"))
    version: Mapped[int]
    source: Mapped[str]
    rates: Mapped[list[Any]]

    __table_args__ = (UniqueConstraint("model_id", "version"),)


class ProfileRow(Row):
    """A profile of the whole installation, in its current version."""

    __tablename__ = "llm_profiles"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    profile_key: Mapped[str]
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("profile_key"),)


class ProfileVersionRow(Row):
    __tablename__ = "llm_profile_versions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("llm_profiles.id"))
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("profile_id", "version"),)


class ProfileOverrideRow(TenantOwned, Row):
    """A tenant's own form of a profile; `project` is empty or the id of one of its projects."""

    __tablename__ = "llm_profile_overrides"

    profile_key: Mapped[str]
    project: Mapped[str]
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("tenant_id", "profile_key", "project"),)


class ProfileOverrideVersionRow(TenantOwned, Row):
    __tablename__ = "llm_profile_override_versions"

    override_id: Mapped[UUID]
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]

    __table_args__ = (
        UniqueConstraint("tenant_id", "override_id", "version"),
        ForeignKeyConstraint(
            ["tenant_id", "override_id"],
            ["llm_profile_overrides.tenant_id", "llm_profile_overrides.id"],
        ),
    )


class BudgetRow(TenantOwned, Row):
    """`subject` is what a call is matched by: `scope:scope_id`."""

    __tablename__ = "llm_budgets"

    scope: Mapped[str]
    scope_id: Mapped[str | None]
    subject: Mapped[str]
    period: Mapped[str]
    time_zone: Mapped[str]
    limit_usd: Mapped[Decimal] = mapped_column(MONEY)
    limit_tokens: Mapped[int | None] = mapped_column(BigInteger)
    limit_calls: Mapped[int | None] = mapped_column(BigInteger)
    raised_limit_usd: Mapped[Decimal | None] = mapped_column(MONEY)
    raised_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (Index("ix_llm_budgets_subject", "tenant_id", "subject"),)


class BudgetWindowRow(TenantOwned, Row):
    """What one budget has spent and holds in one window; made with the window's first call."""

    __tablename__ = "llm_budget_windows"

    budget_id: Mapped[UUID]
    window_start: Mapped[datetime]
    spent_usd: Mapped[Decimal] = mapped_column(MONEY)
    reserved_usd: Mapped[Decimal] = mapped_column(MONEY)
    spent_tokens: Mapped[int] = mapped_column(BigInteger)
    reserved_tokens: Mapped[int] = mapped_column(BigInteger)
    calls: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("tenant_id", "budget_id", "window_start"),
        ForeignKeyConstraint(
            ["tenant_id", "budget_id"], ["llm_budgets.tenant_id", "llm_budgets.id"]
        ),
    )


class AlertRow(TenantOwned, Row):
    """A budget's window has reached a threshold (percent); told once, by `app.llm_alert`."""

    __tablename__ = "llm_alerts"

    budget_id: Mapped[UUID]
    window_start: Mapped[datetime]
    threshold: Mapped[int]
    spent_usd: Mapped[Decimal] = mapped_column(MONEY)
    limit_usd: Mapped[Decimal] = mapped_column(MONEY)

    __table_args__ = (
        UniqueConstraint("tenant_id", "budget_id", "window_start", "threshold"),
        ForeignKeyConstraint(
            ["tenant_id", "budget_id"], ["llm_budgets.tenant_id", "llm_budgets.id"]
        ),
        Index("ix_llm_alerts_id", "id"),
    )


class AlertHookRow(TenantOwned, Row):
    """An address that is told of every alert; the secret signs what is sent to it."""

    __tablename__ = "llm_alert_hooks"

    url: Mapped[str]
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)


class AlertDeliveryRow(TenantOwned, Row):
    """The outbox: one alert for one hook; made with the alert and its job, in one transaction."""

    __tablename__ = "llm_alert_deliveries"

    alert_id: Mapped[UUID]
    hook_id: Mapped[UUID]
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "alert_id", "hook_id"),
        ForeignKeyConstraint(
            ["tenant_id", "alert_id"],
            ["llm_alerts.tenant_id", "llm_alerts.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "hook_id"],
            ["llm_alert_hooks.tenant_id", "llm_alert_hooks.id"],
            ondelete="CASCADE",
        ),
    )


class CallRow(TenantOwned, Row):
    """One call: written before it starts, settled once; a trigger refuses a second settlement.

    `held_in` are the budget windows that its hold was taken from. `price` is the snapshot that
    paid it, `cost_usd` is empty while the call runs and where nobody knows what it cost.
    """

    __tablename__ = "llm_calls"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint("(state = 'reserved') = (settled_at IS NULL)", name="settled"),
        CheckConstraint(
            "(cost_usd IS NULL) = (cost_source IS NULL OR cost_source = 'unknown')", name="cost"
        ),
        CheckConstraint("hold_usd >= 0 AND cost_usd >= 0", name="money"),
        Index("ix_llm_calls_origin", "tenant_id", "origin"),
        Index(
            "ix_llm_calls_reserved",
            "tenant_id",
            "process_id",
            postgresql_where=text("state = 'reserved'"),
        ),
        Index("ix_llm_calls_created", "tenant_id", "created_at"),
        Index("ix_llm_calls_run", "tenant_id", "run_id", "id"),
        Index("ix_llm_calls_id", "id"),
    )

    state: Mapped[str]
    endpoint: Mapped[str]
    origin: Mapped[UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    request_id: Mapped[str | None]
    project_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    feature: Mapped[str | None]
    profile_key: Mapped[str | None]
    profile_version: Mapped[int | None]
    requested_model: Mapped[str]
    stream: Mapped[bool]
    process_id: Mapped[UUID | None]
    hold_usd: Mapped[Decimal] = mapped_column(MONEY)
    hold_tokens: Mapped[int] = mapped_column(BigInteger)
    held_in: Mapped[list[str]]
    settled_at: Mapped[datetime | None]
    provider: Mapped[str | None]
    served_model: Mapped[str | None]
    provider_call_id: Mapped[str | None]
    finish_reason: Mapped[str | None]
    error_code: Mapped[str | None]
    input_tokens: Mapped[int | None]
    cached_input_tokens: Mapped[int | None]
    cache_write_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    cost_usd: Mapped[Decimal | None] = mapped_column(MONEY)
    cost_source: Mapped[str | None]
    price: Mapped[dict[str, Any] | None]
    reported_cost_usd: Mapped[Decimal | None] = mapped_column(MONEY)
    computed_cost_usd: Mapped[Decimal | None] = mapped_column(MONEY)
    attempt_count: Mapped[int]
    total_ms: Mapped[int | None]
    overhead_ms: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))


class AttemptRow(TenantOwned, Row):
    """One request to one provider within a call."""

    __tablename__ = "llm_attempts"

    call_id: Mapped[UUID]
    number: Mapped[int]
    provider: Mapped[str]
    model: Mapped[str]
    outcome: Mapped[str]
    http_status: Mapped[int | None]
    error_code: Mapped[str | None]
    duration_ms: Mapped[int]

    __table_args__ = (
        UniqueConstraint("tenant_id", "call_id", "number"),
        ForeignKeyConstraint(["tenant_id", "call_id"], ["llm_calls.tenant_id", "llm_calls.id"]),
    )


class UsageHourRow(TenantOwned, Row):
    """Sums over one hour's settled calls that are alike in every label; what dashboards read."""

    __tablename__ = "llm_usage_hours"

    hour: Mapped[datetime]
    project: Mapped[str]
    run: Mapped[str]
    feature: Mapped[str]
    profile: Mapped[str]
    model: Mapped[str]
    api_key: Mapped[str]
    actor: Mapped[str]
    state: Mapped[str]
    calls: Mapped[int] = mapped_column(BigInteger)
    unknown_cost_calls: Mapped[int] = mapped_column(BigInteger)
    cost_usd: Mapped[Decimal] = mapped_column(MONEY)
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(BigInteger)
    milliseconds: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint(
            *("tenant_id", "hour", "project", "run", "feature", "profile", "model"),
            *("api_key", "actor", "state"),
            name="uq_llm_usage_hours_key",
        ),
    )


class CacheRow(TenantOwned, Row):
    """A whole answer that is kept; `request_hash` is of the request that it answered."""

    __tablename__ = "llm_cache"

    key: Mapped[str]
    request_hash: Mapped[str]
    profile_key: Mapped[str | None]
    served_model: Mapped[str]
    finish_reason: Mapped[str | None]
    document: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_llm_cache_expires", "tenant_id", "expires_at"),
    )


class ProcessRow(Row):
    """A process that calls models. Silent too long, it is dead and its holds are freed."""

    __tablename__ = "llm_processes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime]
    dead: Mapped[bool]


class ProcessTenantRow(Row):
    """A tenant a process has called for: where to look for the holds of a dead one."""

    __tablename__ = "llm_process_tenants"

    process_id: Mapped[UUID] = mapped_column(
        ForeignKey("llm_processes.id", ondelete="CASCADE"), primary_key=True
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)


class BreakerRow(Row):
    """A target that fails: how often in a row, until when it rests, and who may probe it."""

    __tablename__ = "llm_breakers"

    target: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime]
    resting_until: Mapped[datetime]
    probed_until: Mapped[datetime]
