"""The other side: a process without threads that imports what work needs and forks for each.

Run as `python -m agentverse.platform.limited.fork_server FD MODULE…`; it ends with its parent.
"""

import contextlib
import os
import resource
import signal
import socket
import sys
from importlib import import_module
from threading import Thread
from typing import Any

from agentverse.platform.errors import AgentVerseError
from agentverse.platform.limited import frames


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        import_module(module)
    # Children are reaped by the kernel; nobody waits for them here.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # A terminal's interrupt is for the parent, whose end ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        _fork(control, descriptors[0])


def _fork(control: socket.socket, descriptor: int) -> None:
    if os.fork() == 0:
        try:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _work(socket.socket(fileno=descriptor))
        finally:
            os._exit(0)
    os.close(descriptor)


def _work(connection: socket.socket) -> None:
    frames.send(connection, {"ready": os.getpid()})
    task = frames.receive(connection)
    _limit(task["limits"])
    # Nothing more is received: an end of the connection is an end of the work.
    Thread(target=_end_with, args=(connection,), daemon=True).start()
    frames.send(connection, _outcome(connection, task))


def _end_with(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.recv(1)
    os._exit(1)


def _outcome(connection: socket.socket, task: dict[str, Any]) -> dict[str, Any]:
    def report(name: str, done: int, total: int) -> None:
        frames.send(connection, {"progress": [name, done, total]})

    module, _, name = task["function"].partition(":")
    try:
        return {"result": getattr(import_module(module), name)(report, **task["arguments"])}
    except AgentVerseError as error:
        return {"error": _described(error)}
    except BaseException as error:
        # Its text may quote what was parsed; its kind is enough for the log.
        return {"error": {"class": type(error).__name__}}


def _described(error: AgentVerseError) -> dict[str, Any]:
    kind = type(error)
    return {
        "class": f"{kind.__module__}:{kind.__qualname__}",
        "detail": error.detail,
        "errors": [{"field": each.field, "message": each.message} for each in error.errors],
        "extra": error.extra,
    }


def _limit(limits: dict[str, Any]) -> None:
    """Set by the kernel, so that no code of ours has to run for them to hold."""
    _set(resource.RLIMIT_AS, _address_space() + int(limits["memory_bytes"]))
    _set(resource.RLIMIT_CPU, int(limits["cpu_seconds"]))
    _set(resource.RLIMIT_FSIZE, int(limits["disk_bytes"]))
    _set(resource.RLIMIT_CORE, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, float(limits["wall_seconds"]))


def _set(kind: int, value: int) -> None:
    # Not every system has every limit; the others hold.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    """Bytes of address space this process has before it works."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - before anything is imported
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


if __name__ == "__main__":
    main()
