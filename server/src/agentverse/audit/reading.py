"""What owners and admins read of their own tenant's audit: lists, one entry, statistics."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from agentverse.audit import personal, repository
from agentverse.audit.errors import AuditEntryNotFound, AuditFilterInvalid
from agentverse.audit.models import AuditEntryRow, AuditPersonalRow, AuditSealRow
from agentverse.audit.repository import Filters
from agentverse.audit.schemas import (
    AuditActor,
    AuditCount,
    AuditDay,
    AuditEntry,
    AuditEntryDetail,
    AuditSeal,
    AuditStats,
)
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError
from agentverse.platform.pagination import Page, decode_cursor, encode_cursor, page_size

STATS_DAYS = 30
LONGEST_STATS_DAYS = 400


def list_entries(
    db: TenantSession, filters: Filters, *, cursor: str | None, limit: int
) -> Page[AuditEntry]:
    """Newest first."""
    size = page_size(limit)
    before = None if cursor is None else decode_cursor(cursor)
    rows = repository.list_entries(db, checked(filters), before=before, limit=size + 1)
    items = [view.entry() for view in views(db, rows[:size])]
    more = encode_cursor(items[-1].id) if len(rows) > size else None
    return Page(items=items, next_cursor=more)


def get_entry(db: TenantSession, entry_id: UUID) -> AuditEntryDetail:
    """Raises AuditEntryNotFound."""
    row = repository.find_entry(db, entry_id)
    if row is None:
        raise AuditEntryNotFound("There is no entry with this id.")
    return views(db, [row])[0].detail()


def list_actions(db: TenantSession) -> list[AuditCount]:
    """Every action that has happened here, most frequent first."""
    return _counts(db, "action")


def list_resource_types(db: TenantSession) -> list[AuditCount]:
    """Every type of resource that something happened to, most frequent first."""
    return _counts(db, "resource_type")


def stats(db: TenantSession, *, since: datetime | None, to: datetime | None) -> AuditStats:
    """since, to: default: the last 30 days until now.

    Raises AuditFilterInvalid for a time without zone or a span beyond LONGEST_STATS_DAYS.
    """
    until = _utc(to, "to") or now()
    begin = _utc(since, "since") or until - timedelta(days=STATS_DAYS)
    if not timedelta(0) < until - begin <= timedelta(days=LONGEST_STATS_DAYS):
        raise _refused("since", f"must lie before `to`, at most {LONGEST_STATS_DAYS} days")
    by_outcome = _counts(db, "outcome", begin, until)
    return AuditStats(
        since=begin,
        to=until,
        as_of=repository.sealed_until(db),
        entries=sum(count.entries for count in by_outcome),
        by_action=_counts(db, "action", begin, until),
        by_resource_type=_counts(db, "resource_type", begin, until),
        by_outcome=by_outcome,
        by_actor_kind=_counts(db, "actor_kind", begin, until),
        by_day=_days(db, begin, until),
    )


def checked(filters: Filters) -> Filters:
    """The same filters as the database compares them; refuses what none can match.

    Raises AuditFilterInvalid for a time without zone or what is no network address.
    """
    return replace(
        filters,
        ip=None if filters.ip is None else _address(filters.ip),
        since=_utc(filters.since, "since"),
        to=_utc(filters.to, "to"),
    )


def views(db: TenantSession, rows: Sequence[AuditEntryRow]) -> list["EntryView"]:
    ids = [row.id for row in rows]
    about, seals = repository.personal_of(db, ids), repository.seals_of(db, ids)
    return [EntryView(row=row, about=about.get(row.id), seal=seals.get(row.id)) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry with what lies beside it."""

    row: AuditEntryRow
    about: AuditPersonalRow | None
    seal: AuditSealRow | None

    def entry(self) -> AuditEntry:
        return AuditEntry(**self._fields())

    def detail(self) -> AuditEntryDetail:
        texts = {} if self.about is None else self.about.texts
        documents = personal.join({"before": self.row.before, "after": self.row.after}, texts)
        return AuditEntryDetail(**self._fields(), **documents, seal=self._seal())

    def _fields(self) -> dict[str, Any]:
        row, about = self.row, self.about
        return {
            "id": row.id,
            "occurred_at": row.created_at,
            "actor": AuditActor(kind=row.actor_kind, id=row.actor_id),
            "credential_kind": row.credential_kind,
            "credential_id": row.credential_id,
            "action": row.action,
            "resource_type": row.resource_type,
            "resource_id": row.resource_id,
            "outcome": row.outcome,
            "request_id": row.request_id,
            "ip": None if about is None else about.address,
            "agent": None if about is None else about.agent,
            "position": None if self.seal is None else self.seal.position,
        }

    def _seal(self) -> AuditSeal | None:
        seal = self.seal
        if seal is None:
            return None
        return AuditSeal(
            position=seal.position,
            sealed_at=seal.created_at,
            leaf_hash=seal.leaf.hex(),
            chain_hash=seal.chain.hex(),
        )


def _counts(
    db: TenantSession, column: str, since: datetime | None = None, to: datetime | None = None
) -> list[AuditCount]:
    rows = repository.counts(db, column, since=since, to=to)
    return [AuditCount(name=row[0], entries=row.entries) for row in rows]


def _days(db: TenantSession, since: datetime, to: datetime) -> list[AuditDay]:
    days: dict[datetime, dict[str, int]] = {}
    for row in repository.counts_by_day(db, since=since, to=to):
        days.setdefault(row.day, {})[row.outcome] = row.entries
    return [AuditDay(day=day, **outcomes) for day, outcomes in days.items()]


def _address(text: str) -> str:
    try:
        return ipaddress.ip_address(text.strip()).compressed
    except ValueError as error:
        raise _refused("ip", "must be an IPv4 or IPv6 address") from error


def _utc(moment: datetime | None, field: str) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise _refused(field, "must name its time zone, e.g. 2026-01-31T00:00:00Z")
    return moment.astimezone(UTC)


def _refused(field: str, message: str) -> AuditFilterInvalid:
    return AuditFilterInvalid(
        f"`{field}` {message}.", errors=[FieldError(field=field, message=message)]
    )
