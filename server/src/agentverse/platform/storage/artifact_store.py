"""What every artifact store can do. Keys read `<tenant id>/<sha256><suffix>`."""

from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from agentverse.platform.errors import AgentVerseError, NotFound, Unavailable


class ArtifactMissing(NotFound):
    code = "artifact_missing"
    title = "The stored file is not there"


class ArtifactDamaged(AgentVerseError):
    code = "artifact_damaged"
    status = 500
    title = "The stored file is damaged"


class ArtifactNotStored(Unavailable):
    """The disk is full, read-only or broken; the reason is the operating system's own words."""

    code = "artifact_not_stored"
    title = "The result could not be written to disk"


class ArtifactStore(Protocol):
    def put(self, tenant_id: UUID, data: bytes | Path, *, suffix: str) -> str:
        """Store the bytes (or the file's) and return their key; the same content, the same key."""
        ...

    def open(self, tenant_id: UUID, key: str) -> BinaryIO: ...

    def path(self, tenant_id: UUID, key: str) -> Path:
        """A readable local file with the content; raises ArtifactDamaged when it has changed."""
        ...

    def delete(self, tenant_id: UUID, key: str) -> None: ...

    def delete_all(self, tenant_id: UUID) -> None:
        """Every file of the tenant; none there is no error."""
        ...
