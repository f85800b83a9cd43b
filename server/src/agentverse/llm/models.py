"""The ledger of model calls."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned

MONEY = Numeric(20, 10)
STATES = "'reserved', 'succeeded', 'failed', 'cancelled', 'abandoned'"


class CallRow(TenantOwned, Row):
    """One call: written before it starts, settled once; a trigger refuses a second settlement.

    The three prices are the snapshot that pays the call. `cost_usd` is empty while the call runs
    and where nobody knows what it cost (`cost_source` unknown, or the row abandoned).
    """

    __tablename__ = "llm_calls"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint(
            "(state IN ('reserved', 'abandoned')) = (settled_at IS NULL)", name="settled"
        ),
        CheckConstraint(
            "(cost_usd IS NULL) = (cost_source IS NULL OR cost_source = 'unknown')", name="cost"
        ),
        CheckConstraint("hold_usd >= 0 AND cost_usd >= 0", name="money"),
        Index("ix_llm_calls_origin", "tenant_id", "origin"),
        Index(
            "ix_llm_calls_reserved",
            "tenant_id",
            "expires_at",
            postgresql_where=text("state = 'reserved'"),
        ),
    )

    state: Mapped[str]
    origin: Mapped[UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    request_id: Mapped[str | None]
    profile: Mapped[str]
    provider: Mapped[str]
    model: Mapped[str]
    input_usd_per_million: Mapped[Decimal] = mapped_column(MONEY)
    cached_input_usd_per_million: Mapped[Decimal] = mapped_column(MONEY)
    output_usd_per_million: Mapped[Decimal] = mapped_column(MONEY)
    price_source: Mapped[str]
    hold_usd: Mapped[Decimal] = mapped_column(MONEY)
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    served_model: Mapped[str | None]
    provider_call_id: Mapped[str | None]
    finish_reason: Mapped[str | None]
    error_code: Mapped[str | None]
    input_tokens: Mapped[int | None]
    cached_input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    cost_usd: Mapped[Decimal | None] = mapped_column(MONEY)
    cost_source: Mapped[str | None]
    latency_milliseconds: Mapped[int | None]
