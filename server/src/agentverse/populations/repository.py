"""Every query of populations."""

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationNames:
    """alternatives, decision: as the mapping has them; marginals: of the survey, in the report."""

    id: UUID
    name: str
    personas: int | None
    alternatives: list[dict[str, Any]]
    marginals: list[dict[str, Any]]
    decision: dict[str, Any]


def names_of(db: TenantSession, population_ids: Iterable[UUID]) -> list[PopulationNames]:
    """Nothing of the file, and of the report what the survey chose."""
    statement = select(
        PopulationRow.id,
        PopulationRow.name,
        PopulationRow.personas,
        PopulationRow.request["mapping"]["alternatives"],
        PopulationRow.report["fit"]["marginals"],
        PopulationRow.request["mapping"]["decision"],
    ).where(PopulationRow.id.in_(list(population_ids)))
    return [
        PopulationNames(
            id=row[0],
            name=row[1],
            personas=row[2],
            alternatives=row[3] or [],
            marginals=row[4] or [],
            decision=row[5] or {},
        )
        for row in db.execute(statement)
    ]
