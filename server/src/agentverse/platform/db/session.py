"""First ring: the session operations accept, which cannot exist without a Scope."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.orm.unitofwork import UOWTransaction

from agentverse.platform.db import engines, tenancy
from agentverse.platform.db.outages import outages_named
from agentverse.platform.scope import Scope


class TenantSession(Session):
    """First ring: the only session operations accept, and it cannot exist without a Scope."""

    def __init__(self, scope: Scope, bind: Engine | Connection, *, read_only: bool = False) -> None:
        # Checked, not only typed: a forgotten dependency must not become an unbound session.
        if not isinstance(scope, Scope):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("A TenantSession needs a Scope.")
        super().__init__(bind=bind, expire_on_commit=False, autoflush=True)
        self.scope = scope
        self.read_only = read_only
        self._after_commit: list[Callable[[], None]] = []

    def call_after_commit(self, function: Callable[[], None]) -> None:
        """Call it once the transaction stands; never if it is rolled back."""
        self._after_commit.append(function)

    def run_after_commit(self) -> None:
        waiting, self._after_commit = self._after_commit, []
        for function in waiting:
            function()


@event.listens_for(TenantSession, "after_begin")
def _bind_transaction(  # pyright: ignore[reportUnusedFunction] - registered by the decorator
    session: TenantSession, transaction: SessionTransaction, connection: Connection
) -> None:
    if transaction.nested:
        return
    tenancy.bind_transaction(connection, session.scope.tenant_id, read_only=session.read_only)


@event.listens_for(TenantSession, "do_orm_execute")
def _add_tenant_criteria(state: ORMExecuteState) -> None:  # pyright: ignore[reportUnusedFunction]
    session = state.session
    assert isinstance(session, TenantSession)  # noqa: S101 - narrows the listener's own class
    tenancy.add_tenant_criteria(state, session.scope.tenant_id)


@event.listens_for(TenantSession, "before_flush")
def _stamp_and_check(  # pyright: ignore[reportUnusedFunction]
    session: TenantSession, _context: UOWTransaction, _instances: Any
) -> None:
    tenancy.stamp_and_check(session, session.scope.tenant_id)


@event.listens_for(TenantSession, "after_commit")
def _tell_committed(session: TenantSession) -> None:  # pyright: ignore[reportUnusedFunction]
    session.run_after_commit()


@contextmanager
def tenant_session(scope: Scope, *, read_only: bool = False) -> Generator[TenantSession]:
    """One transaction: committed when the block ends, rolled back when it raises."""
    session = TenantSession(scope, engines.current().engine, read_only=read_only)
    with outages_named(), session, session.begin():
        yield session
