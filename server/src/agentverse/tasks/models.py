"""Tables of tasks and of Idempotency-Keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned

STATUSES = "'queued', 'running', 'succeeded', 'failed', 'cancelled'"


class TaskRow(TenantOwned, Row):
    """One piece of work that a job does. `attempt` fences: only the newest one may write.

    Subject and project are ids that the caller gives: their tables lie in contexts above.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(f"status IN ({STATUSES})", name="status"),
        CheckConstraint("(status = 'failed') = (problem IS NOT NULL)", name="failed_says_why"),
        CheckConstraint(
            "(status IN ('queued', 'running')) = (finished_at IS NULL)", name="ended_says_when"
        ),
        CheckConstraint("done >= 0 AND (total IS NULL OR total >= 1)", name="progress"),
        # Each list is a walk down one of these, for each kind and status that is asked for.
        Index("ix_tasks_tenant_id_kind_status_id", "tenant_id", "kind", "status", "id"),
        Index(
            "ix_tasks_tenant_id_actor_kind_status_id", "tenant_id", "actor", "kind", "status", "id"
        ),
        Index("ix_tasks_tenant_id_subject_id_id", "tenant_id", "subject_id", "id"),
        Index("ix_tasks_tenant_id_group_id", "tenant_id", "group_id"),
        Index(
            "ix_tasks_unfinished",
            "tenant_id",
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
    )

    kind: Mapped[str] = mapped_column()
    subject_type: Mapped[str] = mapped_column()
    subject_id: Mapped[UUID] = mapped_column()
    title: Mapped[str] = mapped_column()
    project_id: Mapped[UUID | None] = mapped_column()
    group_id: Mapped[UUID] = mapped_column()
    actor: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column(server_default="queued", default="queued")
    attempt: Mapped[int] = mapped_column(server_default="0", default=0)
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    done: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    total: Mapped[int | None] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(server_default="", default="")
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()


class IdempotencyKeyRow(TenantOwned, Row):
    """What an actor's Idempotency-Key has made, and the digest of the request that made it."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("tenant_id", "actor", "key"),
        Index("ix_idempotency_keys_tenant_id_actor_expires_at", "tenant_id", "actor", "expires_at"),
    )

    actor: Mapped[str] = mapped_column()
    key: Mapped[str] = mapped_column()
    digest: Mapped[str] = mapped_column()
    resource_id: Mapped[UUID] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()


class TenantQuotaRow(TenantOwned, Row):
    """How many tasks a tenant may have by one quota; none: what every tenant may."""

    __tablename__ = "tenant_quotas"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        CheckConstraint("name IN ('unfinished_tasks', 'tasks_per_day')", name="name"),
        CheckConstraint("tasks >= 0", name="tasks"),
    )

    name: Mapped[str] = mapped_column()
    tasks: Mapped[int] = mapped_column(BigInteger)
