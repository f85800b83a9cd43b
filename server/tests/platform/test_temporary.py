"""Folders of the living stay, those of the dead go."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from agentverse.platform import temporary

KILLED = """
import os, signal
from agentverse.platform.temporary import work_folder
with work_folder("upload") as folder:
    (folder / "file").write_text("left behind")
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_work_folder_is_gone_at_the_end() -> None:
    with temporary.work_folder("upload") as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert temporary.sweep() == 0
        assert folder.is_dir()
    assert not folder.exists()


def test_sweep_removes_what_a_killed_process_left() -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env=dict(os.environ), capture_output=True, text=True
    )
    left = Path(killed.stdout.strip())
    assert left.is_dir()
    assert temporary.sweep() == 1
    assert not left.parent.exists()


def test_sweep_leaves_what_is_not_ours(base: Path) -> None:
    (base / "agentverse-something-else").mkdir()
    (base / "agentverse-1-x").mkdir()
    assert temporary.sweep() == 0


def test_sweep_removes_unfinished_artifacts_after_a_day(tmp_path: Path) -> None:
    tenant = tmp_path / "artifacts" / "tenant"
    tenant.mkdir(parents=True)
    fresh, old = tenant / ".aa.new", tenant / ".bb.new"
    for file in (fresh, old):
        file.write_text("half")
    os.utime(old, (1, 1))
    assert temporary.sweep(tmp_path / "artifacts") == 1
    assert fresh.exists()
    assert not old.exists()
