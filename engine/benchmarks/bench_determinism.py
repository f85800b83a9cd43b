"""Ten thousand random scenarios against the plain reference, each run in three ways."""

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from societies.matrix import FAMILIES, digest

from agentverse_engine.execution.recording import trajectory_digest
from agentverse_engine.reference import simulate_reference


def differing(family: str, seed: int) -> list[int]:
    """Return the ways whose digest is not the reference's."""
    slow = simulate_reference(FAMILIES[family](seed))
    expected = trajectory_digest(
        slow.tick_digests, slow.flows, slow.stock, slow.level_sums, slow.level_bins
    )
    return [way for way in (seed, seed + 7, seed + 23) if digest(family, seed, way=way) != expected]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scenarios", type=int, default=10_000)
    arguments.add_argument("--from-seed", type=int, default=1000)
    chosen = arguments.parse_args()
    each = -(-chosen.scenarios // len(FAMILIES))
    jobs = [(name, chosen.from_seed + at) for at in range(each) for name in FAMILIES]
    jobs = jobs[: chosen.scenarios]
    start = time.perf_counter()
    wrong: list[tuple[str, int, int]] = []
    with ProcessPoolExecutor(cpu_count()) as pool:
        found = pool.map(differing, *zip(*jobs, strict=True), chunksize=50)
        for done, (job, ways) in enumerate(zip(jobs, found, strict=True), start=1):
            wrong += [(*job, way) for way in ways]
            if done % 1000 == 0:
                print(f"{done:,} scenarios, {len(wrong)} differ", file=sys.stderr, flush=True)
    result = {
        "benchmark": "determinism",
        "scenarios": len(jobs),
        "runs": 3 * len(jobs),
        "differing": wrong[:20],
        "equal_share": 1 - len(wrong) / (3 * len(jobs)),
        "seconds": time.perf_counter() - start,
    }
    print(json.dumps(result))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
