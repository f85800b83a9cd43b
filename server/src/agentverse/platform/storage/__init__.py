"""Artifacts: immutable files named by their content, one folder per tenant."""

from agentverse.platform.storage.artifact_store import (
    ArtifactDamaged,
    ArtifactMissing,
    ArtifactNotStored,
    ArtifactStore,
)
from agentverse.platform.storage.local import LocalArtifactStore, artifact_store

__all__ = [
    "ArtifactDamaged",
    "ArtifactMissing",
    "ArtifactNotStored",
    "ArtifactStore",
    "LocalArtifactStore",
    "artifact_store",
]
