"""Tables of projects, questions and the universe map."""

from typing import Any, get_args
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned
from agentverse.runs.schemas import TemplateName
from agentverse.universe.schemas import CompilerChoice

COMPILERS = ", ".join(f"'{name}'" for name in get_args(CompilerChoice))
TEMPLATES = ", ".join(f"'{name}'" for name in get_args(TemplateName))


class ProjectRow(TenantOwned, Row):
    __tablename__ = "projects"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "population_id"], ["populations.tenant_id", "populations.id"]
        ),
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint(f"domain_template IN ({TEMPLATES})", name="domain_template"),
        CheckConstraint("horizon BETWEEN 1 AND 600", name="horizon"),
        CheckConstraint("replicates BETWEEN 8 AND 200", name="replicates"),
        CheckConstraint(f"compiler IN ({COMPILERS})", name="compiler"),
    )

    name: Mapped[str] = mapped_column()
    slug: Mapped[str] = mapped_column()
    goal: Mapped[str] = mapped_column()
    population_id: Mapped[UUID] = mapped_column()
    domain_template: Mapped[str] = mapped_column(server_default="consumer_choice")
    template_options: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    start_shares: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    roles: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    horizon: Mapped[int] = mapped_column()
    replicates: Mapped[int] = mapped_column()
    seed: Mapped[int] = mapped_column(BigInteger)
    estimation: Mapped[bool] = mapped_column(server_default="false")
    outcome_alternative: Mapped[str] = mapped_column()
    parameters: Mapped[dict[str, Any]] = mapped_column()
    tags: Mapped[list[str]] = mapped_column(server_default="[]", default=list)
    social_rules: Mapped[bool] = mapped_column(server_default=false(), default=False)
    compiler: Mapped[str] = mapped_column(server_default="rules", default="rules")


class NodeRow(TenantOwned, Row):
    """One version of the world; what it adds to its parent stands in its event scripts."""

    __tablename__ = "nodes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "project_id"], ["projects.tenant_id", "projects.id"], ondelete="CASCADE"
        ),
        # Through the project as well: a parent of another project cannot be named.
        UniqueConstraint("tenant_id", "project_id", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "project_id", "parent_id"],
            ["nodes.tenant_id", "nodes.project_id", "nodes.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint("kind IN ('root', 'branch')", name="kind"),
        CheckConstraint("(kind = 'root') = (parent_id IS NULL)", name="root_has_no_parent"),
        Index(
            "uq_nodes_root",
            "tenant_id",
            "project_id",
            unique=True,
            postgresql_where="kind = 'root'",
        ),
    )

    project_id: Mapped[UUID] = mapped_column()
    parent_id: Mapped[UUID | None] = mapped_column()
    ask_id: Mapped[UUID | None] = mapped_column()
    kind: Mapped[str] = mapped_column()
    label: Mapped[str] = mapped_column()
    question: Mapped[str | None] = mapped_column()
    explanation: Mapped[str] = mapped_column()
    depth: Mapped[int] = mapped_column()


class EdgeRow(TenantOwned, Row):
    """The intervention that leads from a node to its child."""

    __tablename__ = "edges"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "project_id", "parent_id"],
            ["nodes.tenant_id", "nodes.project_id", "nodes.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "project_id", "child_id"],
            ["nodes.tenant_id", "nodes.project_id", "nodes.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("tenant_id", "parent_id", "child_id"),
        Index("ix_edges_tenant_id_project_id", "tenant_id", "project_id"),
    )

    project_id: Mapped[UUID] = mapped_column()
    parent_id: Mapped[UUID] = mapped_column()
    child_id: Mapped[UUID] = mapped_column()
    label: Mapped[str] = mapped_column()
    explanation: Mapped[str] = mapped_column()


class EventScriptRow(TenantOwned, Row):
    """One delta of one node; `script` is the engine's own form of it."""

    __tablename__ = "event_scripts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "node_id"], ["nodes.tenant_id", "nodes.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("tenant_id", "node_id", "position"),
    )

    node_id: Mapped[UUID] = mapped_column()
    position: Mapped[int] = mapped_column()
    variable: Mapped[str] = mapped_column()
    script: Mapped[dict[str, Any]] = mapped_column()
    sentence: Mapped[str] = mapped_column()
