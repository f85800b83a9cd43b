"""HTTP door of projects and their nodes."""

from uuid import UUID

from fastapi import Response

from agentverse.platform.http.context_router import ContextRouter, audits, stores_nothing
from agentverse.platform.http.headers import IdempotencyKey, IfMatch, tagged
from agentverse.platform.pagination import MAXIMUM_LIMIT, Page
from agentverse.runs.schemas import TemplateName
from agentverse.universe import (
    branching,
    changing,
    graph,
    projects,
    role_offers,
    template_options,
    upkeep,
)
from agentverse.universe.event_schemas import BranchRequest, TunePreview, TuneRequest
from agentverse.universe.permissions import (
    ProjectsReader,
    ReadProjects,
    WritePopulations,
    WriteProjects,
    WriteRuns,
)
from agentverse.universe.schemas import (
    DomainTemplate,
    NodeDetail,
    NodeGraph,
    Project,
    ProjectCreate,
    ProjectUpdate,
    RoleOffer,
    RunStarted,
)

router = ContextRouter("universe")


@router.get("/domain-templates")
def list_domain_templates(_scope: ProjectsReader) -> list[DomainTemplate]:
    """What a project can simulate: options, parameters, alternatives and levels of each."""
    return template_options.list_templates()


@router.get("/domain-roles")
def list_roles(
    db: ReadProjects, population_id: UUID, template: TemplateName = "election"
) -> list[RoleOffer]:
    """What this template can take from a population, and from which of its columns."""
    return role_offers.offers(db, template, population_id)


@router.get("/projects")
def list_projects(db: ReadProjects, cursor: str | None = None, limit: int = 50) -> Page[Project]:
    return projects.list_projects(db, cursor=cursor, limit=limit)


@router.post("/projects", status_code=201)
@audits("project.create")
def create_project(
    db: WriteProjects, body: ProjectCreate, idempotency_key: IdempotencyKey = None
) -> Project:
    return projects.create_project(db, body, idempotency_key=idempotency_key)


@router.get("/projects/{project_id}")
def get_project(db: ReadProjects, project_id: UUID, response: Response) -> Project:
    return tagged(response, projects.get_project(db, project_id))


@router.patch("/projects/{project_id}")
@audits("project.update")
def update_project(
    db: WriteProjects,
    project_id: UUID,
    body: ProjectUpdate,
    response: Response,
    if_match: IfMatch = None,
) -> Project:
    """Its name, goal and tags, and who reads its questions: nothing that a result depends on."""
    return tagged(response, projects.update_project(db, project_id, body, if_match=if_match))


@router.delete("/projects/{project_id}", status_code=204)
@audits("project.delete")
def delete_project(db: WriteProjects, project_id: UUID) -> None:
    """With its map, runs and files; refused while anything of it is computed."""
    upkeep.delete_project(db, project_id)


@router.delete("/populations/{population_id}", status_code=204)
@audits("population.delete")
def delete_population(db: WritePopulations, population_id: UUID) -> None:
    """With its files; refused while a project uses it, naming the projects."""
    upkeep.delete_population(db, population_id)


@router.get("/nodes")
def list_nodes(
    db: ReadProjects, project_id: UUID, cursor: str | None = None, limit: int = MAXIMUM_LIMIT
) -> NodeGraph:
    return graph.list_nodes(db, project_id, cursor=cursor, limit=limit)


@router.get("/nodes/{node_id}")
def get_node(db: ReadProjects, node_id: UUID) -> NodeDetail:
    return graph.node_detail(db, node_id)


@router.post("/nodes/{node_id}/run", status_code=202)
@audits("node.run")
def run_node(db: WriteRuns, node_id: UUID) -> RunStarted:
    return branching.run_node(db, node_id)


@router.post("/nodes/{node_id}/tune", status_code=201)
@audits("node.create")
def tune_node(
    db: WriteProjects,
    node_id: UUID,
    body: TuneRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NodeDetail:
    """A child node with these values from tick 0 on; its runs are started."""
    made = changing.tune(db, node_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/nodes/{made.id}"
    return made


@router.post("/nodes/{node_id}/tune/preview")
@stores_nothing
def preview_tune(db: ReadProjects, node_id: UUID, body: TuneRequest) -> TunePreview:
    """What these values would change, and what speaks against each of them; nothing is made."""
    return changing.preview(db, node_id, body)


@router.post("/nodes/{node_id}/branch", status_code=201)
@audits("node.create")
def branch_node(
    db: WriteProjects,
    node_id: UUID,
    body: BranchRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> NodeDetail:
    """A child node with these events, of every kind the engine knows; its runs are started."""
    made = changing.branch(db, node_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/nodes/{made.id}"
    return made
