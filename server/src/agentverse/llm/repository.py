"""Every query on the ledger."""

from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, select, update

from agentverse.llm.models import CallRow
from agentverse.platform.db.session import TenantSession

UNSETTLED = ("reserved", "abandoned")


def add_call(db: TenantSession, row: CallRow) -> None:
    db.add(row)
    db.flush()


def settle_call(db: TenantSession, call_id: UUID, values: dict[str, Any]) -> bool:
    """False when the call is not there or is settled already. The row decides, not a read."""
    statement = (
        update(CallRow)
        .where(CallRow.id == call_id, CallRow.state.in_(UNSETTLED))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", db.execute(statement)).rowcount == 1


def abandon_expired_calls(db: TenantSession, moment: datetime) -> int:
    statement = (
        update(CallRow)
        .where(CallRow.state == "reserved", CallRow.expires_at < moment)
        .values(state="abandoned")
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", db.execute(statement)).rowcount


def sum_of_calls(db: TenantSession, origin: UUID) -> tuple[int, Decimal, int]:
    """Calls, their known cost, and how many of them have an unknown cost."""
    statement = select(
        func.count(),
        func.coalesce(func.sum(CallRow.cost_usd), Decimal(0)),
        func.count().filter(CallRow.cost_usd.is_(None)),
    ).where(CallRow.origin == origin)
    calls, cost, unknown = db.execute(statement).one()
    return calls, cost or Decimal(0), unknown


def held_usd(db: TenantSession, moment: datetime) -> Decimal:
    statement = select(func.coalesce(func.sum(CallRow.hold_usd), Decimal(0))).where(
        CallRow.state == "reserved", CallRow.expires_at >= moment
    )
    return db.execute(statement).scalar_one()


def get_call(db: TenantSession, call_id: UUID) -> CallRow | None:
    return db.scalars(select(CallRow).where(CallRow.id == call_id)).one_or_none()
