"""Stored files of runs: content first, then the row that names it."""

from uuid import UUID

from agentverse.platform.db.session import TenantSession
from agentverse.platform.storage import artifact_store
from agentverse.runs import repository
from agentverse.runs.errors import TelemetryMissing
from agentverse.runs.models import RunArtifactRow
from agentverse.runs.telemetry import FORMAT_VERSION, ArtifactKind


def put(tenant_id: UUID, files: dict[ArtifactKind, bytes]) -> dict[ArtifactKind, str]:
    """Write the files before any row names them; the same content is the same key."""
    store = artifact_store()
    return {kind: store.put(tenant_id, data, suffix=".parquet") for kind, data in files.items()}


def record(
    db: TenantSession,
    run_id: UUID,
    *,
    keys: dict[ArtifactKind, str],
    files: dict[ArtifactKind, bytes],
) -> None:
    for kind, key in keys.items():
        row = RunArtifactRow(
            run_id=run_id,
            kind=kind,
            key=key,
            size_bytes=len(files[kind]),
            format_version=FORMAT_VERSION,
        )
        db.add(row)


def key_of(db: TenantSession, run_id: UUID, kind: ArtifactKind) -> str:
    """Raises TelemetryMissing."""
    row = repository.find_artifact(db, run_id, kind)
    if row is None:
        raise TelemetryMissing(
            "The run has not finished, so there is nothing to show yet. Wait for it, or start the "
            "node again if it failed or was cancelled."
        )
    return row.key


def read(tenant_id: UUID, key: str) -> bytes:
    with artifact_store().open(tenant_id, key) as file:
        return file.read()
