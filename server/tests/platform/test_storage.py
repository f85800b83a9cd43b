"""Artifacts: content-addressed, one folder per tenant, nothing outside it."""

import resource
from pathlib import Path

import pytest

from agentverse.platform.ids import new_id
from agentverse.platform.storage import (
    ArtifactDamaged,
    ArtifactMissing,
    ArtifactNotStored,
    LocalArtifactStore,
)


@pytest.fixture
def store(tmp_path: Path) -> LocalArtifactStore:
    return LocalArtifactStore(tmp_path / "artifacts")


def test_put_then_open_returns_the_bytes(store: LocalArtifactStore) -> None:
    tenant = new_id()
    key = store.put(tenant, b"hello", suffix=".txt")
    with store.open(tenant, key) as file:
        assert file.read() == b"hello"


def test_key_is_tenant_and_content(store: LocalArtifactStore, tmp_path: Path) -> None:
    tenant = new_id()
    source = tmp_path / "source"
    source.write_bytes(b"hello")
    key = store.put(tenant, b"hello", suffix=".npz.zst")
    assert key == store.put(tenant, source, suffix=".npz.zst")
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert key == f"{tenant}/{digest}.npz.zst"


def test_other_tenants_key_does_not_exist(store: LocalArtifactStore) -> None:
    key = store.put(new_id(), b"hello", suffix="")
    with pytest.raises(ArtifactMissing):
        store.open(new_id(), key)


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "", "a/b", "0" * 64 + "/../x", "\0"])
def test_malformed_key_does_not_exist(store: LocalArtifactStore, name: str) -> None:
    tenant = new_id()
    with pytest.raises(ArtifactMissing):
        store.path(tenant, f"{tenant}/{name}")


@pytest.mark.parametrize("suffix", ["/../x", "x", ".PDF", ".a/b"])
def test_odd_suffix_is_refused(store: LocalArtifactStore, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        store.put(new_id(), b"", suffix=suffix)


def test_files_are_private_and_nothing_is_left_beside_them(store: LocalArtifactStore) -> None:
    tenant = new_id()
    path = store.path(tenant, store.put(tenant, b"hello", suffix=""))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_failed_write_leaves_nothing(store: LocalArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(ArtifactNotStored):
        store.put(new_id(), tmp_path / "missing", suffix="")
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_full_disk_is_named_and_leaves_nothing(store: LocalArtifactStore) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ArtifactNotStored, match="Make room"):
            store.put(new_id(), b"x" * 5000, suffix="")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_delete_is_idempotent(store: LocalArtifactStore) -> None:
    tenant = new_id()
    key = store.put(tenant, b"hello", suffix="")
    store.delete(tenant, key)
    store.delete(tenant, key)
    with pytest.raises(ArtifactMissing):
        store.open(tenant, key)


def test_changed_file_is_damaged_and_not_read(store: LocalArtifactStore) -> None:
    tenant = new_id()
    key = store.put(tenant, b"hello", suffix=".csv")
    store.path(tenant, key).write_bytes(b"hellO")
    with pytest.raises(ArtifactDamaged, match="make it anew"):
        store.open(tenant, key)
    assert store.put(tenant, b"hello", suffix=".csv") == key
    with store.open(tenant, key) as file:
        assert file.read() == b"hello"
