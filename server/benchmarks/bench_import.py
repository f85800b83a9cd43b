"""Import of 1,000,000 rows with the Heating columns, beside a bare pyarrow read of the same file.

python server/benchmarks/bench_import.py [--rows 1000000] [--json]
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from agentverse.populations.building import build
from agentverse.populations.datasets import HEATING
from agentverse.populations.schemas import ImportRequest
from agentverse_engine import warm_up


def enlarged(rows: int) -> pa.Table:
    """The 900 households over and over, each cost moved a little, so that no two rows are equal."""
    table = pacsv.read_csv(HEATING.path)
    rng = np.random.default_rng(1)
    chosen = np.arange(rows) % table.num_rows
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table[name].take(pa.array(chosen))
        if name.startswith(("ic.", "oc.")):
            moved = column.to_numpy() * rng.normal(1.0, 0.05, rows)
            column = pa.array(np.round(moved, 2))
        columns[name] = column
    return pa.table(columns)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warm_up()
    with TemporaryDirectory() as folder:
        report = measure(Path(folder), options.rows)
    if options.json:
        print(json.dumps(report))
        return
    for name, value in report.items():
        print(f"{name:32} {value}")


def measure(folder: Path, rows: int) -> dict[str, Any]:
    table = enlarged(rows)
    csv_path, parquet_path = folder / "survey.csv", folder / "survey.parquet"
    pacsv.write_csv(table, csv_path)
    pq.write_table(table, parquet_path)
    del table
    bare_csv, _ = timed(lambda: pacsv.read_csv(csv_path).num_rows)
    bare_parquet, _ = timed(lambda: pq.read_table(parquet_path).num_rows)
    marks: dict[str, float] = {}
    csv_seconds, built = timed(lambda: run(csv_path, marks))
    parquet_seconds, from_parquet = timed(lambda: run(parquet_path, {}))
    same = built.snapshot.digest == from_parquet.snapshot.digest
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "rows": rows,
        "csv_mib": round(csv_path.stat().st_size / 2**20, 1),
        "rows_imported": built.import_report.rows_imported,
        "personas": len(built.snapshot.population),
        "import_csv_seconds": round(csv_seconds, 2),
        "import_parquet_seconds": round(parquet_seconds, 2),
        "bare_pyarrow_csv_seconds": round(bare_csv, 2),
        "bare_pyarrow_parquet_seconds": round(bare_parquet, 2),
        "csv_over_bare": round(csv_seconds / bare_csv, 1),
        "seconds_by_stage": {name: round(seconds, 2) for name, seconds in marks.items()},
        "same_digest_from_both": same,
        "peak_memory_mib": round(peak / (1024 if sys.platform == "linux" else 2**20)),
    }


def run(path: Path, marks: dict[str, float]) -> Any:
    last: list[tuple[str, float]] = [("reading", time.perf_counter())]

    def progress(name: str, _done: int, _total: int) -> None:
        before, since = last[0]
        moment = time.perf_counter()
        marks[before] = marks.get(before, 0.0) + moment - since
        last[0] = (name, moment)

    built = build(
        path,
        ImportRequest(mapping=HEATING.mapping),
        file_sha256="",
        source="benchmark",
        progress=progress,
    )
    progress("reports", 0, 0)
    return built


if __name__ == "__main__":
    main()
