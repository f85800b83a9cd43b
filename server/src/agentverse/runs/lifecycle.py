"""The life of a run: queued → running → succeeded | failed | cancelled, and nothing else.

`attempt` fences: a worker that was thought dead and comes back finds a higher attempt and stops.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from agentverse import audit, populations
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.queue import enqueue
from agentverse.runs import repository
from agentverse.runs.errors import RunAlreadyFinished, RunNotRetryable, Superseded
from agentverse.runs.models import RunRow
from agentverse.runs.schemas import ExecuteRun, RunVariant
from agentverse.runs.spec import RunSpec, spec_of
from agentverse_engine.version import ENGINE_VERSION

VARIANTS: Final[tuple[RunVariant, ...]] = ("with_social_rules", "without_social_rules")
UNFINISHED: Final = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrigin:
    """Whose runs these are, in the caller's ids; origin: the question that asked for them."""

    node_id: UUID
    project_id: UUID
    origin_id: UUID | None = None


def start(db: TenantSession, spec: RunSpec, origin: RunOrigin) -> list[RunRow]:
    """Queue both variants of a node with the same seed, and their jobs, in this transaction."""
    rows = _launch(db, spec, origin)
    audit.record(
        db,
        action="node.run",
        resource_type="node",
        resource_id=origin.node_id,
        after={"run_ids": [str(row.id) for row in rows], "seed": spec.seed},
    )
    return rows


def cancel(db: TenantSession, run_id: UUID) -> RunRow:
    """Stop a run and its twin: one variant alone is no result. A queued run ends at once."""
    row = repository.get_run(db, run_id)
    launched = repository.runs_of_launch(db, row.launch_id)
    db.refresh(row)
    if row.status not in UNFINISHED:
        raise RunAlreadyFinished(
            f"The run has already ended as “{row.status}”. There is nothing left to cancel."
        )
    before = row.status
    for each in launched:
        _request_cancel(db, each)
    db.flush()
    audit.record(
        db,
        action="run.cancel",
        resource_type="run",
        resource_id=run_id,
        before={"status": before},
        after={"status": row.status, "cancel_requested": True},
    )
    return row


def retry(db: TenantSession, run_id: UUID) -> list[RunRow]:
    """Start the same inputs again as new runs of both variants; the old ones stay on record.

    Raises RunNotFound, and RunNotRetryable where the run has not failed and was not cancelled, or
    where its node was started again since.
    """
    row = repository.get_run(db, run_id)
    # Locked, so that of two requests at once the second sees what the first started.
    launched = repository.runs_of_launch(db, row.launch_id)
    db.refresh(row)
    if not any(each.status in ("failed", "cancelled") for each in launched):
        raise RunNotRetryable(
            f"The run is “{row.status}”. Only a failed or cancelled run can be started again."
        )
    if any(each.status in UNFINISHED for each in launched):
        raise RunNotRetryable("The run's other variant has not ended yet. Wait for it, then retry.")
    if repository.runs_of_nodes(db, [row.node_id])[-1].launch_id != row.launch_id:
        raise RunNotRetryable(
            "The node was started again after this run. Look at its latest run instead."
        )
    origin = RunOrigin(node_id=row.node_id, project_id=row.project_id, origin_id=row.origin_id)
    rows = _launch(db, spec_of(row), origin)
    audit.record(
        db,
        action="run.retry",
        resource_type="run",
        resource_id=run_id,
        after={"run_ids": [str(each.id) for each in rows], "seed": row.seed},
    )
    return rows


def claim(db: TenantSession, run_id: UUID) -> RunRow | None:
    """Take the run for a new attempt; None when there is nothing left to do.

    A row that is already running belonged to a worker whose job was given to us: it is dead.
    """
    row = repository.get_run(db, run_id, for_update=True)
    if row.status not in UNFINISHED:
        return None
    if row.cancel_requested:
        close_cancelled(db, row)
        return None
    row.status, row.tick, row.attempt = "running", 0, row.attempt + 1
    row.started_at, row.resumed_tick = row.started_at or now(), None
    return row


def owned(db: TenantSession, run_id: UUID, *, attempt: int) -> RunRow:
    """The locked row, if this attempt still owns it."""
    row = repository.get_run(db, run_id, for_update=True)
    if row.status != "running" or row.attempt != attempt:
        raise Superseded("Another worker took this run over; its result counts.")
    return row


def close_succeeded(
    db: TenantSession,
    row: RunRow,
    *,
    scenario_digest: str,
    digest: str,
    compute_seconds: float,
    telemetry_bytes: int,
    summary: dict[str, Any],
) -> None:
    row.status, row.tick, row.finished_at = "succeeded", row.horizon, now()
    row.scenario_digest, row.digest = scenario_digest, digest
    row.compute_seconds, row.telemetry_bytes = compute_seconds, telemetry_bytes
    row.summary = summary
    _record_end(db, row)


def close_cancelled(db: TenantSession, row: RunRow) -> None:
    row.status, row.finished_at = "cancelled", now()
    _record_end(db, row)


def close_failed(db: TenantSession, row: RunRow, problem: dict[str, Any]) -> None:
    row.status, row.finished_at, row.problem = "failed", now(), problem
    _record_end(db, row)


def _queued(
    spec: RunSpec, origin: RunOrigin, variant: RunVariant, launch_id: UUID, personas: int
) -> RunRow:
    return RunRow(
        id=new_id(),
        **asdict(origin),
        launch_id=launch_id,
        variant=variant,
        status="queued",
        personas=personas,
        engine_version=ENGINE_VERSION,
        **spec.columns(),
    )


def _launch(db: TenantSession, spec: RunSpec, origin: RunOrigin) -> list[RunRow]:
    """Both variants, queued with the same seed."""
    launch_id = new_id()
    personas = populations.get_population(db, spec.population_id).personas or 0
    rows = [_queued(spec, origin, variant, launch_id, personas) for variant in VARIANTS]
    db.add_all(rows)
    db.flush()
    for row in rows:
        enqueue(db, ExecuteRun(run_id=row.id))
    return rows


def _request_cancel(db: TenantSession, row: RunRow) -> None:
    if row.status in UNFINISHED:
        row.cancel_requested = True
    if row.status == "queued":
        close_cancelled(db, row)


def _record_end(db: TenantSession, row: RunRow) -> None:
    db.flush()
    audit.record(
        db,
        action="run.finish",
        resource_type="run",
        resource_id=row.id,
        after={"status": row.status, "digest": row.digest, "attempt": row.attempt},
        outcome="failure" if row.status == "failed" else "success",
    )
