"""Tables of runs: one row per execution, per stored artifact, per checkpoint kept meanwhile."""

from typing import Any, get_args
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned
from agentverse.runs.schemas import TemplateName

STATUSES = "'queued', 'running', 'succeeded', 'failed', 'cancelled'"
TEMPLATES = ", ".join(f"'{name}'" for name in get_args(TemplateName))


class RunRow(TenantOwned, Row):
    """One execution of one variant of one node; `launch_id` joins the runs started together.

    `status`: as its task has it, which alone says how far it is and why it failed.
    Node and project are ids the caller gives: their tables lie above this layer.
    """

    __tablename__ = "runs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "population_id"], ["populations.tenant_id", "populations.id"]
        ),
        CheckConstraint(f"status IN ({STATUSES})", name="status"),
        CheckConstraint("variant IN ('with_social_rules', 'without_social_rules')", name="variant"),
        CheckConstraint(f"domain_template IN ({TEMPLATES})", name="domain_template"),
        CheckConstraint("status <> 'succeeded' OR digest IS NOT NULL", name="digest"),
        Index("ix_runs_tenant_id_node_id_id", "tenant_id", "node_id", "id"),
        Index("ix_runs_tenant_id_project_id_id", "tenant_id", "project_id", "id"),
        Index("ix_runs_tenant_id_launch_id", "tenant_id", "launch_id"),
    )

    node_id: Mapped[UUID] = mapped_column()
    project_id: Mapped[UUID] = mapped_column()
    launch_id: Mapped[UUID] = mapped_column()
    origin_id: Mapped[UUID | None] = mapped_column()
    population_id: Mapped[UUID] = mapped_column()
    domain_template: Mapped[str] = mapped_column(server_default="consumer_choice")
    template_options: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    start_shares: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    roles: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    variant: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column(server_default="queued", default="queued")
    horizon: Mapped[int] = mapped_column()
    replicates: Mapped[int] = mapped_column()
    personas: Mapped[int] = mapped_column()
    seed: Mapped[int] = mapped_column(BigInteger)
    estimation: Mapped[bool] = mapped_column(server_default="false")
    event_scripts: Mapped[list[Any]] = mapped_column()
    parameters: Mapped[dict[str, Any]] = mapped_column()
    engine_version: Mapped[str] = mapped_column()
    scenario_digest: Mapped[str | None] = mapped_column()
    digest: Mapped[str | None] = mapped_column()
    compute_seconds: Mapped[float | None] = mapped_column()
    telemetry_bytes: Mapped[int | None] = mapped_column(BigInteger)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    resumed_tick: Mapped[int | None] = mapped_column()
    calibration: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class RunArtifactRow(TenantOwned, Row):
    """One stored file of a run; the key is the digest of its content."""

    __tablename__ = "run_artifacts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "run_id"], ["runs.tenant_id", "runs.id"], ondelete="CASCADE"
        ),
        CheckConstraint("kind IN ('series', 'keyframes', 'deltas')", name="kind"),
        Index("uq_run_artifacts_tenant_id_run_id_kind", "tenant_id", "run_id", "kind", unique=True),
    )

    run_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    key: Mapped[str] = mapped_column()
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    format_version: Mapped[int] = mapped_column()


class CheckpointRow(TenantOwned, Row):
    """The newest checkpoint of one batch of replicates, while they are computed.

    The owner is whatever is resumed, a run or work of a context above; `part` tells what it is of.
    """

    __tablename__ = "checkpoints"
    __table_args__ = (UniqueConstraint("tenant_id", "owner_id", "part", "first_replicate"),)

    owner_id: Mapped[UUID] = mapped_column()
    part: Mapped[str] = mapped_column()
    first_replicate: Mapped[int] = mapped_column()
    replicates: Mapped[int] = mapped_column()
    tick: Mapped[int] = mapped_column()
    key: Mapped[str] = mapped_column()
    size_bytes: Mapped[int] = mapped_column(BigInteger)
