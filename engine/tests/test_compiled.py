"""The compile cache never serves code that was compiled from other sources."""

import shutil
import subprocess
import sys
from pathlib import Path

import agentverse_engine as av

PROGRAM = """
import numpy as np
from agentverse_engine.networks import homophily
from agentverse_engine import homophilous_network
network = homophilous_network({'g': np.arange(50) % 2}, mean_degree=2, odds_ratios={}, seed=1)
print(network.digest, sum(homophily._draw_ends.stats.cache_hits.values()))
"""


def test_a_changed_callee_is_compiled_anew(tmp_path: Path) -> None:
    package = tmp_path / "agentverse_engine"
    shutil.copytree(Path(av.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))

    def run() -> tuple[str, str]:
        command = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        digest, hits = done.stdout.split()
        return digest, hits

    first, hits = run()
    assert hits == "0"
    assert run() == (first, "1")
    source = package / "rng.py"  # the kernel's own file stays as it is
    source.write_text(source.read_text() + "\n# another word\n")
    assert run() == (first, "1")
    source.write_text(source.read_text().replace("ROUNDS = 10", "ROUNDS = 9"))
    changed, hits = run()
    assert hits == "0"
    assert changed != first
