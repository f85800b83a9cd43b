"""`agentverse serve`: the API in this process, workers in children that are kept alive."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Event, Thread
from types import FrameType

import psutil
import uvicorn

from agentverse import llm
from agentverse.entrypoints.api import create_app
from agentverse.platform.db import embedded, migrating
from agentverse.platform.errors import AgentVerseError, Misconfigured
from agentverse.platform.http.connections import ConnectionLimits, limited_protocol
from agentverse.platform.settings import get_settings, serve_at

logger = logging.getLogger(__name__)

RESTART_SECONDS = 0.5
POLL_SECONDS = 0.5
STOP_SECONDS = 10.0
# From the signal to the end, whatever runs: orchestrators kill after 30 seconds.
LONGEST_STOP_SECONDS = 18.0
# Beyond it uvicorn answers 503; below what a process may have open at once.
MOST_CONNECTIONS = 800
# Open event streams end when the server stops; nobody should wait for them.
GRACE_SECONDS = 3
# Model calls that run then end in an error that is still written out, not in a cut connection.
CALLS_END_SECONDS = 2.0


class PortBusy(Misconfigured):
    code = "port_busy"
    title = "The port is taken"


def serve(*, host: str, port: int, on_ready: Callable[[], None]) -> None:
    refuse_busy_port(host, port)
    serve_at(address_of(host, port))
    settings = get_settings()
    migrating.prepare(settings)
    proxies = list(settings.trusted_proxies)
    config = uvicorn.Config(
        create_app(),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=limited_protocol(ConnectionLimits(trusted_addresses=frozenset(proxies))),
        ws="none",
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # uvicorn raises a signal again once it has stopped; unhandled, that would end this process
    # before it has stopped the worker and the database.
    signal.signal(signal.SIGTERM, _leave)
    with supervised_database(), supervised_workers():
        _Server(config, on_ready).run()


def _leave(signal_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal_number)


def end_in_time() -> None:
    """Whatever still runs, this process and its workers end: no thread can be stopped."""

    def end() -> None:
        time.sleep(LONGEST_STOP_SECONDS)
        logger.error("Stopped in the middle of work, which took longer than it may at the end.")
        for child in psutil.Process().children(recursive=True):
            if "worker" in child.cmdline():
                child.kill()
        os._exit(1)

    Thread(target=end, daemon=True).start()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            end_in_time()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(CALLS_END_SECONDS, llm.end_calls)
        await super().shutdown(sockets)


def address_of(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def refuse_busy_port(host: str, port: int) -> None:
    """Before the long steps of a start, not after them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortBusy(
                f"Something already listens on {host}:{port}. Stop it or choose another port "
                f"with --port {port + 1}."
            ) from error


@contextlib.contextmanager
def supervised_workers() -> Generator[None]:
    """Keep worker processes running; start another whenever one dies."""
    stopping = Event()
    count = get_settings().worker_concurrency
    supervisors = [Thread(target=_supervise, args=(stopping,), daemon=True) for _ in range(count)]
    for supervisor in supervisors:
        supervisor.start()
    try:
        yield
    finally:
        stopping.set()
        for supervisor in supervisors:
            supervisor.join()


def supervise_workers() -> None:
    """`agentverse worker`: keep the worker processes running until a signal says stop."""
    stopped = Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda _number, _frame: stopped.set())
    with supervised_workers():
        while not stopped.wait(timeout=1.0):
            pass


@contextlib.contextmanager
def supervised_database() -> Generator[None]:
    """Start the embedded server again when it is killed; a server of the user's own is theirs."""
    settings = get_settings()
    if settings.database_url is not None:
        yield
        return
    stopping = Event()
    watcher = Thread(
        target=_restart_if_killed, args=(settings.embedded_folder, stopping), daemon=True
    )
    watcher.start()
    try:
        yield
    finally:
        stopping.set()
        watcher.join()


def _restart_if_killed(folder: Path, stopping: Event) -> None:
    while not stopping.wait(timeout=POLL_SECONDS):
        try:
            if embedded.restart_if_killed(folder):
                logger.warning("The embedded PostgreSQL had been killed and was started again.")
        except AgentVerseError as error:
            logger.error("The embedded PostgreSQL cannot be started again: %s", error.detail)


def _supervise(stopping: Event) -> None:
    while not stopping.is_set():
        child = _start_worker()
        while child.poll() is None and not stopping.wait(timeout=0.2):
            pass
        if stopping.is_set():
            _stop(child)
        else:
            stopping.wait(timeout=RESTART_SECONDS)


def _start_worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "agentverse.entrypoints.cli", "worker", "--supervised"]
    # The pipe is the leash: it closes when this process dies, however it dies. Its own session,
    # so that Ctrl-C reaches it through us and running jobs end in order.
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # Its jobs are found and given to the next worker.
        child.kill()
        child.wait()


def end_with_supervisor() -> None:
    """In the worker: stop in order when the supervising process is gone."""

    def watch() -> None:
        # Not through sys.stdin: its lock, held here, would abort an interpreter that ends first.
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        # A job that takes longer than this is found and given to the next worker.
        time.sleep(STOP_SECONDS)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
