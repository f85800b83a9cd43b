"""Runs with actors from request to answer: entered, cancelled, listed, read."""

from uuid import UUID

from agentverse import universe
from agentverse.hybrids import conversion, repository
from agentverse.hybrids.life import HYBRIDS
from agentverse.hybrids.models import HybridRow
from agentverse.hybrids.schemas import Hybrid, HybridRequest, HybridSummary, SimulateHybrid
from agentverse.plans import inquiries
from agentverse.plans.inquiries import UNFINISHED
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.idempotency import digest_of
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.universe import branching, variables


def start(
    db: TenantSession,
    project_id: UUID,
    request: HybridRequest,
    *,
    idempotency_key: str | None = None,
) -> Hybrid:
    """Checked by the engine at once, run in a job; row, audit and job together."""
    project = universe.get_project(db, project_id)
    digest = digest_of(request, project_id)
    known = inquiries.known(db, HYBRIDS, idempotency_key, digest)
    if known is not None:
        return Hybrid.model_validate(known)
    node = branching.parent_of(db, project, request.node_id, field="node_id")
    registry = variables.load_registry(db, project)
    scenario = conversion.scenario_of(db, project, registry, node)
    troupe = conversion.troupe_of(scenario, request)
    conversion.check_values(registry, scenario, troupe, request)
    row = HybridRow(
        id=new_id(),
        project_id=project.id,
        node_id=node.id,
        status="queued",
        request=request.model_dump(mode="json"),
        idempotency_key=idempotency_key,
        request_digest=digest,
    )
    if not inquiries.enter(db, HYBRIDS, row, SimulateHybrid(hybrid_id=row.id)):
        return start(db, project_id, request, idempotency_key=idempotency_key)
    return Hybrid.model_validate(row)


def cancel(db: TenantSession, hybrid_id: UUID) -> Hybrid:
    """A queued one ends at once; a running one between two ticks."""
    return Hybrid.model_validate(inquiries.cancel(db, HYBRIDS, hybrid_id))


def list_hybrids(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> Page[HybridSummary]:
    universe.get_project(db, project_id)
    page = repository.page_hybrids(db, project_id, cursor=cursor, limit=limit)
    return Page(
        items=[HybridSummary.model_validate(row) for row in page.items],
        next_cursor=page.next_cursor,
    )


def read_hybrid(scope: Scope, hybrid_id: UUID) -> Hybrid:
    with tenant_session(scope, read_only=True) as db:
        return Hybrid.model_validate(inquiries.get(db, HYBRIDS, hybrid_id))


def is_settled(hybrid: Hybrid) -> bool:
    return hybrid.status not in UNFINISHED
