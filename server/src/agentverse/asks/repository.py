"""Every query of questions."""

from uuid import UUID

from sqlalchemy import select

from agentverse.asks.errors import AskNotFound
from agentverse.asks.models import AskRow
from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession

NO_ASK = "There is no question with this id. List a project's with GET /api/v1/projects/{id}/asks."


def get_ask(db: TenantSession, ask_id: UUID, *, for_update: bool = False) -> AskRow:
    return get_or_raise(db, AskRow, ask_id, AskNotFound, NO_ASK, for_update=for_update)


def page_asks(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[AskRow]:
    statement = select(AskRow).where(AskRow.project_id == project_id)
    return paginate(db, statement, AskRow, cursor=cursor, limit=limit)
