"""Sessions of the platform realm: across tenants, as a database role with few rights of its own."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session, SessionTransaction

from agentverse.platform.db import engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.outages import outages_named
from agentverse.platform.db.session import TenantSession
from agentverse.platform.scope import PlatformScope, Scope

SET_READ_ONLY = text("SELECT set_config('transaction_read_only', 'on', true)")


class PlatformSession(Session):
    """What operations of the platform realm accept; it cannot exist without a PlatformScope.

    It reaches the tables that a migration admitted the platform role to (row_security.admit) and
    no other. No tenant is set, so a new row of a tenant must name its `tenant_id`.
    """

    def __init__(
        self, scope: PlatformScope, bind: Engine | Connection, *, read_only: bool = False
    ) -> None:
        # Checked, not only typed: a tenant's Scope must never open the other realm.
        if not isinstance(scope, PlatformScope):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("A PlatformSession needs a PlatformScope.")
        super().__init__(bind=bind, expire_on_commit=False)
        self.scope = scope
        self.read_only = read_only


@event.listens_for(PlatformSession, "after_begin")
def _bind_transaction(  # pyright: ignore[reportUnusedFunction] - registered by the decorator
    session: PlatformSession, transaction: SessionTransaction, connection: Connection
) -> None:
    if session.read_only and not transaction.nested:
        connection.execute(SET_READ_ONLY)


@contextmanager
def platform_session(
    scope: PlatformScope, *, read_only: bool = False
) -> Generator[PlatformSession]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    engine = engines.current().engines[DatabaseRole.PLATFORM]
    session = PlatformSession(scope, engine, read_only=read_only)
    with outages_named(), session, session.begin():
        yield session


@contextmanager
def erasing_session(scope: Scope) -> Generator[TenantSession]:
    """One transaction about the scope's own tenant, as the role that may end and erase it."""
    session = TenantSession(scope, engines.current().engines[DatabaseRole.PLATFORM])
    with outages_named(), session, session.begin():
        yield session


@contextmanager
def administered_tenant(scope: PlatformScope, tenant_id: UUID) -> Generator[TenantSession]:
    """One transaction about one tenant, so that a change and its entry in the tenant's own audit
    stream are one. It is the platform's role all the same: it reaches no data of the tenant."""
    acting = Scope(
        tenant_id=tenant_id,
        actor=scope.actor,
        credential=scope.credential,
        request_id=scope.request_id,
    )
    session = TenantSession(acting, engines.current().engines[DatabaseRole.PLATFORM])
    with outages_named(), session, session.begin():
        yield session
