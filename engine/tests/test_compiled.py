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


PROGRAM_WITH_A_RULE = """
import sys
import numpy as np
import agentverse_engine as av
import {module}

pack = av.Pack(
    name="moods",
    alternatives=("all",),
    levels=(av.Level(name="mood", label="mood", unit="", minimum=0, maximum=9, default=0),),
    rules=(av.Rule(name="rise", function={module}.rise, writes=("mood",), source="made up"),),
)
nobody = np.zeros(2, dtype=np.uint8)
population = av.Population(
    segments=("s",), regions=("r",), segment=nobody, region=nobody, attributes={{}}, choice=nobody
)
network = av.network_from_edges(2, [[0, 1]])
run = av.simulate(av.Scenario(population=population, network=network, pack=pack, horizon=4))
print(run.level_means("mood")[0, -1])
"""


def test_cached_kernel_of_a_rule_whose_module_is_gone_is_compiled_anew(tmp_path: Path) -> None:
    # The code is the same under both names, so it has one place in the cache.
    for module in ("rules_of_last_week", "rules_of_today"):
        home = tmp_path / f"{module}.py"
        home.write_text("def rise(mood):\n    return mood + 0.3125\n")
        program = PROGRAM_WITH_A_RULE.format(module=module)
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
        )
        home.unlink()
        assert done.stdout.strip() == "1.25", done.stderr
