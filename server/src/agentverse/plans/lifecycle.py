"""Plans from request to answer: entered, cancelled, listed, read."""

from uuid import UUID

from agentverse import universe
from agentverse.plans import conversion, inquiries, repository
from agentverse.plans.inquiries import PLANS, UNFINISHED
from agentverse.plans.models import PlanRow
from agentverse.plans.schemas import Plan, PlanRequest, SearchPlan
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.idempotency import digest_of
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.universe import branching, variables


def start(
    db: TenantSession, project_id: UUID, request: PlanRequest, *, idempotency_key: str | None = None
) -> Plan:
    """Checked by the engine at once, searched in a job; row, audit and job together."""
    project = universe.get_project(db, project_id)
    digest = digest_of(request, project_id)
    known = inquiries.known(db, PLANS, idempotency_key, digest)
    if known is not None:
        return Plan.model_validate(known)
    node = branching.parent_of(db, project, request.node_id, field="node_id")
    registry = variables.load_registry(db, project)
    inherited = branching.chain_scripts(db, node)
    problem = conversion.problem_of(registry, project, inherited, request)
    conversion.check_values(registry, problem, request)
    row = PlanRow(
        id=new_id(),
        project_id=project.id,
        node_id=node.id,
        status="queued",
        request=request.model_dump(mode="json"),
        idempotency_key=idempotency_key,
        request_digest=digest,
    )
    if not inquiries.enter(db, PLANS, row, SearchPlan(plan_id=row.id)):
        return start(db, project_id, request, idempotency_key=idempotency_key)
    return Plan.model_validate(row)


def cancel(db: TenantSession, plan_id: UUID) -> Plan:
    """A queued plan ends at once; a running one before its next path."""
    return Plan.model_validate(inquiries.cancel(db, PLANS, plan_id))


def list_plans(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> Page[Plan]:
    universe.get_project(db, project_id)
    page = repository.page_plans(db, project_id, cursor=cursor, limit=limit)
    return Page(
        items=[Plan.model_validate(row) for row in page.items], next_cursor=page.next_cursor
    )


def read_plan(scope: Scope, plan_id: UUID) -> Plan:
    with tenant_session(scope, read_only=True) as db:
        return Plan.model_validate(inquiries.get(db, PLANS, plan_id))


def is_settled(plan: Plan) -> bool:
    return plan.status not in UNFINISHED
