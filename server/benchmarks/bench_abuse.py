"""Another tenant's /auth/me while somebody attacks: p50, p95, slowest, unanswered, memory.

`make bench-abuse`. One server of its own on this machine; attackers come from 127.0.0.2, the
victim from 127.0.0.1. Each attack is bounded in requests and in time. Words after the file's name
choose the attacks whose names hold one of them.
"""

import http.client
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

FORKED = get_context("fork")
ATTACKER = ("127.0.0.2", 0)
QUIET_SECONDS = 8.0
ASKED_PER_SECOND = 20.0
MOST_OPEN = 200
ATTACK_SECONDS = 10.0
LONGEST_FACTOR = 5.0
PASSWORD = "correct horse battery staple"  # noqa: S105 - of accounts that live a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds of each answer, how many failed, and the server's largest memory in bytes."""

    seconds: list[float]
    unanswered: int
    peak_bytes: int

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1]


class Client:
    """Requests of one tenant from one address, each on a connection of its own."""

    def __init__(self, port: int, source: tuple[str, int] | None = None) -> None:
        self.port = port
        self.source = source
        self.token = ""

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, kind: str = "application/json"
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60, source_address=self.source
        )
        headers = {"Content-Type": kind} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        try:
            connection.request(method, f"/api/v1{path}", body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text) if text else None

    def post(self, path: str, document: Any) -> Any:
        status, answer = self.ask("POST", path, json.dumps(document).encode())
        assert status < 300, (path, status, answer)
        return answer

    def drop(self, method: str, path: str, body: bytes = b"") -> None:
        """Send a request and leave without its answer."""
        with (
            suppress(OSError),
            socket.create_connection(
                ("127.0.0.1", self.port), timeout=10, source_address=self.source
            ) as raw,
        ):
            head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\n"
            head += "Content-Type: application/json\r\n"
            head += f"Content-Length: {len(body)}\r\n"
            if self.token:
                head += f"Authorization: Bearer {self.token}\r\n"
            raw.sendall(f"{head}\r\n".encode() + body)

    def register(self, name: str) -> None:
        document = {
            "email": f"{name}@example.org",
            "password": PASSWORD,
            "full_name": name,
            "organization_name": name,
        }
        self.token = self.post("/auth/register", document)["access_token"]


@contextmanager
def server() -> Iterator[tuple[psutil.Popen, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="agentverse-abuse-") as home:
        Path(home).chmod(0o711)
        environment = {
            **os.environ,
            "AGENTVERSE_HOME": home,
            "AGENTVERSE_LOG_LEVEL": "ERROR",
            # What holds without them is measured; the victim asks more than a person may.
            "AGENTVERSE_REQUESTS_PER_MINUTE": "0",
            "AGENTVERSE_ADDRESS_REQUESTS_PER_MINUTE": "0",
        }
        command = [sys.executable, "-m", "agentverse.entrypoints.cli"]
        process = psutil.Popen([*command, "serve", "--port", str(port)], env=environment)
        try:
            wait_until_ready(Client(port))
            yield process, port
        finally:
            process.terminate()
            process.wait(timeout=60)
            subprocess.run([*command, "db", "stop"], env=environment, stdout=subprocess.DEVNULL)


def wait_until_ready(client: Client) -> None:
    for _ in range(300):
        with suppress(OSError):
            if client.ask("GET", "/health/ready")[0] == 200:
                return
        time.sleep(0.5)
    raise SystemExit("The server did not become ready.")


def make_project(client: Client, nodes: int) -> str:
    """A project on the shipped survey, with so many world versions that are not run."""
    content = files("agentverse.populations.datasets").joinpath("heating.csv").read_bytes()
    population = upload(client, "heating.csv", content)[1]
    mapping = population["suggested_mapping"]
    path = f"/populations/{population['id']}"
    client.post(f"{path}/import", {"mapping": mapping, "synthesis": {"personas": 500}})
    while client.ask("GET", path)[1]["status"] == "importing":
        time.sleep(0.2)
    project = client.post(
        "/projects", {"name": "Abuse", "population_id": population["id"], "horizon": 12}
    )
    variables = client.ask("GET", f"/projects/{project['id']}/variables")[1]["variables"]
    parameter = next(v for v in variables if v["kind"] == "parameter" and v["default"] is not None)
    for _ in range(nodes):
        tuned = {"values": {parameter["name"]: parameter["default"]}}
        client.ask("POST", f"/nodes/{project['root_node_id']}/tune", json.dumps(tuned).encode())
    return str(project["id"])


def upload(client: Client, name: str, content: bytes) -> tuple[int, Any]:
    boundary = "abuse-boundary"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return client.ask(
        "POST", "/populations", body, kind=f"multipart/form-data; boundary={boundary}"
    )


def watch(process: psutil.Popen, victim: Client, seconds: float) -> Measured:
    """Ask at a steady pace, whether or not the answers before have come: a wait counts whole."""
    peak = 0
    with ThreadPoolExecutor(MOST_OPEN) as threads:
        begun = time.monotonic()
        asked: list[Future[tuple[float, bool]]] = []
        for number in range(int(seconds * ASKED_PER_SECOND)):
            due = begun + number / ASKED_PER_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
            asked.append(threads.submit(timed, victim, due))
            peak = max(peak, process.memory_info().rss)
        found = [one.result() for one in asked]
    return Measured(
        seconds=[waited for waited, _ in found],
        unanswered=sum(not answered for _, answered in found),
        peak_bytes=peak,
    )


def timed(victim: Client, due: float) -> tuple[float, bool]:
    """Seconds from when it was due to the answer, and whether there was one."""
    try:
        answered = victim.ask("GET", "/auth/me")[0] == 200
    except OSError:
        answered = False
    return time.monotonic() - due, answered


def under(process: psutil.Popen, victim: Client, attack: Callable[[Event], None]) -> Measured:
    """The victim's answers while an attack goes on."""
    # In a process of its own, so that it takes no time from the asking.
    stopped = FORKED.Event()
    attacker = FORKED.Process(target=attack, args=(stopped,))
    attacker.start()
    measured = watch(process, victim, ATTACK_SECONDS)
    stopped.set()
    attacker.join()
    return measured


def repeated(act: Callable[[], Any], times: int, *, at_once: int = 32) -> Callable[[Event], None]:
    """An attack of so many acts, ended early when the watching ends."""

    def attack(stopped: Event) -> None:
        def one(_number: int) -> None:
            if not stopped.is_set():
                with suppress(OSError, http.client.HTTPException):
                    act()

        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(one, range(times)))

    return attack


