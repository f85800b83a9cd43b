"""Every query of runs with actors."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

from agentverse.hybrids.models import HybridRow
from agentverse.platform.db.queries import RowPage, paginate
from agentverse.platform.db.session import TenantSession


def page_hybrids(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[HybridRow]:
    """Without their results, which hold ledgers."""
    statement = select(HybridRow).where(HybridRow.project_id == project_id)
    unread = statement.options(defer(HybridRow.request), defer(HybridRow.result))
    return paginate(db, unread, HybridRow, cursor=cursor, limit=limit)
