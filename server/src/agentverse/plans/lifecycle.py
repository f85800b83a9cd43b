"""Plans from request to answer: entered, cancelled, listed, read."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from agentverse import tasks, universe
from agentverse.plans import conversion, repository, seeking
from agentverse.plans.errors import PlanAlreadyFinished
from agentverse.plans.models import PlanRow
from agentverse.plans.schemas import Plan, PlanRequest, PlanResult, SearchPlan
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.request_digests import digest_of
from agentverse.platform.scope import Scope
from agentverse.runs import checkpointing
from agentverse.tasks import UNFINISHED, TaskKind, TaskStatus
from agentverse.universe import branching, variables
from agentverse.universe.bases import whole_basis


def _follow(db: TenantSession, plan_id: UUID, status: TaskStatus) -> None:
    row = repository.find_plan(db, plan_id)
    if row is not None:
        row.status = status
    if status not in UNFINISHED:
        checkpointing.forget(db, plan_id)


PLANS: Final = tasks.declare(
    TaskKind(
        name="plan",
        subject_type="plan",
        noun="search",
        payload=SearchPlan,
        read_permission="projects:read",
        write_permission="projects:write",
        already_finished=PlanAlreadyFinished,
        on_status=_follow,
    )
)


def start(
    db: TenantSession, project_id: UUID, request: PlanRequest, *, idempotency_key: str | None = None
) -> Plan:
    """Checked by the engine at once, searched in a job; row, audit and job together."""
    project = universe.get_project(db, project_id)
    plan_id = new_id()
    digest = digest_of(request, project_id)
    earlier_id = tasks.made_before(db, idempotency_key, digest, resource_id=plan_id)
    if earlier_id is not None:
        return _view(db, earlier_id)
    node = branching.parent_of(db, project, request.node_id, field="node_id")
    registry = variables.load_registry(db, project)
    inherited = branching.chain_scripts(db, node)
    if request.seek is not None:
        seeking.check(seeking.of(registry, project, inherited, request.seek), request)
    else:
        problem = conversion.problem_of(registry, project, inherited, request)
        conversion.check_values(registry, problem, request)
    db.add(
        PlanRow(
            id=plan_id,
            project_id=project.id,
            node_id=node.id,
            request=request.model_dump(mode="json"),
        )
    )
    db.flush()
    tasks.enter(
        db,
        PLANS,
        plan_id,
        title=f"{project.name}: {node.label}",
        total=None,  # how many paths there are to look at is found by looking
        project_id=project.id,
        after={"project_id": str(project.id)},
    )
    return _view(db, plan_id)


def cancel(db: TenantSession, plan_id: UUID) -> Plan:
    """A queued plan ends at once; a running one before its next path.

    Raises PlanNotFound, PlanAlreadyFinished.
    """
    repository.get_plan(db, plan_id)
    tasks.cancel_subject(db, plan_id)
    return _view(db, plan_id)


def list_plans(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> Page[Plan]:
    universe.get_project(db, project_id)
    page = repository.page_plans(db, project_id, cursor=cursor, limit=limit)
    return Page(items=_views(db, page.items), next_cursor=page.next_cursor)


def read_plan(scope: Scope, plan_id: UUID) -> Plan:
    with tenant_session(scope, read_only=True) as db:
        return _view(db, plan_id)


def is_settled(plan: Plan) -> bool:
    return plan.status not in UNFINISHED


def _view(db: TenantSession, plan_id: UUID) -> Plan:
    return _views(db, [repository.get_plan(db, plan_id)])[0]


def _views(db: TenantSession, rows: Sequence[PlanRow]) -> list[Plan]:
    searches = tasks.latest(db, [row.id for row in rows])
    resting = {one: whole_basis(db, one) for one in {row.project_id for row in rows}}
    return [
        Plan(
            id=row.id,
            project_id=row.project_id,
            node_id=row.node_id,
            status=searches[row.id].status,
            explored=searches[row.id].progress.done,
            request=PlanRequest.model_validate(row.request),
            result=None if row.result is None else PlanResult.model_validate(row.result),
            basis=resting[row.project_id],
            problem=searches[row.id].problem,
            created_at=row.created_at,
            started_at=searches[row.id].started_at,
            finished_at=searches[row.id].finished_at,
        )
        for row in rows
    ]
