"""Runs of a node that were started together: both variants, one status, one outcome."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from agentverse.platform.db.session import TenantSession
from agentverse.runs import listing, repository
from agentverse.runs.errors import TelemetryMissing
from agentverse.runs.models import RunRow
from agentverse.runs.schemas import Run, RunVariant
from agentverse.runs.summaries import RunSummary, read_summary

LaunchStatus = Literal["running", "explored", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    node_id: UUID
    origin_id: UUID | None
    runs: tuple[Run, ...]
    summaries: tuple[dict[str, Any] | None, ...]

    @property
    def status(self) -> LaunchStatus:
        """A failure is told before a cancellation, and either before what still runs."""
        statuses = {run.status for run in self.runs}
        if "failed" in statuses:
            return "failed"
        if "cancelled" in statuses:
            return "cancelled"
        return "explored" if statuses == {"succeeded"} else "running"

    @property
    def progress(self) -> float:
        """0 … 1 over the runs."""
        done = [1.0 if run.status == "succeeded" else run.tick / run.horizon for run in self.runs]
        return sum(done) / len(done)

    @property
    def problem(self) -> dict[str, Any] | None:
        return next((run.problem for run in self.runs if run.problem is not None), None)

    @property
    def finished_at(self) -> datetime | None:
        times = [run.finished_at for run in self.runs if run.finished_at is not None]
        return max(times) if len(times) == len(self.runs) else None

    @property
    def compute_seconds(self) -> float | None:
        times = [run.compute_seconds for run in self.runs if run.compute_seconds is not None]
        return sum(times) if times else None

    def run(self, variant: RunVariant) -> Run:
        return next(run for run in self.runs if run.variant == variant)

    def summary(self, variant: RunVariant) -> RunSummary | None:
        """Of the variant's run over all ticks; None before it has succeeded."""
        stored = next(
            stored
            for run, stored in zip(self.runs, self.summaries, strict=True)
            if run.variant == variant
        )
        return None if stored is None else read_summary(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRuns:
    """The latest launch says how a node stands; the last explored one is what it shows."""

    latest: Launch | None = None
    explored: Launch | None = None


def of_nodes(db: TenantSession, node_ids: Iterable[UUID]) -> dict[UUID, NodeRuns]:
    wanted = list(node_ids)
    rows = sorted(repository.runs_of_nodes(db, wanted), key=lambda row: row.node_id)
    shown = {run.id: run for run in listing.views(db, rows)}
    by_node = {
        node_id: _node_runs(list(group), shown) for node_id, group in groupby(rows, _node_of)
    }
    return {node_id: by_node.get(node_id, NodeRuns()) for node_id in wanted}


def of_node(db: TenantSession, node_id: UUID) -> NodeRuns:
    return of_nodes(db, [node_id])[node_id]


def latest(db: TenantSession, node_id: UUID) -> Launch:
    """Raises TelemetryMissing for a node that was never run."""
    launch = of_node(db, node_id).latest
    if launch is None:
        raise TelemetryMissing("The node has never been run. Run it first.")
    return launch


def _node_of(row: RunRow) -> UUID:
    return row.node_id


def _node_runs(rows: list[RunRow], shown: Mapping[UUID, Run]) -> NodeRuns:
    """rows: oldest first, as the repository gives them."""
    launches = [
        _launch(list(group), shown) for _, group in groupby(rows, lambda row: row.launch_id)
    ]
    explored_launches = [launch for launch in launches if launch.status == "explored"]
    return NodeRuns(
        latest=launches[-1], explored=explored_launches[-1] if explored_launches else None
    )


def _launch(rows: list[RunRow], shown: Mapping[UUID, Run]) -> Launch:
    return Launch(
        node_id=rows[0].node_id,
        origin_id=rows[0].origin_id,
        runs=tuple(shown[row.id] for row in rows),
        summaries=tuple(row.summary for row in rows),
    )
