"""The table of runs with actors."""

from sqlalchemy import (
    Index,
)
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.plans import Inquiry, inquiry_constraints
from agentverse.platform.db.base import Row


class HybridRow(Inquiry, Row):
    """One run of hybrid mode: a node with actors in it; progress 0 … 1."""

    __tablename__ = "hybrids"
    __table_args__ = (
        *inquiry_constraints(),
        Index("ix_hybrids_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
    )

    progress: Mapped[float] = mapped_column(server_default="0", default=0.0)
    finding: Mapped[str | None] = mapped_column()
