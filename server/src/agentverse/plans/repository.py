"""Every query of plans, and of what they share with every request that a job answers."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from agentverse.plans.models import Inquiry, PlanRow
from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import NotFound

InquiryRow = TypeVar("InquiryRow", bound=Inquiry)


def get_inquiry(
    db: TenantSession,
    model: type[InquiryRow],
    inquiry_id: UUID,
    missing: type[NotFound],
    advice: str,
    *,
    for_update: bool = False,
) -> InquiryRow:
    """missing, advice: the error when there is none, and what it says."""
    return get_or_raise(db, model, inquiry_id, missing, advice, for_update=for_update)


def find_inquiry_by_key(db: TenantSession, model: type[InquiryRow], key: str) -> InquiryRow | None:
    return db.scalars(select(model).where(model.idempotency_key == key)).one_or_none()


def page_plans(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[PlanRow]:
    statement = select(PlanRow).where(PlanRow.project_id == project_id)
    return paginate(db, statement, PlanRow, cursor=cursor, limit=limit)
