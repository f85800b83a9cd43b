"""Recompute everything that was sealed and say what does not agree, entry by entry."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from agentverse.audit import repository
from agentverse.audit.hashing import GENESIS, MerkleFrontier, commitment_of, leaf_hash, link_hash
from agentverse.audit.models import AuditCheckpointRow
from agentverse.audit.signing import CheckpointKey, Statement, checkpoint_key, kept_outside
from agentverse.platform.db.sealer import SealerSession, sealer_session
from agentverse.platform.settings import get_settings

logger = logging.getLogger(__name__)

ENTRY_COLUMNS = tuple(column.key for column in repository.SEALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, where; `position` and `entry_id` as far as they are known."""

    code: str
    stream: UUID | None
    position: int | None = None
    entry_id: UUID | None = None

    def __str__(self) -> str:
        where = f"stream {self.stream}" if self.stream else "no stream"
        place = "" if self.position is None else f", position {self.position}"
        entry = "" if self.entry_id is None else f", entry {self.entry_id}"
        return f"{self.code}: {where}{place}{entry}"


@dataclass(slots=True, kw_only=True)
class Verification:
    """entries: sealed ones that were looked at. erased: those whose personal part is gone."""

    streams: int = 0
    entries: int = 0
    erased: int = 0
    findings: list[Finding] = field(default_factory=list["Finding"])


def verify() -> Verification:
    """Look at every stream in one snapshot; no lock, nobody waits."""
    settings = get_settings()
    key = checkpoint_key(settings)
    result = Verification()
    outside: dict[UUID, list[tuple[Statement, bytes]]] = {}
    for kept in kept_outside(settings):
        if isinstance(kept, Path):
            result.findings.append(Finding(code="kept_checkpoint_unreadable", stream=None))
        else:
            outside.setdefault(kept[0].stream, []).append(kept)
    with sealer_session(snapshot=True) as db:
        for stream in sorted({*repository.stream_ids(db), *outside}):
            result.streams += 1
            result.findings += _Stream(stream, key, result).check(db, outside.get(stream, []))
    return result


class _Stream:
    """One stream walked from its first position to its last."""

    def __init__(self, stream: UUID, key: CheckpointKey, result: Verification) -> None:
        self.stream = stream
        self._key = key
        self._result = result
        self._position = 0
        self._frontier = MerkleFrontier()
        self._chain = GENESIS
        self._counts: Counter[tuple[Any, ...]] = Counter()
        self._findings: list[Finding] = []

    def check(self, db: SealerSession, outside: list[tuple[Statement, bytes]]) -> list[Finding]:
        signed = [_of_row(row) for row in repository.checkpoints(db, self.stream)] + outside
        by_size: dict[int, list[tuple[Statement, bytes]]] = {}
        for statement, signature in signed:
            by_size.setdefault(statement.size, []).append((statement, signature))
        for row in repository.sealed_entries(db, self.stream):
            self._walk(row)
            self._compare(by_size.pop(row.position, []))
        for left in by_size.values():
            # Signed for more entries than there are.
            self._add("truncated", position=left[0][0].size)
        self._check_head(db)
        self._check_unsealed(db)
        self._check_counts(db)
        return self._findings

    def _walk(self, row: Any) -> None:
        self._result.entries += 1
        if row.position != self._position + 1:
            self._add("position_missing", position=self._position + 1)
        self._position = row.position
        leaf = self._leaf(row)
        if leaf != row.leaf:
            self._add("entry_changed", position=row.position, entry_id=row.sealed_id)
        link = link_hash(self._chain, position=row.position, sealed_at=row.sealed_at, leaf=row.leaf)
        if link != row.chain:
            self._add("chain_broken", position=row.position, entry_id=row.sealed_id)
        # On with what is stored: one change is told once, not at every later position.
        self._chain = row.chain
        self._frontier = self._frontier.append(row.leaf)

    def _leaf(self, row: Any) -> bytes | None:
        if row.id is None:
            self._add("entry_missing", position=row.position, entry_id=row.sealed_id)
            return row.leaf
        self._check_personal(row)
        self._counts[_kind(row)] += 1
        return leaf_hash({name: row._mapping[name] for name in ENTRY_COLUMNS})

    def _check_personal(self, row: Any) -> None:
        if row.salt is None:
            self._result.erased += row.commitment is not None
            return
        personal = {"address": row.address, "agent": row.agent, "texts": row.texts}
        if row.commitment is None or commitment_of(row.salt, personal) != bytes(row.commitment):
            self._add("personal_changed", position=row.position, entry_id=row.sealed_id)

    def _compare(self, signed: list[tuple[Statement, bytes]]) -> None:
        for statement, signature in signed:
            if not self._key.verifies(statement, signature):
                self._add("signature_invalid", position=statement.size)
            elif (statement.root, statement.chain) != (self._frontier.root(), self._chain):
                self._add("checkpoint_differs", position=statement.size)

    def _check_head(self, db: SealerSession) -> None:
        head = repository.find_stream(db, self.stream)
        stored = (0, GENESIS, b"") if head is None else (head.size, head.chain, head.frontier)
        if stored != (self._frontier.size, self._chain, self._frontier.stored()):
            self._add("head_differs", position=self._frontier.size)

    def _check_unsealed(self, db: SealerSession) -> None:
        horizon = repository.get_horizon(db)
        if horizon is None:
            return
        for entry_id in repository.unsealed_below(db, self.stream, horizon.below):
            self._add("seal_missing", entry_id=entry_id)

    def _check_counts(self, db: SealerSession) -> None:
        if any(finding.code == "entry_missing" for finding in self._findings):
            return
        if repository.counts_of_stream(db, self.stream) != self._counts:
            self._add("counts_differ")

    def _add(self, code: str, *, position: int | None = None, entry_id: UUID | None = None) -> None:
        self._findings.append(
            Finding(code=code, stream=self.stream, position=position, entry_id=entry_id)
        )


def _kind(row: Any) -> tuple[Any, ...]:
    hour = row.created_at.replace(minute=0, second=0, microsecond=0)
    return (hour, row.action, row.resource_type, row.outcome, row.actor_kind)


def _of_row(row: AuditCheckpointRow) -> tuple[Statement, bytes]:
    statement = Statement(
        stream=row.tenant_id,
        size=row.size,
        root=row.root,
        chain=row.chain,
        signed_at=row.signed_at,
        key_id=row.key_id,
    )
    return statement, row.signature


def lines(result: Verification) -> Iterator[str]:
    """What the command line prints."""
    yield from (str(finding) for finding in result.findings)
    erased = f", {result.erased} with an erased personal part" if result.erased else ""
    yield f"{result.entries} entries in {result.streams} streams looked at{erased}."
