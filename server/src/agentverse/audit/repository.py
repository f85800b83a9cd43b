"""Every query of the audit: the app's session adds and reads, the sealer's reads and seals."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, String, cast, false, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from agentverse.audit.models import (
    AuditCheckpointRow,
    AuditCountRow,
    AuditEntryRow,
    AuditHorizonRow,
    AuditPersonalRow,
    AuditSealRow,
    AuditStreamRow,
    AuditTermRow,
)
from agentverse.audit.personal import TERM, Personal
from agentverse.platform.db.sealer import SealerSession
from agentverse.platform.db.session import TenantSession

# What an entry's hash covers, as the database spells it: JSON as text, so that no digit is lost.
SEALED = (
    AuditEntryRow.tenant_id,
    AuditEntryRow.id,
    AuditEntryRow.created_at,
    AuditEntryRow.transaction,
    AuditEntryRow.actor_kind,
    AuditEntryRow.actor_id,
    AuditEntryRow.credential_kind,
    AuditEntryRow.credential_id,
    AuditEntryRow.action,
    AuditEntryRow.resource_type,
    AuditEntryRow.resource_id,
    AuditEntryRow.outcome,
    AuditEntryRow.request_id,
    cast(AuditEntryRow.before, String).label("before"),
    cast(AuditEntryRow.after, String).label("after"),
    AuditEntryRow.commitment,
)
SAME_ENTRY = (AuditSealRow.tenant_id == AuditEntryRow.tenant_id) & (
    AuditSealRow.id == AuditEntryRow.id
)
# Id and time of an entry are made by two looks at the same clock.
CLOCK_SLACK = timedelta(seconds=1)
OWN_REQUEST_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Each narrows the list; what is None does not. `to` is not included."""

    action: str | None = None
    resource_type: str | None = None
    resource_id: UUID | None = None
    user_id: UUID | None = None
    since: datetime | None = None
    to: datetime | None = None
    ip: str | None = None
    request_id: str | None = None
    search: str | None = None


# --- the app's session -------------------------------------------------------------------------


def add_entry(db: TenantSession, entry: AuditEntryRow, about: Personal | None) -> None:
    """Written at once, so that a refused entry fails the operation here and not at some flush."""
    db.add(entry)
    db.flush()
    if about is None:
        return
    row = AuditPersonalRow(
        id=entry.id, salt=about.salt, address=about.address, agent=about.agent, texts=about.texts
    )
    db.add(row)
    db.flush()
    if about.terms:
        # Sorted: two transactions that write the same words must not wait for each other.
        terms = [{"id": entry.id, "term": term} for term in sorted(about.terms)]
        db.execute(insert(AuditTermRow), terms)


def list_entries(
    db: TenantSession, filters: Filters, *, before: UUID | None, limit: int
) -> Sequence[AuditEntryRow]:
    """Newest first, older than the entry `before`."""
    statement = _filtered(select(AuditEntryRow), filters)
    if before is not None:
        statement = statement.where(AuditEntryRow.id < before)
    return db.scalars(statement.order_by(AuditEntryRow.id.desc()).limit(limit)).all()


def find_entry(db: TenantSession, entry_id: UUID) -> AuditEntryRow | None:
    return db.scalars(select(AuditEntryRow).where(AuditEntryRow.id == entry_id)).one_or_none()


def personal_of(db: TenantSession, entry_ids: Sequence[UUID]) -> dict[UUID, AuditPersonalRow]:
    statement = select(AuditPersonalRow).where(AuditPersonalRow.id.in_(entry_ids))
    return {row.id: row for row in db.scalars(statement)}


def seals_of(db: TenantSession, entry_ids: Sequence[UUID]) -> dict[UUID, AuditSealRow]:
    statement = select(AuditSealRow).where(AuditSealRow.id.in_(entry_ids))
    return {row.id: row for row in db.scalars(statement)}


