"""Wire types of the audit log."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from agentverse.platform.wire import WireModel


class AuditActor(WireModel):
    kind: str
    id: UUID | None


class AuditEntry(WireModel):
    """`ip` and `agent` are null where they were not known or have been erased."""

    id: UUID
    occurred_at: datetime
    actor: AuditActor
    credential_kind: str | None
    credential_id: UUID | None
    action: str
    resource_type: str
    resource_id: UUID | None
    outcome: Literal["success", "denied", "failure"]
    request_id: str | None
    ip: str | None
    agent: str | None
    position: int | None


class AuditSeal(WireModel):
    """The entry's place in the chain of hashes; hexadecimal."""

    position: int
    sealed_at: datetime
    leaf_hash: str
    chain_hash: str


class AuditEntryDetail(AuditEntry):
    """`[erasable]` stands where a text has been erased, `[redacted]` for a secret never kept."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None
    seal: AuditSeal | None


class AuditCount(WireModel):
    name: str
    entries: int


class AuditDay(WireModel):
    """Entries of one day in UTC, by outcome."""

    day: datetime
    success: int = 0
    denied: int = 0
    failure: int = 0


class AuditStats(WireModel):
    """Counts of sealed entries from `since` until before `to`, by full hours.

    as_of: entries until then are sealed and counted; null: none is sealed yet.
    """

    since: datetime
    to: datetime
    as_of: datetime | None
    entries: int
    by_action: list[AuditCount]
    by_resource_type: list[AuditCount]
    by_outcome: list[AuditCount]
    by_actor_kind: list[AuditCount]
    by_day: list[AuditDay]
