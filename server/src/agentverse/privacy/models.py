"""The table of exports and deletions that were asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.db.base import Row, TenantOwned


class PrivacyRequestRow(TenantOwned, Row):
    """user_id: who asked. file_key: of a finished export, until it expires."""

    __tablename__ = "privacy_requests"

    kind: Mapped[str]
    subject: Mapped[str]
    user_id: Mapped[UUID]
    file_key: Mapped[str | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("kind IN ('export', 'deletion')", name="kind"),
        CheckConstraint("subject IN ('organization', 'user')", name="subject"),
        Index("ix_privacy_requests_user", "tenant_id", "user_id"),
    )


class RetentionPolicyRow(TenantOwned, Row):
    """How long one resource is kept; none: for good. days: 30 to 3650."""

    __tablename__ = "retention_policies"

    resource: Mapped[str]
    days: Mapped[int]

    __table_args__ = (
        UniqueConstraint("tenant_id", "resource"),
        CheckConstraint("resource IN ('audit_words')", name="resource"),
        CheckConstraint("days BETWEEN 30 AND 3650", name="days"),
    )
