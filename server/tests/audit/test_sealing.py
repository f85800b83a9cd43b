"""The sealer: every committed entry once, in one chain, whatever commits late or rolls back."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from agentverse import audit
from agentverse.audit import sealing, verifying
from agentverse.audit.models import AuditEntryRow, AuditSealRow
from agentverse.platform.db import engines
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope

WRITERS = 8
ENTRIES_EACH = 25


def write(scope: Scope, *values: int) -> None:
    with tenant_session(scope) as db:
        for value in values:
            note(db, value)


def note(db: TenantSession, value: int) -> None:
    audit.record(
        db, action="thing.note", resource_type="thing", resource_id=None, after={"value": value}
    )


def sealed_values(scope: Scope) -> list[int]:
    """What is sealed of the tenant's notes, in the order of their positions."""
    with tenant_session(scope) as db:
        rows = db.execute(
            select(AuditEntryRow.after)
            .join(AuditSealRow, AuditSealRow.id == AuditEntryRow.id)
            .where(AuditEntryRow.action == "thing.note")
            .order_by(AuditSealRow.position)
        ).scalars()
        return [row["value"] for row in rows if row is not None]


def positions(scope: Scope) -> list[int]:
    with tenant_session(scope) as db:
        return list(db.scalars(select(AuditSealRow.position).order_by(AuditSealRow.position)))


def problems() -> list[str]:
    return [str(finding) for finding in verifying.verify().findings]


def test_entries_are_sealed_once_from_position_one(scope: Scope, other_scope: Scope) -> None:
    write(scope, 1, 2)
    write(other_scope, 3)
    sealing.seal()
    sealing.seal()
    assert positions(scope) == [1, 2, 3]  # with the sign-up's own entry
    assert positions(other_scope) == [1, 2]
    assert problems() == []


def test_rolled_back_entries_leave_no_gap(scope: Scope) -> None:
    for value in range(6):
        with TenantSession(scope, engines.current().engine) as db:
            note(db, value)
            if value % 2:
                db.rollback()
            else:
                db.commit()
    sealing.seal()
    assert positions(scope) == [1, 2, 3, 4]
    assert sealed_values(scope) == [0, 2, 4]


def test_late_commit_is_not_skipped(scope: Scope) -> None:
    """Written first, committed last: nothing after it is sealed before its fate is known."""
    with TenantSession(scope, engines.current().engine) as late:
        note(late, 1)
        write(scope, 2)
        sealing.seal()
        assert sealed_values(scope) == []
        late.commit()
    sealing.seal()
    assert sealed_values(scope) == [1, 2]
    assert problems() == []


def test_sealer_goes_on_in_small_batches(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches end inside transactions, too."""
    monkeypatch.setattr(sealing, "BATCH", 3)
    write(scope, *range(10))
    write(scope, 10)
    assert sealing.seal() == 12
    assert sealed_values(scope) == list(range(11))
    assert problems() == []


def test_two_sealers_do_not_fork_the_chain(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    write(scope, *range(20))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(sealing.seal) for _ in range(8)]:
            done.result()
    assert sealed_values(scope) == list(range(20))
    assert problems() == []


@pytest.mark.parametrize(
    ("writers", "entries"),
    [(WRITERS, ENTRIES_EACH), pytest.param(64, 1000, marks=pytest.mark.long)],
)
def test_concurrent_writers_do_not_fork_the_chain(
    scope: Scope, other_scope: Scope, writers: int, entries: int
) -> None:
    """Writers of two tenants, every third transaction undone, beside a running sealer."""
    finished = Event()
    sealer = Thread(target=audit.seal_until_stopped, args=(finished,))
    sealer.start()
    try:
        with ThreadPoolExecutor(writers) as pool:
            jobs = [
                pool.submit(_write_some, (scope, other_scope)[n % 2], n * entries, entries)
                for n in range(writers)
            ]
            expected: dict[UUID, set[int]] = {scope.tenant_id: set(), other_scope.tenant_id: set()}
            for n, job in enumerate(jobs):
                expected[(scope, other_scope)[n % 2].tenant_id] |= job.result()
    finally:
        finished.set()
        sealer.join()
    sealing.seal()
    for each in (scope, other_scope):
        found = sealed_values(each)
        assert len(found) == len(set(found))
        assert set(found) == expected[each.tenant_id]
        assert positions(each) == list(range(1, len(found) + 2))
    assert problems() == []


def _write_some(scope: Scope, first: int, count: int) -> set[int]:
    kept: set[int] = set()
    for value in range(first, first + count):
        with TenantSession(scope, engines.current().engine) as db:
            note(db, value)
            if value % 3 == 0:
                db.rollback()
            else:
                db.commit()
                kept.add(value)
    return kept


def test_restored_dump_is_sealed_on(owner: psycopg.Connection, scope: Scope) -> None:
    """Another cluster counts its transactions anew: here the old one was far ahead."""
    write(scope, 1)
    sealing.seal()
    owner.execute("UPDATE audit_horizon SET cluster = 1, below = 9000000000000000000")
    write(scope, 2)
    sealing.seal()
    write(scope, 3)
    sealing.seal()
    assert sealed_values(scope) == [1, 2, 3]
    assert problems() == []


def test_checkpoint_is_signed_only_when_the_stream_grew(scope: Scope) -> None:
    write(scope, 1)
    sealing.seal()
    assert sealing.sign() == 1
    assert sealing.sign() == 0
    write(scope, 2)
    sealing.seal()
    assert sealing.sign(older_than_seconds=3600) == 0, "the last one is too young"
    assert sealing.sign() == 1


def test_partitions_are_made_ahead(owner: psycopg.Connection) -> None:
    """An entry of any of the next months finds a partition of its own."""
    owner.execute("SELECT app.add_audit_partitions()")
    (count,) = owner.execute(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_entries'::regclass"
    ).fetchone() or (0,)
    assert count >= 6  # past, four months, others
    assert owner.execute("SELECT app.add_audit_partitions()").fetchone() == (0,)
