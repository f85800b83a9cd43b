"""Every query of populations."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession
from agentverse.populations.errors import PopulationNotFound
from agentverse.populations.models import PopulationRow


def get_population(
    db: TenantSession, population_id: UUID, *, for_update: bool = False
) -> PopulationRow:
    return get_or_raise(
        db,
        PopulationRow,
        population_id,
        PopulationNotFound,
        "There is no such population. It may have been removed; open the list of populations.",
        for_update=for_update,
    )


def page_populations(
    db: TenantSession, *, cursor: str | None, limit: int
) -> RowPage[PopulationRow]:
    return paginate(db, select(PopulationRow), PopulationRow, cursor=cursor, limit=limit)


def store_stage(db: TenantSession, population_id: UUID, stage: dict[str, Any]) -> None:
    """Note how far an import is; says nothing once it has ended."""
    db.execute(
        update(PopulationRow)
        .where(PopulationRow.id == population_id, PopulationRow.status == "importing")
        .values(stage=stage)
    )
