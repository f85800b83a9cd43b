"""The runs of a project that is deleted, with their telemetry and checkpoints."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.storage import artifact_store
from agentverse.runs import checkpointing, repository


def remove_of_project(db: TenantSession, project_id: UUID) -> None:
    """Delete the rows in this transaction, the files once it stands."""
    checkpoints = repository.delete_checkpoints_of_project(db, project_id)
    telemetry = repository.telemetry_keys_of_project(db, project_id)
    repository.delete_runs_of_project(db, project_id)
    db.call_after_commit(partial(checkpointing.discard, db.scope, checkpoints))
    db.call_after_commit(partial(_discard_telemetry, db.scope, telemetry))


def _discard_telemetry(scope: Scope, keys: Sequence[str]) -> None:
    """Equal runs share files by content, so one that another run still names stays."""
    if not keys:
        return
    with tenant_session(scope, read_only=True) as db:
        kept = repository.telemetry_keys_in_use(db, keys)
    for key in set(keys) - kept:
        artifact_store().delete(scope.tenant_id, key)
