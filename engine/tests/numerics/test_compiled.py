"""The compile cache never serves code that was compiled from other sources."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import cast

import agentverse_engine as av
from agentverse_engine.kernels.kernel_cache import fused
from agentverse_engine.numerics.compiled import code_terms

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
    source = package / "numerics" / "rng.py"  # the kernel's own file stays as it is
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


CONSTANTS = """
import enum
import numba

RATE = {rate}

class Kind(enum.IntEnum):
    FAST = {rate}

@numba.njit
def scaled(value):
    return value * RATE
"""


# Three ways to name the number; each is a pack, so a kernel with a place in the cache of its own.
MEANT = ("numbers.RATE", "(1 + (numbers.Kind.FAST == 2))", "numbers.scaled(1)")


def test_number_of_another_module_that_changed_is_compiled_anew(tmp_path: Path) -> None:
    programs: list[str] = []
    for position, meant in enumerate(MEANT):
        module = f"moods_{position}"
        (tmp_path / f"{module}.py").write_text(
            f"import rates as numbers\n\ndef rise(mood):\n    return mood + {meant}\n"
        )
        programs.append(PROGRAM_WITH_A_RULE.format(module=module))

    def run(rate: int) -> list[float]:
        (tmp_path / "rates.py").write_text(CONSTANTS.format(rate=rate))
        shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)
        command = [sys.executable, "-c", "\n".join(programs)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return [float(line) for line in done.stdout.split()]

    assert (run(1), run(2)) == ([4.0] * 3, [8.0] * 3)


def test_code_of_a_rule_with_a_function_inside_is_the_same_in_each_process() -> None:
    program = (
        "from agentverse_engine.numerics.compiled import code_terms\n"
        "def rule(x):\n    double = lambda y: y * 2\n    return double(x)\n"
        "print(code_terms(rule))"
    )

    def run(seed: str) -> str:
        command = [sys.executable, "-c", "waste = [[] for _ in range(" + seed + ")]\n" + program]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert run("1") == run("99999")


def _rule(body: str, scope: dict[str, object]) -> Callable[[float], float]:
    """Return the function of one argument, mood, with names of its own, as in a notebook."""
    exec(f"def rule(mood):\n    {body}", scope)  # noqa: S102  our own text
    return cast("Callable[[float], float]", scope["rule"])


def test_code_of_a_rule_depends_on_what_the_function_inside_it_names() -> None:
    def terms(rate: float) -> tuple[object, ...]:
        return code_terms(_rule("return (lambda y: y * RATE)(mood)", {"RATE": rate}))

    assert terms(0.5) == terms(0.5)
    assert terms(0.5) != terms(0.1)


def test_code_of_a_rule_depends_on_numbers_of_modules_within_packages() -> None:
    package, inner = ModuleType("package"), ModuleType("package.inner")
    vars(package)["inner"] = inner
    vars(inner)["package"] = package  # as packages import each other
    rule = _rule("return mood * package.inner.RATE", {"package": package})

    vars(inner)["RATE"] = 0.5
    before = code_terms(rule)
    vars(inner)["RATE"] = 0.1

    assert code_terms(rule) != before


def test_kernel_is_made_anew_when_a_number_that_a_rule_names_has_changed() -> None:
    scope: dict[str, object] = {"RATE": 0.5}
    falls = _rule("return mood * RATE", scope)
    mood = av.Level(name="mood", label="mood", unit="", minimum=0, maximum=9, default=8)
    pack = av.Pack(
        name="moods",
        alternatives=("all",),
        levels=(mood,),
        rules=(av.Rule(name="fall", function=falls, writes=("mood",), source="made up"),),
    )
    before = fused(pack)
    assert fused(pack) is before

    scope["RATE"] = 0.25

    assert fused(pack) is not before
