"""Every query of runs with actors."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

from agentverse.hybrids.errors import HybridNotFound
from agentverse.hybrids.models import HybridRow
from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession

NO_HYBRID = (
    "There is no run with actors with this id. List a project's with "
    "GET /api/v1/projects/{id}/hybrids."
)


def get_hybrid(db: TenantSession, hybrid_id: UUID) -> HybridRow:
    return get_or_raise(db, HybridRow, hybrid_id, HybridNotFound, NO_HYBRID)


def find_hybrid(db: TenantSession, hybrid_id: UUID) -> HybridRow | None:
    return db.scalars(select(HybridRow).where(HybridRow.id == hybrid_id)).one_or_none()


def page_hybrids(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[HybridRow]:
    """Without their results, which hold ledgers."""
    statement = select(HybridRow).where(HybridRow.project_id == project_id)
    unread = statement.options(defer(HybridRow.request), defer(HybridRow.result))
    return paginate(db, unread, HybridRow, cursor=cursor, limit=limit)
