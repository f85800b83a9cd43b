"""The table of questions."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned


class AskRow(TenantOwned, Row):
    """One question: its task compiles it; the node it led to has its own runs."""

    __tablename__ = "asks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "project_id", "parent_node_id"],
            ["nodes.tenant_id", "nodes.project_id", "nodes.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "node_id"], ["nodes.tenant_id", "nodes.id"], ondelete="CASCADE"
        ),
        CheckConstraint("compiler IN ('rules', 'model', 'both')", name="compiler"),
        Index("ix_asks_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
    )

    project_id: Mapped[UUID] = mapped_column()
    parent_node_id: Mapped[UUID] = mapped_column()
    node_id: Mapped[UUID | None] = mapped_column()
    question: Mapped[str] = mapped_column()
    accept_partial: Mapped[bool] = mapped_column()
    # Who reads it: as asked, or as the project said then.
    compiler: Mapped[str] = mapped_column(server_default="rules", default="rules")
    # Event scripts on the wire that run in place of the compilation's; none for most questions.
    confirmed: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    compilation: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