def half_heads(port: int, count: int) -> Callable[[Event], None]:
    def attack(stopped: Event) -> None:
        held: list[socket.socket] = []
        for _ in range(count):
            with suppress(OSError):
                raw = socket.create_connection(("127.0.0.1", port), 10, source_address=ATTACKER)
                raw.sendall(b"GET /api/v1/auth/me HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
                held.append(raw)
        stopped.wait()
        for raw in held:
            raw.close()

    return attack


def bomb() -> bytes:
    """Twenty thousand long texts that a compressed page holds once."""
    texts = pa.array([f"{'x' * 30_000}{row}" for row in range(20_000)])
    file = io.BytesIO()
    pq.write_table(pa.table({"a": texts}), file, compression="zstd", use_dictionary=False)
    return file.getvalue()


def attacks(port: int, insider: Client, project: str) -> dict[str, Callable[[Event], None]]:
    stranger = Client(port, ATTACKER)
    question = json.dumps({"question": "and " * 60}).encode()
    sign_in = json.dumps({"email": "a@example.org", "password": "wrong wrong wrong"}).encode()
    brackets = b'{"email": ' + b"[" * 240 + b"]" * 240 + b"}"
    keys = json.dumps({f"k{number}": 1 for number in range(115_000)}).encode()
    hostile = bomb()
    compile_path = f"/projects/{project}/compile"
    return {
        "20 dropped questions “and ” × 60": repeated(
            lambda: insider.drop("POST", compile_path, question), 20
        ),
        "300 dropped lists of nodes": repeated(
            lambda: insider.drop("GET", f"/nodes?project_id={project}"), 300
        ),
        "1,000 dropped sign-ins": repeated(
            lambda: stranger.drop("POST", "/auth/login", sign_in), 1000
        ),
        "300 half-sent heads": half_heads(port, 300),
        "200 × 240 brackets": repeated(lambda: stranger.ask("POST", "/auth/login", brackets), 200),
        "20 × 115,000 unknown keys": repeated(
            lambda: insider.ask("POST", "/projects", keys), 20, at_once=4
        ),
        f"6 files of {len(hostile) // 1024:,} KiB that unfold to 600 MB": repeated(
            lambda: upload(insider, "bomb.parquet", hostile), 6, at_once=3
        ),
    }


def is_chosen(name: str, words: list[str]) -> bool:
    return not words or any(word in name for word in words)


def told(name: str, found: Measured, quiet: Measured) -> str:
    factor = found.p95 / quiet.p95
    return (
        f"| {name} | {len(found.seconds)} | {statistics.median(found.seconds) * 1000:.1f} "
        f"| {found.p95 * 1000:.1f} | {quiet.p95 * 1000:.1f} | {factor:.1f} "
        f"| {max(found.seconds) * 1000:.0f} | {found.unanswered} "
        f"| {found.peak_bytes / 2**20:,.0f} |"
    )


def main() -> None:
    with server() as (process, port):
        victim, insider = Client(port), Client(port, ATTACKER)
        victim.register("victim")
        insider.register("insider")
        project = make_project(insider, nodes=30)
        watch(process, victim, 2.0)
        print(
            "| attack | asked | p50 ms | p95 ms | quiet p95 ms | × quiet | slowest ms | unanswered "
            "| API MiB |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        over: list[str] = []
        for name, attack in attacks(port, insider, project).items():
            if not is_chosen(name, sys.argv[1:]):
                continue
            # Anew before each attack, for what else the machine does changes too.
            quiet = watch(process, victim, QUIET_SECONDS)
            found = under(process, victim, attack)
            print(told(name, found, quiet), flush=True)
            if found.p95 > LONGEST_FACTOR * quiet.p95 or found.unanswered:
                over.append(name)
        print()
        print(f"over {LONGEST_FACTOR:g} × quiet or unanswered: {', '.join(over) or 'none'}")


if __name__ == "__main__":
    main()
