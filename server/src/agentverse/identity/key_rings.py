"""Secrets of the installation that are replaced one by one: a private file, newest first."""

import fcntl
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from agentverse.platform.db.database_roles import write_private

# From the ids that are known to the new (id, secret).
Make = Callable[[list[str]], tuple[str, str]]


def read(path: Path, make: Make) -> str:
    """The file's JSON {id: secret}, newest first; the first use makes the first secret."""
    if not path.exists():
        add(path, make, keep=1, only_if_none=True)
    return path.read_text()


def add(path: Path, make: Make, *, keep: int | None, only_if_none: bool = False) -> str:
    """Put a new secret first and keep `keep` in all (None: every one); returns the newest id."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(path.with_suffix(".lock")):
        stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if stored and only_if_none:
            return next(iter(stored))
        secret_id, secret = make(list(stored))
        newest_first = {secret_id: secret, **stored}
        write_private(path, json.dumps(dict(list(newest_first.items())[:keep])))
        return secret_id


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
