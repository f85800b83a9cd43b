"""The installation as processes: serve, its worker, the shared server, and their ends."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from agentverse.entrypoints import serving
from agentverse.entrypoints.serving import PortBusy
from agentverse.platform.db import embedded

PATIENCE_SECONDS = 90.0


def wait_for(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def home() -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix="agentverse-serving-"))
    yield base
    embedded.stop(base / "postgres")
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(home: Path, port: int) -> Iterator[psutil.Popen]:
    with (home / "stderr").open("wb") as errors:
        process = psutil.Popen(
            [sys.executable, "-m", "agentverse.entrypoints.cli", "serve", "--port", str(port)],
            env={
                **os.environ,
                "AGENTVERSE_HOME": str(home),
                "AGENTVERSE_WORKER_CONCURRENCY": "1",
            },
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    yield process
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
    process.wait()


def is_ready(port: int) -> bool:
    try:
        answer = httpx2.get(f"http://127.0.0.1:{port}/api/v1/health/ready", timeout=5)
    except httpx2.HTTPError:
        return False
    return answer.status_code == 200


def workers(server: psutil.Popen) -> list[psutil.Process]:
    return [child for child in server.children() if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "worker" in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.ZombieProcess, psutil.NoSuchProcess):
        # It ended while we looked.
        return False


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_killed_worker_is_replaced_and_everything_ends_with_the_server(
    server: psutil.Popen, home: Path, port: int, ending: signal.Signals
) -> None:
    wait_for(lambda: is_ready(port))
    (first,) = workers(server)
    first.kill()
    wait_for(lambda: [w for w in workers(server) if w.pid != first.pid])
    wait_for(lambda: is_ready(port))
    server.send_signal(ending)
    server.wait(timeout=PATIENCE_SECONDS)
    assert not embedded.status(home / "postgres").running, "the last one out stops the server"


def test_stopped_server_ends_its_worker_in_order(
    server: psutil.Popen, home: Path, port: int
) -> None:
    wait_for(lambda: is_ready(port))
    worker = workers(server)[0]
    server.terminate()
    server.wait(timeout=PATIENCE_SECONDS)
    assert not worker.is_running()
    assert "Fatal" not in (home / "stderr").read_text()


def test_server_ends_in_time_whatever_runs(server: psutil.Popen, home: Path, port: int) -> None:
    """Requests hang in a database that answers no more; no thread of theirs can be stopped."""
    wait_for(lambda: is_ready(port))
    database = psutil.Process(embedded.status(home / "postgres").process_id)
    begun = workers(server)
    stopped = [database, *database.children(recursive=True)]
    hanging = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    for process in stopped:
        process.suspend()
    try:
        for request in hanging:
            request.sendall(b"GET /api/v1/health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
        server.terminate()
        server.wait(timeout=PATIENCE_SECONDS)
        assert not [process for process in begun if process.is_running()]
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        for request in hanging:
            request.close()


def test_killed_server_takes_its_worker_along(server: psutil.Popen, home: Path, port: int) -> None:
    wait_for(lambda: is_ready(port))
    (worker,) = workers(server)
    server.kill()
    server.wait()
    worker.wait(timeout=PATIENCE_SECONDS)
    wait_for(lambda: not embedded.status(home / "postgres").running)


def test_killed_database_is_started_again_and_work_goes_on(
    server: psutil.Popen, home: Path, port: int
) -> None:
    wait_for(lambda: is_ready(port))
    killed = embedded.status(home / "postgres").process_id
    assert killed is not None
    psutil.Process(killed).kill()
    wait_for(lambda: not is_ready(port))
    wait_for(lambda: is_ready(port))
    assert embedded.status(home / "postgres").process_id != killed


def test_stopped_database_stays_stopped(server: psutil.Popen, home: Path, port: int) -> None:
    wait_for(lambda: is_ready(port))
    embedded.stop(home / "postgres")
    assert not embedded.restart_if_killed(home / "postgres")
    assert not is_ready(port)


def test_busy_port_is_named_with_the_way_out(port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(PortBusy, match=f"--port {port + 1}"):
            serving.refuse_busy_port("127.0.0.1", port)
