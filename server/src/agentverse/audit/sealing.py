"""The sealer: gives each entry its place, chains the hashes, signs what each stream holds.

Writers of entries wait for nobody. Only what no open transaction can still precede is sealed, so
an entry committed late gets a later place, and a rolled-back one none: no gap, nothing skipped.
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

from agentverse.audit import repository
from agentverse.audit.hashing import GENESIS, MerkleFrontier, leaf_hash, link_hash, stored_frontier
from agentverse.audit.models import AuditCheckpointRow, AuditStreamRow
from agentverse.audit.signing import CheckpointKey, Statement, checkpoint_key, keep_outside
from agentverse.platform.clock import now
from agentverse.platform.db import sealer
from agentverse.platform.db.outages import DatabaseUnavailable
from agentverse.platform.db.sealer import SealerSession, sealer_session
from agentverse.platform.ids import new_id
from agentverse.platform.settings import get_settings

logger = logging.getLogger(__name__)

BATCH = 2000
POLL_SECONDS = 1.0
CHECKPOINT_SECONDS = 60.0
PARTITION_LOOK = timedelta(hours=12)


def seal_until_stopped(stopped: Event) -> None:
    """The worker's sealing thread. Several may run: one at a time works."""
    looked_for_partitions: datetime | None = None
    while not stopped.is_set():
        try:
            if looked_for_partitions is None or now() - looked_for_partitions > PARTITION_LOOK:
                with sealer_session() as db:
                    sealer.add_partitions(db)
                looked_for_partitions = now()
            seal()
            sign(older_than_seconds=CHECKPOINT_SECONDS)
        except DatabaseUnavailable:
            logger.warning("The database cannot be reached; audit entries are sealed later.")
        except Exception:
            # The next round may succeed; until then entries wait unsealed and nothing is lost.
            logger.exception("Sealing audit entries failed.")
        stopped.wait(timeout=POLL_SECONDS)


def seal() -> int:
    """Seal every entry that can be sealed now; returns how many."""
    sealed = 0
    while True:
        with sealer_session() as db:
            count = _seal_batch(db) if sealer.take_lock(db) else 0
        sealed += count
        if count < BATCH:
            return sealed


def sign(*, older_than_seconds: float = 0.0) -> int:
    """Sign a checkpoint of each stream that grew since its last one; returns how many."""
    settings = get_settings()
    with sealer_session() as db:
        if not sealer.take_lock(db):
            return 0
        moment = now()
        before = moment - timedelta(seconds=older_than_seconds)
        grown = repository.unsigned_streams(db, signed_before=before)
        key = checkpoint_key(settings) if grown else None
        signed = [_sign(db, row, key, moment) for row in grown if key is not None]
    for statement, signature in signed:
        keep_outside(settings, statement, signature)
    return len(signed)


def _seal_batch(db: SealerSession) -> int:
    below, cluster = sealer.horizon(db)
    last_horizon = repository.get_horizon(db)
    moment = now()
    # Another cluster (a restored dump) counts its transactions anew: look at every entry once.
    elsewhere = last_horizon is not None and last_horizon.cluster != cluster
    entries = repository.unsealed(
        db,
        at_least=None if last_horizon is None or elsewhere else last_horizon.below,
        below=None if elsewhere else below,
        limit=BATCH,
    )
    if entries:
        _seal_entries(db, entries, moment)
    if len(entries) < BATCH:
        repository.move_horizon(db, cluster=cluster, below=below, moment=moment)
    elif not elsewhere:
        # Of this transaction there may be more; those before it are all sealed.
        repository.move_horizon(db, cluster=cluster, below=entries[-1].transaction, moment=moment)
    return len(entries)


@dataclass(slots=True, kw_only=True)
class _Head:
    """The end of one stream while a batch is appended to it."""

    row: AuditStreamRow
    frontier: MerkleFrontier

    def append(self, entry_id: UUID, leaf: bytes, moment: datetime) -> dict[str, Any]:
        self.frontier = self.frontier.append(leaf)
        self.row.size = self.frontier.size
        self.row.chain = link_hash(
            self.row.chain, position=self.row.size, sealed_at=moment, leaf=leaf
        )
        self.row.frontier = self.frontier.stored()
        return {
            "tenant_id": self.row.tenant_id,
            "id": entry_id,
            "created_at": moment,
            "position": self.row.size,
            "leaf": leaf,
            "chain": self.row.chain,
        }


def _seal_entries(db: SealerSession, entries: Any, moment: datetime) -> None:
    heads = _heads(db, {entry.tenant_id for entry in entries})
    seals = [
        heads[entry.tenant_id].append(entry.id, leaf_hash(entry._mapping), moment)
        for entry in entries
    ]
    db.flush()
    repository.add_seals(db, seals)
    kinds = Counter(_kind(entry) for entry in entries)
    repository.count_entries(
        db, [{"id": new_id(), **dict(kind), "entries": n} for kind, n in sorted(kinds.items())]
    )


def _kind(entry: Any) -> tuple[tuple[str, Any], ...]:
    """What statistics tell apart."""
    hour = entry.created_at.replace(minute=0, second=0, microsecond=0)
    return (
        ("tenant_id", entry.tenant_id),
        ("hour", hour),
        ("action", entry.action),
        ("resource_type", entry.resource_type),
        ("outcome", entry.outcome),
        ("actor_kind", entry.actor_kind),
    )


def _heads(db: SealerSession, tenant_ids: set[UUID]) -> dict[UUID, _Head]:
    rows = repository.streams_for_update(db, sorted(tenant_ids))
    for tenant_id in tenant_ids - set(rows):
        rows[tenant_id] = AuditStreamRow(
            tenant_id=tenant_id, id=tenant_id, size=0, chain=GENESIS, frontier=b"", signed_size=0
        )
        db.add(rows[tenant_id])
    return {
        tenant_id: _Head(row=row, frontier=stored_frontier(row.size, row.frontier))
        for tenant_id, row in rows.items()
    }


def _sign(
    db: SealerSession, row: AuditStreamRow, key: CheckpointKey, moment: datetime
) -> tuple[Statement, bytes]:
    statement = Statement(
        stream=row.tenant_id,
        size=row.size,
        root=stored_frontier(row.size, row.frontier).root(),
        chain=row.chain,
        signed_at=moment,
        key_id=key.id,
    )
    signature = key.sign(statement)
    db.add(
        AuditCheckpointRow(
            tenant_id=row.tenant_id,
            id=new_id(),
            size=row.size,
            root=statement.root,
            chain=row.chain,
            signed_at=moment,
            key_id=key.id,
            signature=signature,
        )
    )
    row.signed_size, row.signed_at = row.size, moment
    return statement, signature
