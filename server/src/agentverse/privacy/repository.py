"""Every query of privacy. The tables of other contexts are read and erased by the catalogue."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import String

from agentverse.platform.db.base import Row
from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession
from agentverse.privacy.errors import PrivacyRequestNotFound
from agentverse.privacy.models import PrivacyRequestRow, RetentionPolicyRow
from agentverse.privacy.table_catalogue import TABLES, TableEntry

ROWS_AT_A_TIME = 500


def tables() -> list[str]:
    """Of the catalogue, each before those that refer to it."""
    return [table.name for table in Row.metadata.sorted_tables if table.name in TABLES]


def rows_of(
    db: TenantSession, name: str, *, user_id: UUID | None = None
) -> Iterator[Mapping[str, Any]]:
    """The tenant's rows, oldest first, without secrets; a user's own where one is named."""
    entry, table = TABLES[name], Row.metadata.tables[name]
    owner = table.c.id if name == "tenants" else table.c.tenant_id
    columns = [column for column in table.columns if column.name not in entry.secret]
    statement = select(*columns).where(owner == db.scope.tenant_id)
    if user_id is not None:
        statement = statement.where(_is_of(table, entry, user_id))
    statement = statement.order_by(*table.primary_key.columns)
    result = db.execute(statement.execution_options(yield_per=ROWS_AT_A_TIME))
    names = [column.name for column in columns]
    yield from (dict(zip(names, row, strict=True)) for row in result)


def _is_of(table: Table, entry: TableEntry, user_id: UUID) -> Any:
    wanted = {"id": user_id, "text": f"user:{user_id}"}
    return or_(*(table.c[column] == wanted[how] for column, how in entry.users))


def erase_tenant(db: TenantSession, *, kept_task: UUID) -> int:
    """db: of `erasing_session`. How many rows are gone; those that refer to others first."""
    wanted = [name for name in reversed(tables()) if not TABLES[name].kept]
    erased = func.app.erase_tenant(literal(wanted, ARRAY(String)), kept_task)
    return int(db.scalar(select(erased)) or 0)


def erase_audit_words(
    db: TenantSession,
    *,
    of_actor: UUID | None = None,
    about: str | None = None,
    older_than: datetime | None = None,
) -> int:
    """db: of `erasing_session`. The entries stay, and what proves them.

    of_actor: what they did and what was done to them; about: and what names this address.
    """
    erased = func.app.erase_audit_words(of_actor, about, older_than)
    return int(db.scalar(select(erased)) or 0)


def page_requests(
    db: TenantSession, *, user_id: UUID | None, cursor: str | None, limit: int
) -> RowPage[PrivacyRequestRow]:
    """Newest first; of one user only, where one is named."""
    statement = select(PrivacyRequestRow)
    if user_id is not None:
        statement = statement.where(PrivacyRequestRow.user_id == user_id)
    return paginate(db, statement, PrivacyRequestRow, cursor=cursor, limit=limit)


def get_request(
    db: TenantSession, request_id: UUID, *, for_update: bool = False
) -> PrivacyRequestRow:
    return get_or_raise(
        db,
        PrivacyRequestRow,
        request_id,
        PrivacyRequestNotFound,
        "Look up its id in GET /api/v1/privacy/requests.",
        for_update=for_update,
    )


def export_keys(db: TenantSession) -> Sequence[str]:
    return [
        key
        for key in db.scalars(
            select(PrivacyRequestRow.file_key).where(PrivacyRequestRow.file_key.is_not(None))
        )
        if key is not None
    ]


def expired_exports(db: TenantSession, moment: datetime) -> Sequence[PrivacyRequestRow]:
    return db.scalars(
        select(PrivacyRequestRow)
        .where(PrivacyRequestRow.file_key.is_not(None), PrivacyRequestRow.expires_at <= moment)
        .with_for_update(skip_locked=True)
    ).all()


def policies(db: TenantSession) -> dict[str, int]:
    """Days by resource, of those that have a policy."""
    return {row.resource: row.days for row in db.scalars(select(RetentionPolicyRow))}


def set_policy(db: TenantSession, resource: str, days: int | None) -> None:
    db.execute(delete(RetentionPolicyRow).where(RetentionPolicyRow.resource == resource))
    if days is not None:
        db.add(RetentionPolicyRow(resource=resource, days=days))
        db.flush()
