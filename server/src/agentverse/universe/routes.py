"""HTTP door of projects, questions, nodes and comparisons."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from agentverse.platform.http.router import ContextRouter
from agentverse.platform.http.sse import preferred_wait, wait_until
from agentverse.platform.pagination import Page
from agentverse.runs.schemas import Metric
from agentverse.universe import (
    asking,
    branching,
    changing,
    comparing,
    compiling,
    examples,
    graph,
    offering,
    planning,
    projects,
    reacting,
)
from agentverse.universe.event_schemas import BranchRequest, TuneRequest
from agentverse.universe.hybrid_schemas import Hybrid, HybridRequest, HybridSummary
from agentverse.universe.permissions import (
    ProjectsReader,
    ProjectsWatcher,
    ReadProjects,
    WriteProjects,
    WriteRuns,
)
from agentverse.universe.plan_schemas import Plan, PlanRequest
from agentverse.universe.schemas import (
    Ask,
    AskRequest,
    Comparison,
    CompilationWire,
    CompileRequest,
    DomainTemplate,
    NodeDetail,
    NodeGraph,
    Project,
    ProjectCreate,
    RunStarted,
    VariableRegistry,
)

router = ContextRouter("universe")

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="Sent again with the same request, gives the same result."),
]


@router.get("/domain-templates")
def list_domain_templates(_scope: ProjectsReader) -> list[DomainTemplate]:
    """What a project can simulate: options, parameters, alternatives and levels of each."""
    return offering.list_templates()


@router.get("/domain-templates/consumer_choice")
def get_consumer_choice(_scope: ProjectsReader) -> DomainTemplate:
    """Parameters with the values and bounds a project starts with, and where they come from."""
    return offering.consumer_choice()


@router.get("/projects")
def list_projects(db: ReadProjects, cursor: str | None = None, limit: int = 50) -> Page[Project]:
    return projects.list_projects(db, cursor=cursor, limit=limit)


@router.post("/projects", status_code=201)
def create_project(
    db: WriteProjects, body: ProjectCreate, idempotency_key: IdempotencyKey = None
) -> Project:
    return projects.create_project(db, body, idempotency_key=idempotency_key)


@router.get("/projects/{project_id}")
def get_project(db: ReadProjects, project_id: UUID) -> Project:
    return projects.get_project(db, project_id)


@router.get("/projects/{project_id}/variables")
def list_variables(db: ReadProjects, project_id: UUID) -> VariableRegistry:
    return examples.list_variables(db, project_id)


@router.post("/projects/{project_id}/compile")
def compile(  # noqa: A001 - the operation's public name
    db: ReadProjects, project_id: UUID, body: CompileRequest
) -> CompilationWire:
    """Question to scripts; runs and stores nothing."""
    return compiling.compile_only(db, project_id, asking.check_question(body.question))


@router.post("/projects/{project_id}/ask", status_code=202)
def ask(
    db: WriteProjects,
    project_id: UUID,
    body: AskRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Ask:
    accepted = asking.ask(db, project_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/asks/{accepted.id}"
    return accepted


@router.get("/projects/{project_id}/asks")
def list_asks(
    db: ReadProjects, project_id: UUID, cursor: str | None = None, limit: int = 50
) -> Page[Ask]:
    return asking.list_asks(db, project_id, cursor=cursor, limit=limit)


@router.get("/asks/{ask_id}")
async def get_ask(
    standing: ProjectsWatcher, ask_id: UUID, prefer: Annotated[str | None, Header()] = None
) -> Ask:
    """Long poll with `Prefer: wait=30`."""
    return await wait_until(
        partial(_read_ask, standing, ask_id), asking.is_settled, seconds=preferred_wait(prefer)
    )


def _read_ask(standing: ProjectsWatcher, ask_id: UUID) -> Ask:
    return asking.read_ask(standing.scope(), ask_id)


@router.post("/projects/{project_id}/plans", status_code=202)
def start_plan(
    db: WriteProjects,
    project_id: UUID,
    body: PlanRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Plan:
    """Target mode: what one decision maker should do; searched, then ranked by real ensembles."""
    accepted = planning.start(db, project_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/plans/{accepted.id}"
    return accepted


@router.get("/projects/{project_id}/plans")
def list_plans(
    db: ReadProjects, project_id: UUID, cursor: str | None = None, limit: int = 50
) -> Page[Plan]:
    return planning.list_plans(db, project_id, cursor=cursor, limit=limit)


@router.get("/plans/{plan_id}")
async def get_plan(
    standing: ProjectsWatcher, plan_id: UUID, prefer: Annotated[str | None, Header()] = None
) -> Plan:
    """Long poll with `Prefer: wait=30`."""
    return await wait_until(
        partial(_read_plan, standing, plan_id), planning.is_settled, seconds=preferred_wait(prefer)
    )


def _read_plan(standing: ProjectsWatcher, plan_id: UUID) -> Plan:
    return planning.read_plan(standing.scope(), plan_id)


@router.post("/plans/{plan_id}/cancel", status_code=202)
def cancel_plan(db: WriteProjects, plan_id: UUID) -> Plan:
    return planning.cancel(db, plan_id)


@router.post("/projects/{project_id}/hybrids", status_code=202)
def start_hybrid(
    db: WriteProjects,
    project_id: UUID,
    body: HybridRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Hybrid:
    """Hybrid mode: a node with actors in it who react to what they see, against it without."""
    accepted = reacting.start(db, project_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/hybrids/{accepted.id}"
    return accepted


@router.get("/projects/{project_id}/hybrids")
def list_hybrids(
    db: ReadProjects, project_id: UUID, cursor: str | None = None, limit: int = 50
) -> Page[HybridSummary]:
    return reacting.list_hybrids(db, project_id, cursor=cursor, limit=limit)


@router.get("/hybrids/{hybrid_id}")
async def get_hybrid(
    standing: ProjectsWatcher, hybrid_id: UUID, prefer: Annotated[str | None, Header()] = None
) -> Hybrid:
    """Long poll with `Prefer: wait=30`."""
    return await wait_until(
        partial(_read_hybrid, standing, hybrid_id),
        reacting.is_settled,
        seconds=preferred_wait(prefer),
    )


def _read_hybrid(standing: ProjectsWatcher, hybrid_id: UUID) -> Hybrid:
    return reacting.read_hybrid(standing.scope(), hybrid_id)


@router.post("/hybrids/{hybrid_id}/cancel", status_code=202)
def cancel_hybrid(db: WriteProjects, hybrid_id: UUID) -> Hybrid:
    return reacting.cancel(db, hybrid_id)


@router.get("/nodes")
def list_nodes(db: ReadProjects, project_id: UUID) -> NodeGraph:
    return graph.list_nodes(db, project_id)


@router.get("/nodes/{node_id}")
def get_node(db: ReadProjects, node_id: UUID) -> NodeDetail:
    return graph.node_detail(db, node_id)


@router.post("/nodes/{node_id}/run", status_code=202)
def run_node(db: WriteRuns, node_id: UUID) -> RunStarted:
    return branching.run_node(db, node_id)


@router.post("/nodes/{node_id}/tune", status_code=201)
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


@router.post("/nodes/{node_id}/branch", status_code=201)
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


@router.get("/nodes/{node_id}/compare/{other_id}")
def compare_nodes(
    scope: ProjectsReader,
    node_id: UUID,
    other_id: UUID,
    metric: Annotated[
        Metric | None, Query(description="Default: the first of the project's metrics.")
    ] = None,
    from_tick: int | None = None,
    to_tick: int | None = None,
) -> Comparison:
    """node_id is the base, other_id the branch."""
    return comparing.compare(
        scope, node_id, other_id, metric=metric, from_tick=from_tick, to_tick=to_tick
    )
