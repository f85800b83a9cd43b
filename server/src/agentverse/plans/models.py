"""The table of plans, and what it shares with every request that a job answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from agentverse.platform.db.base import Row, TenantOwned

INQUIRY_STATUSES = "'queued', 'running', 'succeeded', 'failed', 'cancelled'"


class Inquiry(TenantOwned):
    """Mixin of every table of requests that a job answers."""

    project_id: Mapped[UUID] = mapped_column()
    node_id: Mapped[UUID] = mapped_column()
    status: Mapped[str] = mapped_column()
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    attempt: Mapped[int] = mapped_column(server_default="0", default=0)
    request: Mapped[dict[str, Any]] = mapped_column()
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
    idempotency_key: Mapped[str | None] = mapped_column()
    request_digest: Mapped[str] = mapped_column()


def inquiry_constraints() -> tuple[SchemaItem, ...]:
    return (
        ForeignKeyConstraint(
            ["tenant_id", "project_id", "node_id"],
            ["nodes.tenant_id", "nodes.project_id", "nodes.id"],
        ),
        UniqueConstraint("tenant_id", "idempotency_key"),
        CheckConstraint(f"status IN ({INQUIRY_STATUSES})", name="status"),
        CheckConstraint("status <> 'succeeded' OR result IS NOT NULL", name="result"),
    )


class PlanRow(Inquiry, Row):
    """One search of target mode: what was asked, and the answer."""

    __tablename__ = "plans"
    __table_args__ = (
        *inquiry_constraints(),
        Index("ix_plans_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
    )

    explored: Mapped[int] = mapped_column(server_default="0", default=0)
