"""Populations deleted; uploads that nobody imported expire."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from uuid import UUID

from agentverse import audit, tasks
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings
from agentverse.platform.storage import artifact_store
from agentverse.populations import repository
from agentverse.populations.errors import ImportRunning
from agentverse.populations.models import PopulationRow


def remove_population(db: TenantSession, population_id: UUID) -> None:
    """Delete a population that no project names, with its files. Raises ImportRunning."""
    row = repository.get_population(db, population_id, for_update=True)
    if row.status == "importing":
        raise ImportRunning(
            f"{row.name!r} is being imported right now. Cancel the import, or wait for its end, "
            "then delete it."
        )
    _remove(db, row, action="population.delete")


def remove_expired(db: TenantSession) -> int:
    """Delete uploads that were never imported and not touched for long; returns how many."""
    oldest = now() - timedelta(days=get_settings().upload_kept_days)
    rows = repository.unimported_before(db, oldest)
    for row in rows:
        _remove(db, row, action="population.expire")
    return len(rows)


def _remove(db: TenantSession, row: PopulationRow, *, action: str) -> None:
    audit.record(
        db,
        action=action,
        resource_type="population",
        resource_id=row.id,
        before={
            "name": row.name,
            "file_name": row.file_name,
            "file_sha256": row.file_sha256,
            "digest": row.digest,
        },
    )
    keys = [key for key in (row.upload_key, row.snapshot_key, row.refused_key) if key]
    tasks.forget(db, subject_id=row.id)
    db.delete(row)
    db.flush()
    db.call_after_commit(partial(_discard, db.scope, keys))


def _discard(scope: Scope, keys: Iterable[str]) -> None:
    """Delete the files, once the row is gone for good; equal files are shared by content."""
    with tenant_session(scope, read_only=True) as db:
        kept = repository.keys_in_use(db)
    for key in set(keys) - kept:
        artifact_store().delete(scope.tenant_id, key)
