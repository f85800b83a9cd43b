"""Audit's tables. The app role may add and read entries; it can neither change nor seal them.

`tenant_id` is a stream here and no reference: entries outlive their tenant, and what belongs to
no tenant (an unknown address, an act of the platform) has the stream INSTALLATION.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned

NOW = text("clock_timestamp()")


class Stream(TenantOwned):
    """A table of one tenant's stream whose tenant may be gone, and whose clock is the database."""

    tenant_id: Mapped[UUID] = mapped_column(
        primary_key=True, server_default=text("app.tenant_id()")
    )
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class AuditEntryRow(Stream, Row):
    """Partitioned by range of `id`, which the database makes from its own clock (UUIDv7).

    transaction: the one that wrote it; the sealer's horizon compares it with those still open.
    credential_id: the sign-in or the key. commitment: to the personal part, if there is one.
    """

    __tablename__ = "audit_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("app.new_audit_id()"))
    transaction: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint")
    )
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    credential_kind: Mapped[str | None]
    credential_id: Mapped[UUID | None]
    action: Mapped[str]
    resource_type: Mapped[str]
    resource_id: Mapped[UUID | None]
    outcome: Mapped[str]
    request_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    commitment: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_audit_entries_action", "tenant_id", "action", "id"),
        Index("ix_audit_entries_resource_type", "tenant_id", "resource_type", "id"),
        Index("ix_audit_entries_resource", "tenant_id", "resource_id", "id"),
        Index("ix_audit_entries_actor", "tenant_id", "actor_id", "id"),
        Index("ix_audit_entries_request", "tenant_id", "request_id", "id"),
        Index("ix_audit_entries_transaction", "transaction"),
        {"postgresql_partition_by": "RANGE (id)"},
    )


class AuditPersonalRow(Stream, Row):
    """The erasable part of the entry with the same id. `texts`: JSON pointer → what stood there."""

    __tablename__ = "audit_personal"

    salt: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[str | None]
    agent: Mapped[str | None]
    texts: Mapped[dict[str, Any]]

    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        Index("ix_audit_personal_address", "tenant_id", "address", "id"),
    )


class AuditTermRow(Stream, Row):
    """A word of an entry's personal part, for searching; erased with it."""

    __tablename__ = "audit_terms"

    term: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "term", "id"),
        ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["audit_personal.tenant_id", "audit_personal.id"],
            ondelete="CASCADE",
        ),
        Index("ix_audit_terms_entry", "tenant_id", "id"),
    )


class AuditSealRow(Stream, Row):
    """The place of the entry with the same id in its stream; `created_at` is when it was sealed."""

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(BigInteger)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "position"),
    )


class AuditCheckpointRow(Stream, Row):
    """A signed statement that the stream's first `size` entries have this root and chain."""

    __tablename__ = "audit_checkpoints"

    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
    key_id: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "size"),
    )


class AuditStreamRow(Stream, Row):
    """Where the sealer stands in one stream; `id` repeats the tenant's."""

    __tablename__ = "audit_streams"

    size: Mapped[int] = mapped_column(BigInteger)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    signed_size: Mapped[int] = mapped_column(BigInteger)
    signed_at: Mapped[datetime | None]

    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"),)


class AuditCountRow(Stream, Row):
    """How many sealed entries of a kind fell into an hour, for statistics."""

    __tablename__ = "audit_counts"

    hour: Mapped[datetime]
    action: Mapped[str]
    resource_type: Mapped[str]
    outcome: Mapped[str]
    actor_kind: Mapped[str]
    entries: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "hour", "action", "resource_type", "outcome", "actor_kind"),
    )


class AuditHorizonRow(Row):
    """One row: every entry of a transaction below `below` is sealed.

    cluster: the database cluster whose transaction numbers these are (a restore changes it).
    """

    __tablename__ = "audit_horizon"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cluster: Mapped[int] = mapped_column(BigInteger)
    below: Mapped[int] = mapped_column(BigInteger)
    moved_at: Mapped[datetime]
