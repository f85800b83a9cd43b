"""Audit entries: in the same transaction, append-only, without secrets."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError

from agentverse import audit
from agentverse.audit.models import AuditEntryRow
from agentverse.identity.models import OrganizationRow
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope


def entries(scope: Scope, action: str) -> list[AuditEntryRow]:
    with tenant_session(scope) as db:
        wanted = select(AuditEntryRow).where(AuditEntryRow.action == action)
        return list(db.scalars(wanted.order_by(AuditEntryRow.sequence)).all())


def write(db: TenantSession, **values: object) -> None:
    audit.record(db, action="thing.change", resource_type="thing", resource_id=None, after=values)


def test_record_names_actor_and_request(scope: Scope) -> None:
    with tenant_session(scope) as db:
        write(db, name="x")
    (entry,) = entries(scope, "thing.change")
    assert entry.actor_kind == "user"
    assert entry.actor_id == scope.actor.id
    assert entry.outcome == "success"
    assert entry.after == {"name": "x"}


def test_record_is_undone_with_its_change(scope: Scope) -> None:
    with pytest.raises(RuntimeError, match="stop"), tenant_session(scope) as db:
        db.add(OrganizationRow(name="x", slug="x"))
        write(db)
        raise RuntimeError("stop")
    assert entries(scope, "thing.change") == []


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


@pytest.mark.parametrize(
    "statement", [update(AuditEntryRow).values(action="x"), delete(AuditEntryRow)]
)
def test_entries_cannot_be_changed_or_deleted(scope: Scope, statement: object) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_session(scope) as db:
        db.execute(statement)  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_signing_up_is_recorded(scope: Scope) -> None:
    (entry,) = entries(scope, "tenant.create")
    assert entry.resource_id == scope.tenant_id
