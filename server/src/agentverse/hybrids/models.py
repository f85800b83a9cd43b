"""The table of runs with actors."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned

STATUSES = "'queued', 'running', 'succeeded', 'failed', 'cancelled'"


class HybridRow(TenantOwned, Row):
    """One run of hybrid mode: a node with actors in it. `status`: as its task has it."""

    __tablename__ = "hybrids"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "project_id", "node_id"],
            ["nodes.tenant_id", "nodes.project_id", "nodes.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint(f"status IN ({STATUSES})", name="status"),
        CheckConstraint("status <> 'succeeded' OR result IS NOT NULL", name="result"),
        Index("ix_hybrids_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
    )

    project_id: Mapped[UUID] = mapped_column()
    node_id: Mapped[UUID] = mapped_column()
    status: Mapped[str] = mapped_column(default="queued")
    request: Mapped[dict[str, Any]] = mapped_column()
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finding: Mapped[str | None] = mapped_column()
