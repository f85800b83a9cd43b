"""The table of questions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned

ASK_STATUSES = "'queued', 'compiling', 'needs_input', 'running', 'failed'"


class AskRow(TenantOwned, Row):
    """One question; “finished” is not stored, it is what the node's runs say."""

    __tablename__ = "asks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "project_id", "parent_node_id"],
            ["nodes.tenant_id", "nodes.project_id", "nodes.id"],
        ),
        ForeignKeyConstraint(["tenant_id", "node_id"], ["nodes.tenant_id", "nodes.id"]),
        UniqueConstraint("tenant_id", "idempotency_key"),
        CheckConstraint(f"status IN ({ASK_STATUSES})", name="status"),
        CheckConstraint("(status = 'running') = (node_id IS NOT NULL)", name="running_has_node"),
        Index("ix_asks_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
    )

    project_id: Mapped[UUID] = mapped_column()
    parent_node_id: Mapped[UUID] = mapped_column()
    node_id: Mapped[UUID | None] = mapped_column()
    question: Mapped[str] = mapped_column()
    accept_partial: Mapped[bool] = mapped_column()
    status: Mapped[str] = mapped_column()
    compilation: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finished_at: Mapped[datetime | None] = mapped_column()
    idempotency_key: Mapped[str | None] = mapped_column()
    request_digest: Mapped[str] = mapped_column()
