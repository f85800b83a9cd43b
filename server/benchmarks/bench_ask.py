"""From POST ask to the finished comparison, over real HTTP with a real worker process.

The demo's own project: 100,000 personas × 36 months × 20 replicates, with and without the social
rules. Prints one JSON object. A data home of its own unless AGENTVERSE_HOME is set.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

QUESTION = "What if a subsidy cuts the installation cost of heat pumps by {percent}% from month 6?"
START_SECONDS = 300


class Api:
    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}/api/v1"
        self.token: str | None = None

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        request = urllib.request.Request(f"{self.root}{path}", method=method)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        if self.token is not None:
            request.add_header("Authorization", f"Bearer {self.token}")
        for name, value in headers.items():
            request.add_header(name, value)
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=120) as answer:  # noqa: S310
            return json.load(answer)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=5)
    repeats = options.parse_args().repeats
    with tempfile.TemporaryDirectory(prefix="agentverse-bench-") as folder:
        Path(folder).chmod(0o755)
        home = os.environ.get("AGENTVERSE_HOME", folder)
        print(json.dumps(measure(home, repeats), indent=1))


def measure(home: str, repeats: int) -> dict[str, Any]:
    port = free_port()
    started = time.perf_counter()
    server = start_server(home, port)
    try:
        api = Api(port)
        api.token = sign_in(server, api)
        ready_seconds = time.perf_counter() - started
        wait_for_worker(api)
        project = api("GET", "/projects")["items"][0]
        asks = [ask(api, project, 20 + number) for number in range(repeats)]
        seeks = [seek(api, asks[-1]["run_id"], tick) for tick in (0, 36, 17, 5, 35, 18)]
    finally:
        server.terminate()
        server.wait()
    totals = [one["total_seconds"] for one in asks]
    return {
        "what": "POST ask → finished comparison, over HTTP with a worker process",
        "personas": project["personas"],
        "ticks": project["horizon"],
        "replicates": project["replicates"],
        "variants": 2,
        "median_seconds": round(statistics.median(totals), 3),
        "worst_seconds": round(max(totals), 3),
        "goal_seconds": 6.0,
        "asks": asks,
        "compute_seconds_per_100k_36_8": compute_of_eight(project, asks),
        "seek_milliseconds_median": round(statistics.median(seeks), 1),
        "seek_milliseconds_first": round(seeks[0], 1),
        "seek_goal_milliseconds": 100,
        "start_to_signed_in_seconds": round(ready_seconds, 2),
    }


def ask(api: Api, project: dict[str, Any], percent: int) -> dict[str, Any]:
    """A new percentage each time, so that nothing can be answered from a cache."""
    started = time.perf_counter()
    body = {"question": QUESTION.format(percent=percent)}
    accepted = api("POST", f"/projects/{project['id']}/ask", body)
    found = api("GET", f"/asks/{accepted['id']}", Prefer="wait=60")
    if found["status"] != "succeeded":
        raise SystemExit(f"The ask ended as {found['status']}: {found['problem']}")
    answered = time.perf_counter()
    api("GET", f"/nodes/{project['root_node_id']}/compare/{found['node_id']}")
    ended = time.perf_counter()
    runs = [api("GET", f"/runs/{run_id}") for run_id in found["run_ids"]]
    return {
        "ask_seconds": round(answered - started, 3),
        "compare_seconds": round(ended - answered, 3),
        "total_seconds": round(ended - started, 3),
        "compute_seconds": [round(run["compute_seconds"], 3) for run in runs],
        "telemetry_bytes_per_agent_tick": round(
            runs[0]["telemetry_bytes"] / (project["personas"] * project["horizon"]), 3
        ),
        "run_id": found["run_ids"][0],
    }


def compute_of_eight(project: dict[str, Any], asks: list[dict[str, Any]]) -> float:
    """Scaled from the measured replicates: the time grows with them in proportion."""
    slowest = statistics.median(max(one["compute_seconds"]) for one in asks)
    return round(slowest * 8 / project["replicates"], 3)


def seek(api: Api, run_id: str, tick: int) -> float:
    started = time.perf_counter()
    api("GET", f"/runs/{run_id}/frames/{tick}")
    return 1000 * (time.perf_counter() - started)


def start_server(home: str, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "agentverse.entrypoints.cli", "demo", "--port", str(port)]
    environment = {**os.environ, "AGENTVERSE_HOME": home, "AGENTVERSE_LOG_LEVEL": "ERROR"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def sign_in(server: subprocess.Popen[str], api: Api) -> str:
    """The one-time sign-in that the demo prints when it is ready."""
    if server.stdout is None:
        raise SystemExit("The demo has no output.")
    for line in server.stdout:
        if "#token=" in line:
            token = line.partition("#token=")[2].strip()
            return api("POST", "/auth/one-time", {"token": token})["access_token"]
    raise SystemExit("The demo ended before it was ready.")


def wait_for_worker(api: Api) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            api("GET", "/health/ready")
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(1.0)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