def _filtered(statement: Select[Any], filters: Filters) -> Select[Any]:
    for column, wanted in (
        (AuditEntryRow.action, filters.action),
        (AuditEntryRow.resource_type, filters.resource_type),
        (AuditEntryRow.resource_id, filters.resource_id),
        (AuditEntryRow.actor_id, filters.user_id),
        (AuditEntryRow.request_id, filters.request_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    # By the id too: it is the key that the list is read by, and it begins with the time.
    if filters.since is not None:
        floor = func.app.uuid_floor(filters.since - CLOCK_SLACK)
        statement = statement.where(
            AuditEntryRow.created_at >= filters.since, AuditEntryRow.id >= floor
        )
    if filters.to is not None:
        ceiling = func.app.uuid_floor(filters.to + CLOCK_SLACK)
        statement = statement.where(
            AuditEntryRow.created_at < filters.to, AuditEntryRow.id < ceiling
        )
    if filters.ip is not None:
        statement = statement.join(AuditPersonalRow, _same(AuditPersonalRow)).where(
            AuditPersonalRow.address == filters.ip
        )
    return statement if filters.search is None else _searched(statement, filters.search)


def _searched(statement: Select[Any], text: str) -> Select[Any]:
    """Entries with all these words in their free text; a request's id finds its entries."""
    if OWN_REQUEST_ID.fullmatch(text.strip()):
        return statement.where(AuditEntryRow.request_id == text.strip())
    words = sorted({word.lower() for word in TERM.findall(text)}, key=lambda w: (-len(w), w))
    if not words:
        return statement.where(false())
    # The longest drives the search: long words are rare.
    first, *others = words
    statement = statement.join(AuditTermRow, _same(AuditTermRow)).where(AuditTermRow.term == first)
    for word in others:
        also = select(literal(1)).where(
            AuditTermRow.tenant_id == AuditEntryRow.tenant_id,
            AuditTermRow.id == AuditEntryRow.id,
            AuditTermRow.term == word,
        )
        statement = statement.where(also.correlate(AuditEntryRow).exists())
    return statement


def _same(table: type[AuditPersonalRow | AuditTermRow]) -> Any:
    return (table.tenant_id == AuditEntryRow.tenant_id) & (table.id == AuditEntryRow.id)


# --- statistics, of what is sealed -------------------------------------------------------------


def counts(
    db: TenantSession, *columns: str, since: datetime | None = None, to: datetime | None = None
) -> Sequence[Any]:
    """Entries by the named columns, most first."""
    chosen = [getattr(AuditCountRow, name) for name in columns]
    total = func.sum(AuditCountRow.entries).label("entries")
    statement = select(*chosen, cast(total, BigInteger).label("entries")).group_by(*chosen)
    if since is not None:
        statement = statement.where(AuditCountRow.hour >= since)
    if to is not None:
        statement = statement.where(AuditCountRow.hour < to)
    return db.execute(statement.order_by(total.desc(), *chosen)).all()


def counts_by_day(db: TenantSession, *, since: datetime, to: datetime) -> Sequence[Any]:
    day = func.date_trunc("day", AuditCountRow.hour, "UTC").label("day")
    total = cast(func.sum(AuditCountRow.entries), BigInteger).label("entries")
    statement = select(day, AuditCountRow.outcome, total).where(
        AuditCountRow.hour >= since, AuditCountRow.hour < to
    )
    return db.execute(
        statement.group_by(day, AuditCountRow.outcome).order_by(day, AuditCountRow.outcome)
    ).all()


def sealed_until(db: TenantSession | SealerSession) -> datetime | None:
    return db.scalar(select(AuditHorizonRow.moved_at))


# --- the sealer's session ----------------------------------------------------------------------


def get_horizon(db: SealerSession) -> AuditHorizonRow | None:
    return db.get(AuditHorizonRow, 1)


def move_horizon(db: SealerSession, *, cluster: int, below: int, moment: datetime) -> None:
    values = {"cluster": cluster, "below": below, "moved_at": moment}
    db.execute(
        upsert(AuditHorizonRow)
        .values(id=1, **values)
        .on_conflict_do_update(index_elements=[AuditHorizonRow.id], set_=values)
    )


def unsealed(
    db: SealerSession, *, at_least: int | None, below: int | None, limit: int
) -> Sequence[Any]:
    """Entries without a seal, in the order of their transactions (not of their commits).

    at_least, below: bounds of the transaction's number; None after a move to another cluster.
    """
    statement = select(*SEALED).where(~select(AuditSealRow.id).where(SAME_ENTRY).exists())
    if at_least is not None:
        statement = statement.where(AuditEntryRow.transaction >= at_least)
    if below is not None:
        statement = statement.where(AuditEntryRow.transaction < below)
    order = (AuditEntryRow.transaction, AuditEntryRow.id)
    return db.execute(statement.order_by(*order).limit(limit)).all()


def streams_for_update(db: SealerSession, tenant_ids: Sequence[UUID]) -> dict[UUID, AuditStreamRow]:
    statement = select(AuditStreamRow).where(AuditStreamRow.tenant_id.in_(tenant_ids))
    return {row.tenant_id: row for row in db.scalars(statement.with_for_update())}


def add_seals(db: SealerSession, seals: Sequence[dict[str, Any]]) -> None:
    db.execute(insert(AuditSealRow), seals)


def count_entries(db: SealerSession, kinds: Sequence[dict[str, Any]]) -> None:
    statement = upsert(AuditCountRow)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[
                AuditCountRow.tenant_id,
                AuditCountRow.hour,
                AuditCountRow.action,
                AuditCountRow.resource_type,
                AuditCountRow.outcome,
                AuditCountRow.actor_kind,
            ],
            set_={"entries": AuditCountRow.entries + statement.excluded.entries},
        ),
        kinds,
    )


