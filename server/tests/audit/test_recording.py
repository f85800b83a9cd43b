"""Audit entries: in the same transaction, append-only, without secrets, personal parts apart."""

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from agentverse import audit
from agentverse.audit import reading
from agentverse.audit.models import AuditEntryRow, AuditPersonalRow, AuditTermRow
from agentverse.audit.schemas import AuditEntryDetail
from agentverse.identity.models import OrganizationRow
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Credential, Scope


def entries(scope: Scope, action: str) -> list[AuditEntryRow]:
    with tenant_session(scope) as db:
        wanted = select(AuditEntryRow).where(AuditEntryRow.action == action)
        return list(db.scalars(wanted.order_by(AuditEntryRow.id)).all())


def only_entry(scope: Scope, action: str) -> AuditEntryDetail:
    (row,) = entries(scope, action)
    with tenant_session(scope, read_only=True) as db:
        return reading.get_entry(db, row.id)


def write(db: TenantSession, **values: object) -> None:
    audit.record(db, action="thing.change", resource_type="thing", resource_id=None, after=values)


def test_record_names_actor_request_and_credential(scope: Scope) -> None:
    shown = Credential(kind="session", id=new_id(), address="203.0.113.9", agent="a browser")
    with tenant_session(replace(scope, credential=shown, request_id="r" * 32)) as db:
        write(db, status="ready", name="Ada")
    entry = only_entry(scope, "thing.change")
    assert (entry.actor.kind, entry.actor.id) == ("user", scope.actor.id)
    assert (entry.credential_kind, entry.credential_id) == ("session", shown.id)
    assert (entry.ip, entry.agent, entry.request_id) == ("203.0.113.9", "a browser", "r" * 32)
    assert entry.outcome == "success"
    assert entry.after == {"status": "ready", "name": "Ada"}


def test_record_is_undone_with_its_change(scope: Scope) -> None:
    with pytest.raises(RuntimeError, match="stop"), tenant_session(scope) as db:
        db.add(OrganizationRow(name="x", slug="x"))
        write(db, name="x")
        raise RuntimeError("stop")
    assert entries(scope, "thing.change") == []


def test_change_whose_entry_is_refused_is_undone(owner: psycopg.Connection, scope: Scope) -> None:
    """No entry, no change: here the database takes no entries at all."""
    owner.execute("ALTER TABLE audit_entries ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    try:
        with pytest.raises(DBAPIError), tenant_session(scope) as db:
            db.add(OrganizationRow(name="x", slug="x"))
            write(db)
    finally:
        owner.execute("ALTER TABLE audit_entries DROP CONSTRAINT full_disk")
    with tenant_session(scope) as db:
        assert [row.name for row in db.scalars(select(OrganizationRow))] == ["Acme"]


def test_record_redacts_secrets_at_any_depth(scope: Scope) -> None:
    with tenant_session(scope) as db:
        write(
            db,
            password="p",
            nested={"Api_Key": "k", "list": [{"refresh_token": "t", "kept": 1}]},
        )
    (entry,) = entries(scope, "thing.change")
    assert entry.after == {
        "password": "[redacted]",
        "nested": {"Api_Key": "[redacted]", "list": [{"refresh_token": "[redacted]", "kept": 1}]},
    }


def test_free_text_stands_apart_and_is_gone_once_erased(scope: Scope) -> None:
    document = {"question": "What if Ada leaves?", "mapping": {"Ada's column": "id"}, "seed": 7}
    with tenant_session(scope) as db:
        write(db, **document)
    (row,) = entries(scope, "thing.change")
    assert row.after == {"question": "[erasable]", "mapping": "[erasable]", "seed": 7}
    assert only_entry(scope, "thing.change").after == document
    with tenant_session(scope) as db:
        db.execute(delete(AuditPersonalRow).where(AuditPersonalRow.id == row.id))
        left = db.scalars(select(AuditTermRow).where(AuditTermRow.id == row.id)).all()
    assert left == [], "the words it was found by go with it"
    assert only_entry(scope, "thing.change").after == row.after


def test_equal_texts_have_unequal_commitments(scope: Scope) -> None:
    """Or whoever reads the entries could tell, by trying, what had been erased."""
    with tenant_session(scope) as db:
        write(db, question="the same")
        write(db, question="the same")
    one, other = entries(scope, "thing.change")
    assert one.commitment != other.commitment


@pytest.mark.parametrize(
    "statement", [update(AuditEntryRow).values(action="x"), delete(AuditEntryRow)]
)
def test_entries_cannot_be_changed_or_deleted(scope: Scope, statement: object) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_session(scope) as db:
        db.execute(statement)  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_time_and_id_are_the_databases(owner: psycopg.Connection, scope: Scope) -> None:
    """The id begins with the milliseconds of the entry's own time."""
    with tenant_session(scope) as db:
        write(db)
    (entry,) = entries(scope, "thing.change")
    milliseconds = int(entry.created_at.timestamp() * 1000)
    assert 0 <= milliseconds - (entry.id.int >> 80) <= 1


def test_event_outside_every_tenant_is_in_the_installations_stream(scope: Scope) -> None:
    audit.record_outside_tenants(action="platform.start", resource_type="platform")
    assert entries(scope, "platform.start") == []
    assert len(entries(replace(scope, tenant_id=audit.INSTALLATION), "platform.start")) == 1


def test_signing_up_is_recorded(scope: Scope) -> None:
    (entry,) = entries(scope, "tenant.create")
    assert entry.resource_id == scope.tenant_id


def test_uuid_floor_is_below_every_id_of_its_millisecond(owner: psycopg.Connection) -> None:
    floor, ceiling = owner.execute(
        "SELECT app.uuid_floor(now()), app.uuid_floor(now() + interval '1 millisecond')"
    ).fetchone() or (None, None)
    assert isinstance(floor, UUID)
    assert isinstance(ceiling, UUID)
    assert floor.int & ((1 << 80) - 1) == 0
    assert (ceiling.int - floor.int) >> 80 == 1
