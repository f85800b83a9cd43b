"""Projects deleted with all that is theirs; populations once no project names them."""

from uuid import UUID

from agentverse import audit, populations, runs, tasks
from agentverse.platform.db.session import TenantSession
from agentverse.universe import repository
from agentverse.universe.errors import PopulationInUse, ProjectBusy

MOST_NAMED = 5


def delete_project(db: TenantSession, project_id: UUID) -> None:
    """Delete a project with its map, runs and files; the audit keeps that it was.

    Raises ProjectBusy while anything of it is computed.
    """
    row = repository.get_project(db, project_id, for_update=True)
    working = tasks.unfinished_in(db, row.id)
    if working:
        raise ProjectBusy(
            f"“{row.name}” is still working on {working} "
            f"{'task' if working == 1 else 'tasks'}. Cancel them under Activity, or wait, then "
            "delete it."
        )
    runs.remove_of_project(db, row.id)
    tasks.forget(db, project_id=row.id)
    audit.record(
        db,
        action="project.delete",
        resource_type="project",
        resource_id=row.id,
        before={"name": row.name, "slug": row.slug, "population_id": str(row.population_id)},
    )
    # Nodes, and all that names a node or the project, go with it: their keys cascade.
    db.delete(row)
    db.flush()


def delete_population(db: TenantSession, population_id: UUID) -> None:
    """Raises PopulationInUse while a project names it, or ImportRunning."""
    population = populations.get_population(db, population_id)
    names = repository.project_names_of(db, population_id)
    if names:
        shown = ", ".join(f"“{name}”" for name in names[:MOST_NAMED])
        rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        raise PopulationInUse(
            f"“{population.name}” is used by {shown}{rest}. Delete "
            f"{'that project' if len(names) == 1 else 'those projects'} first.",
            projects=names,
        )
    populations.remove_population(db, population_id)
