"""Table of populations: the upload, how it was mapped, and the frozen result."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agentverse.platform.clock import now
from agentverse.platform.db.base import Row, TenantOwned

# None is SQL's NULL, not JSON's null, so that constraints can speak of absence.
DOCUMENT = JSONB(none_as_null=True)


class PopulationRow(TenantOwned, Row):
    """One uploaded file and, once ready, the snapshot made of it."""

    __tablename__ = "populations"
    __table_args__ = (
        CheckConstraint(
            "status IN ('uploaded', 'importing', 'ready', 'failed')", name="status_known"
        ),
        CheckConstraint(
            "(status = 'ready') = (digest IS NOT NULL AND snapshot_key IS NOT NULL "
            "AND report IS NOT NULL AND personas IS NOT NULL)",
            name="ready_is_whole",
        ),
    )

    name: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(20), default="uploaded")
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    upload_key: Mapped[str] = mapped_column(String(200))
    inspection: Mapped[dict[str, Any]]
    request: Mapped[dict[str, Any] | None] = mapped_column(DOCUMENT)
    personas: Mapped[int | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    snapshot_key: Mapped[str | None] = mapped_column(String(200))
    refused_key: Mapped[str | None] = mapped_column(String(200))
    report: Mapped[dict[str, Any] | None] = mapped_column(DOCUMENT)
    tags: Mapped[list[str]] = mapped_column(server_default="[]", default=list)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
