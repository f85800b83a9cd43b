"""The audit at full size, over the real application: list by each filter, export, verify.

A PostgreSQL of its own with default settings; entries of one tenant are generated in SQL, seals are
made by the sealer for a part of them. Prints one JSON object; a quiet machine is up to the caller.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--exported", type=int, default=1_000_000)
    options.add_argument("--requests", type=int, default=200, help="per filter")
    options.add_argument("--limit-milliseconds", type=float, default=100.0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="agentverse-bench-") as folder:
        Path(folder).chmod(0o755)
        os.environ["AGENTVERSE_HOME"] = folder
        os.environ.pop("DATABASE_URL", None)
        result = measure(chosen.rows, chosen.exported, chosen.requests)
    print(json.dumps(result, indent=1))
    slowest = max(found["p95_milliseconds"] for found in result["list"].values())
    sys.exit(slowest >= chosen.limit_milliseconds)


def measure(rows: int, exported: int, requests: int) -> dict[str, Any]:
    import psycopg
    from factories.audit_rows import fill, filters_of
    from factories.identity import bearer, make_member
    from fastapi.testclient import TestClient

    from agentverse.entrypoints.api import create_app
    from agentverse.platform.db import database_roles, migrating
    from agentverse.platform.settings import get_settings

    database = migrating.prepare(get_settings())
    member = make_member("bench@example.org")
    started = time.perf_counter()
    with psycopg.connect(database_roles.conninfo(database.urls.owner), autocommit=True) as owner:
        owner.execute("SET synchronous_commit = off")
        fill(owner, member.tenant_id, rows=rows)
        owner.execute("VACUUM audit_entries, audit_personal, audit_terms")
    filled = time.perf_counter() - started
    with TestClient(create_app()) as client:
        headers = bearer(member)
        # Values spread over the rows, so that often and seldom, new and old are all asked for.
        samples = [filters_of(1 + n * rows // requests) for n in range(requests)]
        by_filter = {name: [sample[name] for sample in samples] for name in samples[0]}
        now = datetime.now(UTC)
        by_filter["since and to"] = [
            {
                "since": (now - timedelta(days=90 * (n + 1) / requests)).isoformat(),
                "to": (now - timedelta(days=90 * n / requests)).isoformat(),
            }
            for n in range(requests)
        ]
        listed = {name: percentiles(client, headers, asked) for name, asked in by_filter.items()}
        return {
            "rows": rows,
            "generated_seconds": round(filled, 1),
            "list": listed,
            "export": export(client, headers, exported, rows),
        }


def percentiles(
    client: Any, headers: dict[str, str], asked: list[dict[str, str]]
) -> dict[str, float]:
    taken: list[float] = []
    for filters in asked:
        with timed(taken):
            answer = client.get("/api/v1/admin/audit-logs", params=filters, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
    cut = statistics.quantiles(taken, n=20)
    return {"p50_milliseconds": round(cut[9], 1), "p95_milliseconds": round(cut[18], 1)}


@contextmanager
def timed(taken: list[float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    taken.append((time.perf_counter() - started) * 1000)


def export(client: Any, headers: dict[str, str], exported: int, rows: int) -> dict[str, float]:
    """The newest `exported` entries as CSV; the process's largest memory before and after."""
    since = datetime.now(UTC) - timedelta(days=90 * exported / rows)
    before = peak_mebibytes()
    started = time.perf_counter()
    size = lines = 0
    parameters = {"since": since.isoformat(), "format": "csv"}
    with client.stream(
        "GET", "/api/v1/admin/audit-logs/export", params=parameters, headers=headers
    ) as answer:
        for chunk in answer.iter_bytes():
            size += len(chunk)
            lines += chunk.count(b"\r\n")
    return {
        "lines": lines,
        "mebibytes": round(size / 2**20, 1),
        "seconds": round(time.perf_counter() - started, 1),
        "memory_growth_mebibytes": round(peak_mebibytes() - before, 1),
    }


def peak_mebibytes() -> float:
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main()
