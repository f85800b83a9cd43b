"""The queries every context needs: one row or a named error, one page, an insert that may lose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from agentverse.platform.db.base import TenantOwned
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import NotFound
from agentverse.platform.pagination import DEFAULT_LIMIT, decode_cursor, encode_cursor, page_size

TenantRow = TypeVar("TenantRow", bound=TenantOwned)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage(Generic[TenantRow]):
    """Rows of one page; routes return it with `response_model=Page[Wire]`."""

    items: Sequence[TenantRow]
    next_cursor: str | None


def get_or_raise(
    db: TenantSession,
    model: type[TenantRow],
    row_id: UUID,
    error: type[NotFound],
    detail: str,
    *,
    for_update: bool = False,
) -> TenantRow:
    """The tenant's row with this id. A missing and a foreign id raise the very same error."""
    statement = select(model).where(model.id == row_id)
    row = db.scalars(statement.with_for_update() if for_update else statement).one_or_none()
    if row is None:
        raise error(detail)
    return row


def paginate(
    db: TenantSession,
    statement: Select[Any],
    model: type[TenantRow],
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    oldest_first: bool = False,
) -> RowPage[TenantRow]:
    """Newest first unless asked otherwise; `statement` selects `model`, with its own filters."""
    size = page_size(limit)
    if cursor is not None:
        last = decode_cursor(cursor)
        statement = statement.where(model.id > last if oldest_first else model.id < last)
    order = model.id.asc() if oldest_first else model.id.desc()
    rows = db.scalars(statement.order_by(order).limit(size + 1)).all()
    more = len(rows) > size
    items = rows[:size]
    return RowPage(items=items, next_cursor=encode_cursor(items[-1].id) if more else None)


def insert(db: TenantSession, row: TenantOwned) -> bool:
    """False when a row with the same unique values is there already; nothing is lost then."""
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError:
        return False
    return True
