"""The audit table. The application's role may insert and read, never change or delete."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned


class AuditEntryRow(TenantOwned, Row):
    __tablename__ = "audit_entries"

    # Seam of the sealer: it walks `sequence` and fills `chain_hash`, both unused until then.
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    chain_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    resource_type: Mapped[str]
    resource_id: Mapped[UUID | None]
    outcome: Mapped[str]
    request_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        Index("ix_audit_entries_tenant_created", "tenant_id", "created_at"),
        Index("ix_audit_entries_resource", "tenant_id", "resource_type", "resource_id"),
    )
