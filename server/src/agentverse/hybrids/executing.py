"""The job of a run with actors: the node with them and without, and the two compared."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import agentverse_engine
from agentverse import universe
from agentverse.comparisons import findings
from agentverse.hybrids import conversion, resuming
from agentverse.hybrids.life import HYBRIDS
from agentverse.hybrids.models import HybridRow
from agentverse.hybrids.schemas import (
    HybridRequest,
    HybridResult,
)
from agentverse.plans import inquiries
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope
from agentverse.runs import checkpointing
from agentverse.universe import ProjectRow, variables
from agentverse.universe.variables import Registry
from agentverse_engine import Scenario
from agentverse_engine.errors import Cancelled, EngineError
from agentverse_engine.hybrid import simulate_hybrid


def simulate(scope: Scope, hybrid_id: UUID) -> None:
    """May run twice: the row says whether anything is left to do, checkpoints say how much of it.

    Both runs are deterministic, so whoever ends them comes to the same result.
    """
    claimed = _claim(scope, hybrid_id)
    if claimed is None:
        return
    try:
        result = _played(scope, hybrid_id, claimed)
    except Cancelled:
        _end(scope, hybrid_id, claimed.attempt, "cancelled")
    except EngineError as error:
        raise conversion.invalid(error) from error
    else:
        finding = _finding(claimed, result)
        _end(scope, hybrid_id, claimed.attempt, "succeeded", finding=finding, result=result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """All that a run with actors needs, read in one transaction."""

    attempt: int
    progress: float
    request: HybridRequest
    project: ProjectRow
    registry: Registry
    scenario: Scenario


class HybridWatch:
    """Tells the row how far both runs are, and heeds a cancellation between two ticks.

    done: 0 … 1, from where they go on; it does not fall.
    """

    def __init__(self, *, scope: Scope, hybrid_id: UUID, attempt: int, done: float = 0.0) -> None:
        self.done = done
        self.watch = inquiries.Watch(
            scope=scope, kind=HYBRIDS, inquiry_id=hybrid_id, attempt=attempt, note=self._note
        )

    def should_cancel(self) -> bool:
        return self.watch.should_cancel()

    def half(self, runs_before: int) -> Callable[[int, int], None]:
        """What one of the two runs tells its ticks to."""

        def told(done: int, total: int) -> None:
            self.done = max(self.done, (runs_before + done / total) / 2)

        return told

    def _note(self, row: HybridRow) -> None:
        row.progress = self.done


def _played(scope: Scope, hybrid_id: UUID, claimed: Claimed) -> HybridResult:
    """The same seed for both, so that they differ by the actors alone, replicate by replicate."""
    scenario, attempt = claimed.scenario, claimed.attempt
    troupe = conversion.troupe_of(scenario, claimed.request)
    left = resuming.take_up(scope, hybrid_id, scenario, troupe)
    keeper = resuming.keeper(scope, hybrid_id, attempt, scenario)
    watch = HybridWatch(
        scope=scope, hybrid_id=hybrid_id, attempt=attempt, done=_shown(claimed, left)
    )
    every = checkpointing.ticks_between(scenario.horizon)
    run = simulate_hybrid(
        scenario,
        troupe.actors,
        signals=troupe.signals,
        progress=watch.half(0),
        should_cancel=watch.should_cancel,
        dense_replicates=0,
        checkpoint_every=every,
        keep_checkpoint=keeper.of(resuming.WITH_ACTORS),
        resume=left.with_actors,
    )
    base = agentverse_engine.simulate_ensemble(
        scenario,
        progress=watch.half(1),
        should_cancel=watch.should_cancel,
        dense_replicates=0,
        checkpoint_every=every,
        keep_checkpoint=keeper.of(resuming.WITHOUT_ACTORS),
        resume=left.without_actors,
    )
    return conversion.result_of(
        run, base, troupe, claimed.registry.template, claimed.project.outcome_alternative
    )


def _shown(claimed: Claimed, left: resuming.Left) -> float:
    """What was shown before goes on being shown, unless all of it is to be done again."""
    done = left.share(claimed.scenario)
    return max(done, claimed.progress) if done else 0.0


def _finding(claimed: Claimed, result: HybridResult) -> str | None:
    if result.outcome is None:
        return None
    template = claimed.registry.template
    return findings.finding(
        result.outcome,
        label=claimed.registry.alternative_labels[result.outcome.alternative],
        ticks=(1, claimed.project.horizon),
        tick_unit=template.tick_unit,
        of=findings.share_of(result.outcome.metric, surveyed=template.surveyed),
    )


def _claim(scope: Scope, hybrid_id: UUID) -> Claimed | None:
    with tenant_session(scope) as db:
        row = inquiries.claim(db, HYBRIDS, hybrid_id)
        claimed = None if row is None else _read(db, row)
        # It has ended, perhaps here: those of one that was cancelled while no worker had it.
        unused = checkpointing.remove(db, hybrid_id) if row is None else []
    checkpointing.discard(scope, unused)
    return claimed


def _read(db: TenantSession, row: HybridRow) -> Claimed:
    project = universe.get_project(db, row.project_id)
    registry = variables.load_registry(db, project)
    node = universe.get_node(db, row.node_id)
    return Claimed(
        attempt=row.attempt,
        progress=row.progress,
        request=HybridRequest.model_validate(row.request),
        project=project,
        registry=registry,
        scenario=conversion.scenario_of(db, project, registry, node),
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
    with checkpointing.ending(scope, hybrid_id) as db:
        row = inquiries.owned(db, HYBRIDS, hybrid_id, attempt=attempt)
        row.finding = finding
        if result is not None:
            row.progress = 1.0
        inquiries.close(db, HYBRIDS, row, status, result=result)
