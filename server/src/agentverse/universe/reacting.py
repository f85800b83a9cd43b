"""Hybrid mode of a project: a node run with actors in it and without, in a job, and compared."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import agentverse_engine
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.universe import branching, coupling, inquiries, repository, variables, wording
from agentverse.universe.asking import parent_of
from agentverse.universe.hybrid_schemas import (
    Hybrid,
    HybridRequest,
    HybridResult,
    HybridSummary,
    SimulateHybrid,
)
from agentverse.universe.inquiries import HYBRIDS, UNFINISHED
from agentverse.universe.models import HybridRow, NodeRow, ProjectRow
from agentverse.universe.variables import Registry
from agentverse_engine import Scenario
from agentverse_engine.errors import Cancelled, EngineError
from agentverse_engine.hybrid import simulate_hybrid


def start(
    db: TenantSession,
    project_id: UUID,
    request: HybridRequest,
    *,
    idempotency_key: str | None = None,
) -> Hybrid:
    """Checked by the engine at once, run in a job; row, audit and job together."""
    project = repository.get_project(db, project_id)
    digest = inquiries.digest_of(project_id, request)
    known = inquiries.known(db, HYBRIDS, idempotency_key, digest)
    if known is not None:
        return Hybrid.model_validate(known)
    node = parent_of(db, project, request.node_id)
    registry = variables.load_registry(db, project)
    coupling.troupe_of(_scenario(db, project, registry, node), request)
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
    repository.get_project(db, project_id)
    page = repository.page_hybrids(db, project_id, cursor=cursor, limit=limit)
    return Page(
        items=[HybridSummary.model_validate(row) for row in page.items],
        next_cursor=page.next_cursor,
    )


def read_hybrid(scope: Scope, hybrid_id: UUID) -> Hybrid:
    with tenant_session(scope, read_only=True) as db:
        return Hybrid.model_validate(repository.get_inquiry(db, HybridRow, hybrid_id))


def is_settled(hybrid: Hybrid) -> bool:
    return hybrid.status not in UNFINISHED


def simulate(scope: Scope, hybrid_id: UUID) -> None:
    """May run twice: the row says whether anything is left to do; both runs are deterministic."""
    claimed = _claim(scope, hybrid_id)
    if claimed is None:
        return
    watch = HybridWatch(scope=scope, hybrid_id=hybrid_id, attempt=claimed.attempt)
    try:
        result = _played(claimed, watch)
    except Cancelled:
        _end(scope, hybrid_id, claimed.attempt, "cancelled")
    except EngineError as error:
        raise coupling.invalid(error) from error
    else:
        finding = _finding(claimed, result)
        _end(scope, hybrid_id, claimed.attempt, "succeeded", finding=finding, result=result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """All that a run with actors needs, read in one transaction."""

    attempt: int
    request: HybridRequest
    project: ProjectRow
    registry: Registry
    scenario: Scenario


class HybridWatch:
    """Tells the row how far both runs are, and heeds a cancellation between two ticks."""

    def __init__(self, *, scope: Scope, hybrid_id: UUID, attempt: int) -> None:
        self.done = 0.0
        self.watch = inquiries.Watch(
            scope=scope, kind=HYBRIDS, inquiry_id=hybrid_id, attempt=attempt, note=self._note
        )

    def should_cancel(self) -> bool:
        return self.watch.should_cancel()

    def half(self, runs_before: int) -> Callable[[int, int], None]:
        """What one of the two runs tells its ticks to."""

        def told(done: int, total: int) -> None:
            self.done = (runs_before + done / total) / 2

        return told

    def _note(self, row: HybridRow) -> None:
        row.progress = self.done


def _played(claimed: Claimed, watch: HybridWatch) -> HybridResult:
    """The same seed for both, so that they differ by the actors alone, replicate by replicate."""
    troupe = coupling.troupe_of(claimed.scenario, claimed.request)
    run = simulate_hybrid(
        claimed.scenario,
        troupe.actors,
        signals=troupe.signals,
        progress=watch.half(0),
        should_cancel=watch.should_cancel,
        dense_replicates=0,
    )
    base = agentverse_engine.simulate_ensemble(
        claimed.scenario,
        progress=watch.half(1),
        should_cancel=watch.should_cancel,
        dense_replicates=0,
    )
    return coupling.result_of(
        run, base, troupe, claimed.registry.template, claimed.project.outcome_alternative
    )


def _finding(claimed: Claimed, result: HybridResult) -> str | None:
    if result.outcome is None:
        return None
    template = claimed.registry.template
    return wording.finding(
        result.outcome,
        label=claimed.registry.alternative_labels[result.outcome.alternative],
        ticks=(1, claimed.project.horizon),
        tick_unit=template.tick_unit,
        of=wording.share_of(result.outcome.metric, surveyed=template.surveyed),
    )


def _scenario(
    db: TenantSession, project: ProjectRow, registry: Registry, node: NodeRow
) -> Scenario:
    """The node's world with its social rules, as its own run has it."""
    return registry.scenario(
        event_scripts=tuple(branching.chain_scripts(db, node)),
        parameters=project.parameters,
        horizon=project.horizon,
        seed=project.seed,
        replicates=project.replicates,
        social_rules=True,
    )


def _claim(scope: Scope, hybrid_id: UUID) -> Claimed | None:
    with tenant_session(scope) as db:
        row = inquiries.claim(db, HYBRIDS, hybrid_id)
        if row is None:
            return None
        project = repository.get_project(db, row.project_id)
        registry = variables.load_registry(db, project)
        node = repository.get_node(db, row.node_id)
        return Claimed(
            attempt=row.attempt,
            request=HybridRequest.model_validate(row.request),
            project=project,
            registry=registry,
            scenario=_scenario(db, project, registry, node),
        )


def _end(
    scope: Scope,
    hybrid_id: UUID,
    attempt: int,
    status: str,
    *,
    finding: str | None = None,
    result: HybridResult | None = None,
) -> None:
    with tenant_session(scope) as db:
        row = inquiries.owned(db, HYBRIDS, hybrid_id, attempt=attempt)
        row.finding = finding
        if result is not None:
            row.progress = 1.0
        inquiries.close(db, HYBRIDS, row, status, result=result)
