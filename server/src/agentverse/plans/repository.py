"""Every query of plans."""

from uuid import UUID

from sqlalchemy import select

from agentverse.plans.errors import PlanNotFound
from agentverse.plans.models import PlanRow
from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession

NO_PLAN = "There is no plan with this id. List a project's with GET /api/v1/projects/{id}/plans."


def get_plan(db: TenantSession, plan_id: UUID) -> PlanRow:
    return get_or_raise(db, PlanRow, plan_id, PlanNotFound, NO_PLAN)


def find_plan(db: TenantSession, plan_id: UUID) -> PlanRow | None:
    return db.scalars(select(PlanRow).where(PlanRow.id == plan_id)).one_or_none()


def page_plans(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[PlanRow]:
    statement = select(PlanRow).where(PlanRow.project_id == project_id)
    return paginate(db, statement, PlanRow, cursor=cursor, limit=limit)
