"""Second and third ring: criteria on every statement, stamps at flush, tenant for row security."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from agentverse.platform.db.base import TenantOwned
from agentverse.platform.errors import AgentVerseError

# One round trip: what was set before (must be nothing), then this transaction's tenant.
SET_TENANT = text(
    "SELECT current_setting('app.tenant_id', true) AS before, "
    "set_config('app.tenant_id', :tenant, true) AS tenant, "
    "set_config('transaction_read_only', :read_only, true) AS read_only"
)


class ForeignTenant(AgentVerseError):
    """A bug, not an expected failure: code tried to write for another tenant."""

    code = "internal_error"
    status = 500
    title = "Something went wrong on our side"


def add_tenant_criteria(state: ORMExecuteState, tenant_id: UUID) -> None:
    """Every ORM statement sees only this tenant's rows; bulk inserts cannot name another.

    Raises ForeignTenant.
    """
    if state.is_insert:
        _refuse_foreign_parameters(state.parameters, tenant_id)
    if state.is_column_load or state.is_relationship_load:
        return
    state.statement = state.statement.options(
        with_loader_criteria(
            TenantOwned,
            lambda model: model.tenant_id == tenant_id,
            include_aliases=True,
        )
    )


def _refuse_foreign_parameters(parameters: Any, tenant_id: UUID) -> None:
    rows = cast(
        "list[dict[str, Any]]", parameters if isinstance(parameters, list) else [parameters or {}]
    )
    for row in rows:
        if row.get("tenant_id", tenant_id) != tenant_id:
            raise ForeignTenant("A statement names another tenant than its session's.")


def stamp_and_check(session: Session, tenant_id: UUID) -> None:
    """Before a flush: new rows get the tenant; changed or deleted rows must already have it.

    Raises ForeignTenant.
    """
    for row in session.new:
        if isinstance(row, TenantOwned):
            # Unset until now although the type says it is always there.
            if cast("UUID | None", row.tenant_id) is None:
                row.tenant_id = tenant_id
            _check(row, tenant_id)
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, TenantOwned):
            _check(row, tenant_id)


def _check(row: TenantOwned, tenant_id: UUID) -> None:
    if row.tenant_id != tenant_id:
        raise ForeignTenant("A row belongs to another tenant than its session's.")


def bind_transaction(connection: Connection, tenant_id: UUID, *, read_only: bool) -> None:
    """Tell row security the tenant for this transaction only; refuse a connection that leaks.

    Raises ForeignTenant.
    """
    state = connection.execute(
        SET_TENANT, {"tenant": str(tenant_id), "read_only": "on" if read_only else "off"}
    ).one()
    if state.before:
        connection.invalidate()
        raise ForeignTenant("A pooled connection still carried a tenant and was discarded.")
