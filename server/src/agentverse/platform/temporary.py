"""Folders for work in progress, named after their process, so that those of the dead are swept."""

import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

logger = logging.getLogger(__name__)

NAME: Final = re.compile(r"agentverse-(\d+)-(\d+)")
# Half-written artifacts have no owner in their name; nobody writes one for a day.
STALE_SECONDS: Final = 24 * 3600


@contextmanager
def work_folder(purpose: str) -> Generator[Path]:
    """A private folder that is gone at the end, or swept after the death of this process."""
    own = _own_folder()
    own.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{purpose}-", dir=own) as folder:
        yield Path(folder)


def sweep(artifacts: Path | None = None) -> int:
    """Remove what dead processes left, and artifacts never finished; returns how many."""
    dead = [folder for folder in _base().glob("agentverse-*-*") if _is_of_the_dead(folder)]
    for folder in dead:
        shutil.rmtree(folder, ignore_errors=True)
    stale = [] if artifacts is None else [*filter(_is_stale, artifacts.glob("*/.*.new"))]
    for file in stale:
        file.unlink(missing_ok=True)
    if dead or stale:
        logger.info("Swept %s temporary folders and %s unfinished files.", len(dead), len(stale))
    return len(dead) + len(stale)


def _base() -> Path:
    return Path(tempfile.gettempdir())


def _own_folder() -> Path:
    pid = os.getpid()
    return _base() / f"agentverse-{pid}-{_started(pid)}"


def _started(pid: int) -> int:
    """When a process began, in milliseconds: a number given again is another process."""
    return int(psutil.Process(pid).create_time() * 1000)


def _is_of_the_dead(folder: Path) -> bool:
    match = NAME.fullmatch(folder.name)
    with suppress(OSError):
        if match is None or folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return False
        try:
            return _started(int(match[1])) != int(match[2])
        except psutil.NoSuchProcess:
            return True
    return False


def _is_stale(file: Path) -> bool:
    with suppress(OSError):
        return time.time() - file.stat().st_mtime > STALE_SECONDS
    return False
