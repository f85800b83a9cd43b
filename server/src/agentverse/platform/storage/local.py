"""Artifacts in a local folder: content-addressed, written aside and renamed, private."""

import hashlib
import os
import re
import secrets
import shutil
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from agentverse.platform.settings import get_settings
from agentverse.platform.storage.artifact_store import (
    ArtifactDamaged,
    ArtifactMissing,
    ArtifactNotStored,
    ArtifactStore,
)

SUFFIX = re.compile(r"(\.[a-z0-9]{1,12}){0,2}")
FILE_NAME = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,12}){0,2}")
CHUNK_BYTES = 1024 * 1024


class LocalArtifactStore:
    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, tenant_id: UUID, data: bytes | Path, *, suffix: str) -> str:
        if not SUFFIX.fullmatch(suffix):
            raise ValueError(f"Not a file suffix: {suffix!r}")
        try:
            name = _put(self._folder(tenant_id), data, suffix)
        except OSError as error:
            raise ArtifactNotStored(
                f"Nothing half-written is left. The disk says: {error.strerror or error}. Make "
                "room in the data home (or make it writable) and start again."
            ) from error
        return f"{tenant_id}/{name}"

    def open(self, tenant_id: UUID, key: str) -> BinaryIO:
        return self.path(tenant_id, key).open("rb")

    def path(self, tenant_id: UUID, key: str) -> Path:
        file = self._locate(tenant_id, key)
        if not file.is_file():
            raise ArtifactMissing("The stored file is gone. Run again to make it anew.")
        if _digest_of(file) != file.name.partition(".")[0]:
            raise ArtifactDamaged(
                "The stored file does not have the content its name stands for, so it is not "
                "used. Check the disk, then make it anew: upload the file or run the node again."
            )
        return file

    def delete(self, tenant_id: UUID, key: str) -> None:
        self._locate(tenant_id, key).unlink(missing_ok=True)

    def delete_all(self, tenant_id: UUID) -> None:
        folder = self.root / str(tenant_id)
        if folder.exists():
            shutil.rmtree(folder)

    def _folder(self, tenant_id: UUID) -> Path:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = self.root / str(tenant_id)
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    def _locate(self, tenant_id: UUID, key: str) -> Path:
        """Only the tenant's own, well-formed keys name a file; anything else does not exist."""
        owner, _, name = key.partition("/")
        if owner != str(tenant_id) or not FILE_NAME.fullmatch(name):
            raise ArtifactMissing("There is no stored file of that name.")
        return self.root / owner / name


def _put(folder: Path, data: bytes | Path, suffix: str) -> str:
    fresh = folder / f".{secrets.token_hex(8)}.new"
    try:
        name = f"{_write(fresh, data)}{suffix}"
        fresh.replace(folder / name)
    finally:
        fresh.unlink(missing_ok=True)
    _sync_folder(folder)
    return name


def _write(target: Path, data: bytes | Path) -> str:
    """Write and flush to disk; return the SHA-256 of the content."""
    digest = hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if isinstance(data, bytes):
            digest.update(data)
            file.write(data)
        else:
            with data.open("rb") as source:
                while chunk := source.read(CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """A rename survives a power cut only once its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@lru_cache(maxsize=1)
def artifact_store() -> ArtifactStore:
    """The installation's store."""
    return LocalArtifactStore(get_settings().artifacts)
