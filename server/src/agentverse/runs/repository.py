"""Every query of runs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select

from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession
from agentverse.runs.errors import RunNotFound
from agentverse.runs.models import CheckpointRow, RunArtifactRow, RunRow

NO_RUN = "There is no run with this id. List the runs there are with GET /api/v1/runs."


def get_run(db: TenantSession, run_id: UUID, *, for_update: bool = False) -> RunRow:
    return get_or_raise(db, RunRow, run_id, RunNotFound, NO_RUN, for_update=for_update)


def find_run(db: TenantSession, run_id: UUID) -> RunRow | None:
    return db.scalars(select(RunRow).where(RunRow.id == run_id)).one_or_none()


def page_runs(
    db: TenantSession,
    *,
    node_id: UUID | None,
    project_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> RowPage[RunRow]:
    statement = select(RunRow)
    if project_id is not None:
        statement = statement.where(RunRow.project_id == project_id)
    if node_id is not None:
        statement = statement.where(RunRow.node_id == node_id)
    return paginate(db, statement, RunRow, cursor=cursor, limit=limit)


def runs_of_nodes(db: TenantSession, node_ids: Iterable[UUID]) -> Sequence[RunRow]:
    """Runs of these nodes, oldest first."""
    statement = select(RunRow).where(RunRow.node_id.in_(list(node_ids))).order_by(RunRow.id)
    return db.scalars(statement).all()


def runs_of_launch(db: TenantSession, launch_id: UUID) -> Sequence[RunRow]:
    statement = (
        select(RunRow).where(RunRow.launch_id == launch_id).order_by(RunRow.id).with_for_update()
    )
    return db.scalars(statement).all()


def find_calibration(db: TenantSession, project_id: UUID, key: str) -> dict[str, Any] | None:
    """What a run of this project stored under the key."""
    statement = (
        select(RunRow.calibration)
        .where(RunRow.project_id == project_id, RunRow.calibration["key"].astext == key)
        .limit(1)
    )
    return db.scalars(statement).first()


def find_artifact(db: TenantSession, run_id: UUID, kind: str) -> RunArtifactRow | None:
    statement = select(RunArtifactRow).where(
        RunArtifactRow.run_id == run_id, RunArtifactRow.kind == kind
    )
    return db.scalars(statement).one_or_none()


def find_checkpoint(
    db: TenantSession, owner_id: UUID, part: str, first: int
) -> CheckpointRow | None:
    statement = select(CheckpointRow).where(
        CheckpointRow.owner_id == owner_id,
        CheckpointRow.part == part,
        CheckpointRow.first_replicate == first,
    )
    return db.scalars(statement).one_or_none()


def checkpoints_of(db: TenantSession, owner_id: UUID) -> Sequence[CheckpointRow]:
    statement = (
        select(CheckpointRow)
        .where(CheckpointRow.owner_id == owner_id)
        .order_by(CheckpointRow.part, CheckpointRow.first_replicate)
    )
    return db.scalars(statement).all()


def checkpoint_keys_in_use(db: TenantSession, keys: Sequence[str]) -> set[str]:
    statement = select(CheckpointRow.key).where(CheckpointRow.key.in_(list(keys)))
    return set(db.scalars(statement))


def last_started(db: TenantSession, node_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When a run of each of these nodes was last asked for."""
    statement = (
        select(RunRow.node_id, func.max(RunRow.created_at))
        .where(RunRow.node_id.in_(list(node_ids)))
        .group_by(RunRow.node_id)
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def _of_project(project_id: UUID) -> Select[UUID]:
    return select(RunRow.id).where(RunRow.project_id == project_id)


def delete_checkpoints_of_project(db: TenantSession, project_id: UUID) -> list[str]:
    """Returns the keys of their files."""
    owned = CheckpointRow.owner_id.in_(_of_project(project_id))
    return list(db.scalars(delete(CheckpointRow).where(owned).returning(CheckpointRow.key)))


def telemetry_keys_of_project(db: TenantSession, project_id: UUID) -> Sequence[str]:
    owned = RunArtifactRow.run_id.in_(_of_project(project_id))
    return db.scalars(select(RunArtifactRow.key).where(owned)).all()


def delete_runs_of_project(db: TenantSession, project_id: UUID) -> None:
    """Their artifacts' rows go with them."""
    db.execute(delete(RunRow).where(RunRow.project_id == project_id))


def telemetry_keys_in_use(db: TenantSession, keys: Sequence[str]) -> set[str]:
    return set(db.scalars(select(RunArtifactRow.key).where(RunArtifactRow.key.in_(keys))))
