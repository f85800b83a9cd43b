"""The parent's side: hand a function to a fresh child, take its answer or its end.

One server process, started ahead, has imported what the work needs; it forks a child for each
piece of work, which begins within milliseconds and is never used twice. A child is ended by its
own limits, by its parent closing the connection, and by the death of either.
"""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from threading import Lock
from typing import Any, Final

from agentverse.platform.errors import AgentVerseError, FieldError, InvalidInput, Unavailable
from agentverse.platform.limited import frames

logger = logging.getLogger(__name__)

MEBIBYTE: Final = 1024 * 1024
# Reading a result and starting to work take a moment beyond the work itself.
GRACE_SECONDS: Final = 5.0
# The server's imports, on a machine that does much else.
START_SECONDS: Final = 60.0
# A parser needs no password, key or address of ours.
PASSED_ON: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV",
    "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE",
)  # fmt: skip
# One small heap and one thread each: address space is what is counted.
FRUGAL: Final = {
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one piece of work may take; memory is counted beyond what an idle child has."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    disk_bytes: int = 64 * MEBIBYTE


class WorkTooDemanding(InvalidInput):
    code = "work_too_demanding"
    title = "This takes more than it may"


class _Ended(Exception):
    """A child that gave no answer."""


class ChildUnavailable(Unavailable):
    code = "child_unavailable"
    title = "The work could not be started"


@dataclass(slots=True)
class _Server:
    """The process that forks, and the connection over which it is asked to."""

    preload: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    control: socket.socket | None = None
    lock: Lock = field(default_factory=Lock)


_server = _Server()


def start_ahead(preload: Iterable[str]) -> None:
    """Start the server with these modules imported; asked again, it only adds them."""
    with _server.lock:
        _server.preload = tuple(dict.fromkeys((*_server.preload, *preload)))
        if not _is_alive():
            _start()


def stop() -> None:
    """End the server; children at work end with their connections."""
    with _server.lock:
        if _server.control is not None:
            _server.control.close()
        if _server.process is not None:
            _server.process.kill()
            _server.process.wait()
        _server.control = _server.process = None


def run_limited(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    *,
    limits: Limits,
    report: Report | None = None,
    too_demanding: type[AgentVerseError] = WorkTooDemanding,
) -> Any:
    """Call `function(report, **arguments)` in a child and return its result.

    function: of a module, not a method; arguments and result: as JSON has them. An
    AgentVerseError raised in the child is raised here; `too_demanding` when a limit ended it.
    Raises ChildUnavailable where no child can be started.
    """
    with _child() as connection:
        connection.settimeout(limits.wall_seconds + GRACE_SECONDS)
        frames.send(
            connection,
            {"function": _name(function), "arguments": arguments, "limits": asdict(limits)},
        )
        try:
            return _answer(connection, limits, report)
        except _Ended as error:
            raise too_demanding(
                f"Working on this took more than {limits.memory_bytes // MEBIBYTE:,} MiB of "
                f"memory or {limits.wall_seconds:g} seconds, so it was ended. Send less at once."
            ) from error


def _answer(connection: socket.socket, limits: Limits, report: Report | None) -> Any:
    end = time.monotonic() + limits.wall_seconds + GRACE_SECONDS
    while True:
        try:
            connection.settimeout(max(0.01, end - time.monotonic()))
            document = frames.receive(connection)
        except (frames.ConnectionEnded, TimeoutError) as error:
            raise _Ended from error
        if "progress" in document and report is not None:
            report(*document["progress"])
        if "error" in document:
            raise _error(document["error"])
        if "result" in document:
            return document["result"]


def _error(report: Mapping[str, Any]) -> Exception:
    """The named error that the child raised; whatever else it says is a limit that it hit."""
    module, _, name = str(report["class"]).partition(":")
    kind = getattr(import_module(module), name, None) if module in sys.modules else None
    if not (isinstance(kind, type) and issubclass(kind, AgentVerseError)):
        logger.warning("A limited child failed: %s", report["class"])
        return _Ended()
    errors = [FieldError(**error) for error in report["errors"]]
    return kind(report["detail"], errors=errors, **report["extra"])


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def _child() -> socket.socket:
    """A connection to a fresh child; a server that was killed is started again once."""
    with _server.lock:
        for _ in range(2):
            if not _is_alive():
                _start()
            connection = _forked()
            if connection is not None:
                return connection
            _forget()
    raise ChildUnavailable("The server could not start a process for this. Try again.")


def _forked() -> socket.socket | None:
    """A connection whose child has said that it is there; None when the server has died."""
    assert _server.control is not None  # noqa: S101 - set when the server was started
    ours, theirs = socket.socketpair()
    ours.settimeout(START_SECONDS)
    try:
        with theirs:
            socket.send_fds(_server.control, [b"\0"], [theirs.fileno()])
        frames.receive(ours)
    except (OSError, frames.ConnectionEnded):
        ours.close()
        return None
    return ours


def _is_alive() -> bool:
    return _server.process is not None and _server.process.poll() is None


def _forget() -> None:
    if _server.process is not None:
        with suppress(OSError):
            _server.process.kill()
        _server.process.wait()
    _server.process = None


def _start() -> None:
    if _server.control is not None:
        _server.control.close()
    ours, theirs = socket.socketpair()
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    command = [
        sys.executable,
        "-m",
        "agentverse.platform.limited.fork_server",
        str(theirs.fileno()),
    ]
    with theirs:
        _server.process = subprocess.Popen(  # noqa: S603 - our own module
            [*command, *_server.preload],
            pass_fds=(theirs.fileno(),),
            env={**passed, **FRUGAL},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    _server.control = ours
