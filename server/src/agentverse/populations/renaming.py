"""Populations renamed and tagged."""

from uuid import UUID

from agentverse import audit
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError
from agentverse.platform.tags import tidy_tags
from agentverse.platform.versions import refuse_stale
from agentverse.populations import lifecycle, repository
from agentverse.populations.errors import NameMissing
from agentverse.populations.lifecycle import IMPORTS
from agentverse.populations.schemas import PopulationDetail, PopulationUpdate


def update_population(
    db: TenantSession,
    population_id: UUID,
    request: PopulationUpdate,
    *,
    if_match: str | None = None,
) -> PopulationDetail:
    """What it is made of never changes. Raises NameMissing or ChangedMeanwhile."""
    row = repository.get_population(db, population_id, for_update=True)
    refuse_stale(if_match, lifecycle.detail(db, row))
    before = {"name": row.name, "tags": row.tags}
    if request.name is not None:
        row.name = _name(request.name)
    if request.tags is not None:
        row.tags = tidy_tags(request.tags)
    db.flush()
    audit.record(
        db,
        action="population.update",
        resource_type=IMPORTS.subject_type,
        resource_id=row.id,
        before=before,
        after={"name": row.name, "tags": row.tags},
    )
    return lifecycle.detail(db, row)


def _name(name: str) -> str:
    if not name.strip():
        raise NameMissing(
            "Give the population a name.", errors=[FieldError(field="name", message="is blank")]
        )
    return name.strip()
