"""Every query of populations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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


def unimported_before(db: TenantSession, moment: datetime) -> Sequence[PopulationRow]:
    """Uploads that were not touched since and from which nothing was made, locked."""
    statement = select(PopulationRow).where(
        PopulationRow.status.in_(["uploaded", "failed"]), PopulationRow.updated_at < moment
    )
    return db.scalars(statement.order_by(PopulationRow.id).with_for_update()).all()


def keys_in_use(db: TenantSession) -> set[str]:
    """Every stored file that a population names."""
    columns = (PopulationRow.upload_key, PopulationRow.snapshot_key, PopulationRow.refused_key)
    return {key for row in db.execute(select(*columns)) for key in row if key}


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
