"""Every query of populations."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

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


def find_population(
    db: TenantSession, population_id: UUID, *, for_update: bool = False
) -> PopulationRow | None:
    statement = select(PopulationRow).where(PopulationRow.id == population_id)
    return db.scalars(statement.with_for_update() if for_update else statement).one_or_none()


def page_populations(
    db: TenantSession, *, cursor: str | None, limit: int
) -> RowPage[PopulationRow]:
    """Without what was seen in their files."""
    statement = select(PopulationRow).options(
        defer(PopulationRow.inspection), defer(PopulationRow.request), defer(PopulationRow.report)
    )
    return paginate(db, statement, PopulationRow, cursor=cursor, limit=limit)


def names_of(
    db: TenantSession, population_ids: Iterable[UUID]
) -> Sequence[tuple[UUID, str, int | None, list[dict[str, Any]] | None]]:
    """Id, name, personas and the alternatives of the mapping, nothing of the file."""
    alternatives = PopulationRow.request["mapping"]["alternatives"]
    statement = select(
        PopulationRow.id, PopulationRow.name, PopulationRow.personas, alternatives
    ).where(PopulationRow.id.in_(list(population_ids)))
    return [(row[0], row[1], row[2], row[3]) for row in db.execute(statement)]
