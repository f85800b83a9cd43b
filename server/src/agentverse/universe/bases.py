"""What the numbers of a project rest on."""

from uuid import UUID

from agentverse import populations
from agentverse.platform.db.session import TenantSession
from agentverse.populations.schemas import DecisionMapping
from agentverse.runs import launches
from agentverse.runs.basis import basis_of
from agentverse.runs.schemas import Basis, ShareKind
from agentverse.universe import repository
from agentverse.universe.headlines import Headline, headline_of
from agentverse.universe.models import ProjectRow
from agentverse.universe.variables import template_of_project


def headline_basis(
    project: ProjectRow, headline: Headline, decision: DecisionMapping, metric: ShareKind | None
) -> Basis:
    """metric: the share that the headline reads; None: whatever a run holds."""
    return basis_of(
        template_of_project(project), variant=headline.variant, decision=decision, metric=metric
    )


def whole_basis(db: TenantSession, project_id: UUID) -> Basis:
    """Of a plan or of a run with actors, which may read anything. Raises ProjectNotFound."""
    project = repository.get_project(db, project_id)
    baseline = launches.of_node(db, repository.root_of(db, project_id).id).explored
    people = populations.named_populations(db, [project.population_id])[project.population_id]
    return headline_basis(project, headline_of(project, baseline), people.decision, None)
