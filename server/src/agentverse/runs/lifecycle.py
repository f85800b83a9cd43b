"""The life of a run: both variants of a node are started, cancelled and started again together."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agentverse import audit, populations, tasks
from agentverse.platform.db.session import TenantSession
from agentverse.platform.ids import new_id
from agentverse.runs import checkpointing, repository
from agentverse.runs.errors import RunAlreadyFinished, RunNotRetryable
from agentverse.runs.models import RunRow
from agentverse.runs.schemas import ExecuteRun, RunVariant
from agentverse.runs.spec import RunSpec, spec_of
from agentverse.tasks import UNFINISHED, TaskKind, TaskStatus
from agentverse_engine.version import ENGINE_VERSION

VARIANTS: Final[tuple[RunVariant, ...]] = ("with_social_rules", "without_social_rules")


def _follow(db: TenantSession, run_id: UUID, status: TaskStatus) -> None:
    row = repository.find_run(db, run_id)
    if row is not None:
        row.status = status
    if status not in UNFINISHED:
        checkpointing.forget(db, run_id)


RUNS: Final = tasks.declare(
    TaskKind(
        name="run",
        subject_type="run",
        noun="run",
        payload=ExecuteRun,
        read_permission="runs:read",
        write_permission="runs:write",
        entered=None,  # the entry of its node's launch names its runs
        already_finished=RunAlreadyFinished,
        on_status=_follow,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrigin:
    """Whose runs these are, in the caller's ids; origin: the question that asked for them.

    title: what people call the node.
    """

    title: str
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
    """Stop a run and its twin: one variant alone is no result. A queued run ends at once.

    Raises RunNotFound, RunAlreadyFinished.
    """
    row = repository.get_run(db, run_id)
    tasks.cancel_subject(db, run_id)
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
    origin = RunOrigin(
        title=tasks.latest(db, [row.id])[row.id].subject.title,
        node_id=row.node_id,
        project_id=row.project_id,
        origin_id=row.origin_id,
    )
    rows = _launch(db, spec_of(row), origin)
    audit.record(
        db,
        action="run.retry",
        resource_type="run",
        resource_id=run_id,
        after={"run_ids": [str(each.id) for each in rows], "seed": row.seed},
    )
    return rows


def _queued(
    spec: RunSpec, origin: RunOrigin, variant: RunVariant, launch_id: UUID, personas: int
) -> RunRow:
    return RunRow(
        id=new_id(),
        node_id=origin.node_id,
        project_id=origin.project_id,
        origin_id=origin.origin_id,
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
        tasks.enter(
            db,
            RUNS,
            row.id,
            title=origin.title,
            total=spec.horizon,
            project_id=origin.project_id,
            group_id=launch_id,
        )
    return rows
