"""The tenant rings: each alone still keeps two tenants apart."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, ProgrammingError
from sqlalchemy.orm import Session

from agentverse.identity.models import OrganizationRow, UserRow
from agentverse.platform.db import engines, tenancy
from agentverse.platform.db.base import Row
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.db.system import system_session
from agentverse.platform.db.tenancy import ForeignTenant
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope

ORGANIZATIONS = Row.metadata.tables["organizations"]


@contextmanager
def without_row_security(owner: psycopg.Connection, table: str) -> Generator[None]:
    """The database ring taken away, as if a migration had forgotten it."""
    owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())
    try:
        yield
    finally:
        owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())


@contextmanager
def plain_session(scope: Scope) -> Generator[Session]:
    """The query ring taken away: an ordinary session that only told the database its tenant."""
    with Session(engines.current().engine) as session, session.begin():
        tenancy.bind_transaction(session.connection(), scope.tenant_id, read_only=False)
        yield session


def test_tenant_session_without_a_scope_is_refused(database: engines.Database) -> None:
    with pytest.raises(TypeError, match="needs a Scope"):
        TenantSession(None, database.engine)  # pyright: ignore[reportArgumentType]


def test_query_without_row_security_still_sees_one_tenant(
    owner: psycopg.Connection, scope: Scope, other_scope: Scope
) -> None:
    with without_row_security(owner, "organizations"), tenant_session(scope) as db:
        rows = db.scalars(select(OrganizationRow)).all()
        everything = db.execute(text("SELECT count(*) FROM organizations")).scalar_one()
    assert everything == 2, "the positive control: without the database ring both are readable"
    assert [row.tenant_id for row in rows] == [scope.tenant_id]


def test_update_and_delete_without_row_security_touch_one_tenant(
    owner: psycopg.Connection, scope: Scope, other_scope: Scope
) -> None:
    with without_row_security(owner, "organizations"):
        with tenant_session(scope) as db:
            db.execute(update(OrganizationRow).values(name="renamed"))
            db.execute(delete(OrganizationRow))
        with tenant_session(other_scope) as db:
            assert db.scalars(select(OrganizationRow)).one().name == "Acme"


def test_flush_of_a_foreign_row_without_row_security_is_refused(
    owner: psycopg.Connection, scope: Scope, other_scope: Scope
) -> None:
    foreign = OrganizationRow(tenant_id=other_scope.tenant_id, name="x", slug="x")
    with (
        without_row_security(owner, "organizations"),
        pytest.raises(ForeignTenant),
        tenant_session(scope) as db,
    ):
        db.add(foreign)
        db.flush()


def test_bulk_insert_of_a_foreign_row_without_row_security_is_refused(
    owner: psycopg.Connection, scope: Scope, other_scope: Scope
) -> None:
    rows = [{"tenant_id": other_scope.tenant_id, "id": new_id(), "name": "x", "slug": "x"}]
    with (
        without_row_security(owner, "organizations"),
        pytest.raises(ForeignTenant),
        tenant_session(scope) as db,
    ):
        db.execute(insert(OrganizationRow), rows)


def test_moving_a_row_to_another_tenant_is_refused(scope: Scope, other_scope: Scope) -> None:
    with pytest.raises(ForeignTenant), tenant_session(scope) as db:
        row = db.scalars(select(OrganizationRow)).one()
        row.tenant_id = other_scope.tenant_id
        db.flush()


def test_row_security_alone_hides_the_other_tenant(scope: Scope, other_scope: Scope) -> None:
    with plain_session(scope) as session:
        tenants = session.execute(select(ORGANIZATIONS.c.tenant_id)).scalars().all()
        named = session.execute(
            select(ORGANIZATIONS).where(ORGANIZATIONS.c.tenant_id == other_scope.tenant_id)
        ).all()
    assert tenants == [scope.tenant_id]
    assert named == []


def test_row_security_alone_refuses_a_foreign_insert(scope: Scope, other_scope: Scope) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), plain_session(scope) as s:
        s.execute(
            insert(ORGANIZATIONS).values(
                tenant_id=other_scope.tenant_id, id=new_id(), name="x", slug="x"
            )
        )


def test_row_security_alone_refuses_moving_a_row(scope: Scope, other_scope: Scope) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), plain_session(scope) as s:
        s.execute(update(ORGANIZATIONS).values(tenant_id=other_scope.tenant_id))


def test_row_security_without_a_tenant_raises(scope: Scope) -> None:
    with pytest.raises(ProgrammingError, match="no tenant is set"), system_session() as db:
        db.execute(select(OrganizationRow)).all()


def test_keys_alone_refuse_a_cross_tenant_reference(
    owner: psycopg.Connection, scope: Scope, other_scope: Scope
) -> None:
    """With both other rings off a membership of A still cannot name a user of B."""
    foreign_user = _only_user(other_scope)
    with (
        without_row_security(owner, "memberships"),
        pytest.raises(IntegrityError, match="fk_memberships_tenant_id_user_id"),
        Session(engines.current().engine) as session,
        session.begin(),
    ):
        session.execute(
            text(
                "INSERT INTO memberships (tenant_id, id, created_at, user_id, role, status) "
                "VALUES (:tenant, :id, now(), :user, 'owner', 'active')"
            ),
            {"tenant": scope.tenant_id, "id": new_id(), "user": foreign_user},
        )


def test_a_connection_that_carries_a_tenant_is_discarded(scope: Scope) -> None:
    engine = engines.current().engine
    with engine.connect() as connection:
        connection.execute(text("SET app.tenant_id = 'leaked'"))
        connection.commit()
        leaked = connection.connection.driver_connection
        with pytest.raises(ForeignTenant), TenantSession(scope, connection) as db:
            db.scalars(select(OrganizationRow)).all()
    with engine.connect() as connection:
        assert connection.connection.driver_connection is not leaked


def test_the_tenant_ends_with_the_transaction(scope: Scope) -> None:
    with engines.current().engine.connect() as connection:
        with TenantSession(scope, connection) as db, db.begin():
            db.scalars(select(OrganizationRow)).all()
        left = connection.scalar(text("SELECT current_setting('app.tenant_id', true)"))
    assert not left


def test_read_only_session_refuses_to_write(scope: Scope) -> None:
    with (
        pytest.raises(InternalError, match="read-only"),
        tenant_session(scope, read_only=True) as d,
    ):
        d.add(OrganizationRow(name="x", slug="x"))
        d.flush()


def test_failed_block_leaves_nothing(scope: Scope) -> None:
    with pytest.raises(RuntimeError, match="stop"), tenant_session(scope) as db:
        db.add(OrganizationRow(name="x", slug="x"))
        db.flush()
        raise RuntimeError("stop")
    with tenant_session(scope) as db:
        assert len(db.scalars(select(OrganizationRow)).all()) == 1


def test_flush_stamps_the_tenant(scope: Scope) -> None:
    with tenant_session(scope) as db:
        row = OrganizationRow(name="x", slug="x")
        db.add(row)
        db.flush()
        assert row.tenant_id == scope.tenant_id


def test_savepoint_keeps_the_tenant(scope: Scope) -> None:
    with tenant_session(scope) as db:
        with db.begin_nested():
            db.add(OrganizationRow(name="x", slug="x"))
        assert len(db.scalars(select(OrganizationRow)).all()) == 2


def _only_user(scope: Scope) -> UUID:
    with tenant_session(scope) as db:
        return db.scalars(select(UserRow)).one().id


def test_database_errors_do_not_tell_the_values(db: TenantSession) -> None:
    with pytest.raises(DBAPIError) as caught:
        db.execute(text("SELECT 1 / 0 WHERE :typed <> ''"), {"typed": "canary of a hash"})
    told = str(caught.value)
    assert "hidden due to hide_parameters" in told
    assert "canary" not in told