def unsigned_streams(db: SealerSession, *, signed_before: datetime) -> Sequence[AuditStreamRow]:
    """Streams that grew since their last checkpoint, if that one is old enough."""
    return db.scalars(
        select(AuditStreamRow)
        .where(
            AuditStreamRow.size > AuditStreamRow.signed_size,
            AuditStreamRow.signed_at.is_(None) | (AuditStreamRow.signed_at < signed_before),
        )
        .with_for_update()
    ).all()


# --- verifying, in the sealer's session --------------------------------------------------------


def stream_ids(db: SealerSession) -> Sequence[UUID]:
    """Every stream that any table still knows."""
    queries = (
        select(table.tenant_id).distinct()
        for table in (AuditStreamRow, AuditSealRow, AuditCheckpointRow, AuditEntryRow)
    )
    return sorted({tenant_id for query in queries for tenant_id in db.scalars(query)})


def sealed_entries(db: SealerSession, tenant_id: UUID) -> Iterator[Any]:
    """Every seal of the stream with its entry (absent: None) and personal part, by position."""
    statement = (
        select(
            AuditSealRow.position,
            AuditSealRow.id.label("sealed_id"),
            AuditSealRow.created_at.label("sealed_at"),
            AuditSealRow.leaf,
            AuditSealRow.chain,
            *SEALED,
            AuditPersonalRow.salt,
            AuditPersonalRow.address,
            AuditPersonalRow.agent,
            AuditPersonalRow.texts,
        )
        .outerjoin(AuditEntryRow, SAME_ENTRY)
        .outerjoin(
            AuditPersonalRow,
            (AuditPersonalRow.tenant_id == AuditSealRow.tenant_id)
            & (AuditPersonalRow.id == AuditSealRow.id),
        )
        .where(AuditSealRow.tenant_id == tenant_id)
        .order_by(AuditSealRow.position)
        .execution_options(yield_per=1000)
    )
    return iter(db.execute(statement))


def unsealed_below(db: SealerSession, tenant_id: UUID, below: int) -> Sequence[UUID]:
    """Entries that should have a seal by now and have none."""
    return db.scalars(
        select(AuditEntryRow.id)
        .where(
            AuditEntryRow.tenant_id == tenant_id,
            AuditEntryRow.transaction < below,
            ~select(AuditSealRow.id).where(SAME_ENTRY).exists(),
        )
        .limit(100)
    ).all()


def checkpoints(db: SealerSession, tenant_id: UUID) -> Sequence[AuditCheckpointRow]:
    return db.scalars(
        select(AuditCheckpointRow)
        .where(AuditCheckpointRow.tenant_id == tenant_id)
        .order_by(AuditCheckpointRow.size)
    ).all()


def find_stream(db: SealerSession, tenant_id: UUID) -> AuditStreamRow | None:
    return db.scalars(
        select(AuditStreamRow).where(AuditStreamRow.tenant_id == tenant_id)
    ).one_or_none()


def counts_of_stream(db: SealerSession, tenant_id: UUID) -> Counter[tuple[Any, ...]]:
    rows = db.scalars(select(AuditCountRow).where(AuditCountRow.tenant_id == tenant_id))
    return Counter(
        {
            (row.hour, row.action, row.resource_type, row.outcome, row.actor_kind): row.entries
            for row in rows
        }
    )
