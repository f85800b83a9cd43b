"""How fast the engine is, beside a bare neighbour-sum kernel on the same data in the same run."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

import agentverse_engine as av
from agentverse_engine.compiled import compiled

ALTERNATIVES = ("ec", "er", "gc", "gr", "hp")
CHUNK = 8192
COLD_PROGRAM = """
import time; start = time.perf_counter()
import agentverse_engine as av
av.warm_up(); print(time.perf_counter() - start)
"""


@compiled
def neighbour_sums(
    first: int,
    last: int,
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    state: NDArray[np.uint8],
    out: NDArray[np.int64],
) -> None:
    """Add up the states of all neighbours: the least work that any social rule needs."""
    for persona in range(first, last):
        for replicate in range(state.shape[1]):
            out[persona, replicate] = 0
        for position in range(indptr[persona], indptr[persona + 1]):
            neighbour = indices[position]
            for replicate in range(state.shape[1]):
                out[persona, replicate] += state[neighbour, replicate]


def scenario_of(personas: int, *, horizon: int, replicates: int, rate: float) -> av.Scenario:
    """Make a society shaped like the demo: five systems, two cost families, twelve cells."""
    draw = np.random.default_rng(1)
    model = av.ChoiceModel(
        alternatives=ALTERNATIVES,
        coefficients={"installation_cost": -0.00153315, "operating_cost": -0.00699637},
        constants={"ec": 1.65885, "er": 1.85344, "gc": 1.71098, "gr": 0.308263},
    )
    costs = {"installation_cost": (600, 1300), "operating_cost": (120, 600)}
    population = av.Population(
        segments=("low", "middle", "high"),
        regions=("valley", "scostl", "mountn", "ncostl"),
        segment=draw.integers(0, 3, personas, dtype=np.int16),
        region=draw.integers(0, 4, personas, dtype=np.int16),
        attributes={
            f"{family}.{name}": draw.uniform(*costs[family], personas)
            for family in costs
            for name in ALTERNATIVES
        },
        choice=draw.integers(0, 5, personas, dtype=np.uint8),
    )
    variables = av.consumer_choice_variables(
        model,
        attribute_ranges={"installation_cost": (0, 13000), "operating_cost": (0, 6000)},
        family_labels={"installation_cost": "installation cost", "operating_cost": "running cost"},
        family_units={"installation_cost": "USD", "operating_cost": "USD/year"},
        alternative_labels={name: name for name in ALTERNATIVES},
        attribute_source="drawn for the benchmark",
    )
    return av.Scenario(
        population=population,
        network=network_of(population),
        pack=av.consumer_choice(model),
        variables=tuple(
            replace(item, default=rate) if item.name == "replacement_rate" else item
            for item in variables
        ),
        event_scripts=(
            av.EventScript(
                variable="installation_cost.hp",
                operation="multiply",
                value=0.7,
                scope=av.Scope(start_tick=min(6, horizon)),
            ),
        ),
        horizon=horizon,
        replicates=replicates,
    )


def network_of(population: av.Population) -> av.Network:
    return av.homophilous_network(
        {"region": population.region, "income": population.segment},
        mean_degree=10,
        odds_ratios={"region": 6, "income": 3},
        seed=20,
    )


def seconds(action: Callable[[], object], repeats: int) -> float:
    """Return the median of `repeats` runs after one that is not counted."""
    action()
    taken: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def bare_kernel_seconds(scenario: av.Scenario, threads: int, repeats: int) -> float:
    """Sum all neighbours' states for every tick and replicate of a scenario."""
    size = len(scenario.population)
    state = np.repeat(scenario.population.choice[:, None], scenario.replicates, axis=1)
    out = np.zeros(state.shape, dtype=np.int64)
    network = scenario.network

    with ThreadPoolExecutor(threads) as pool:

        def part(first: int) -> None:
            last = min(first + CHUNK, size)
            neighbour_sums(first, last, network.indptr, network.indices, state, out)

        def all_ticks() -> None:
            for _ in range(scenario.horizon):
                list(pool.map(part, range(0, size, CHUNK)))

        return seconds(all_ticks, repeats)


def start_seconds() -> tuple[float, float]:
    """Return import plus first ticks with an empty and with a filled compile cache."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        cold, warm = (
            float(
                subprocess.run(
                    [sys.executable, "-c", COLD_PROGRAM],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            )
            for _ in range(2)
        )
    return cold, warm


def bytes_per_persona(scenario: av.Scenario) -> float:
    """Count what a run holds for each persona, telemetry apart."""
    population, network = scenario.population, scenario.network
    fixed = (
        population.matrix.nbytes
        + population.ids.nbytes
        + population.segment.nbytes
        + population.region.nbytes
        + population.choice.nbytes
        + population.cells().nbytes
        + network.indptr.nbytes
        + network.indices.nbytes
    )
    return fixed / len(population) + 2 * scenario.replicates


def measure(repeats: int, threads: int) -> dict[str, Any]:
    print("Measuring; this takes about half a minute.", file=sys.stderr)
    cold, warm = start_seconds()
    usual = scenario_of(100_000, horizon=36, replicates=8, rate=1 / 216)
    restless = scenario_of(100_000, horizon=36, replicates=8, rate=1.0)
    million = scenario_of(1_000_000, horizon=12, replicates=1, rate=1 / 216)
    small = scenario_of(10_000, horizon=1, replicates=1, rate=1 / 216)
    steps = 100_000 * 36 * 8
    ensemble = seconds(lambda: av.simulate_ensemble(usual, threads=threads), repeats)
    everybody = seconds(lambda: av.simulate_ensemble(restless, threads=threads), 3)
    bare = bare_kernel_seconds(usual, threads, repeats)
    large = seconds(lambda: av.simulate_ensemble(million, threads=threads), 3)
    return {
        "threads": threads,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "ensemble_seconds": ensemble,
        "ensemble_one_thread_seconds": seconds(
            lambda: av.simulate_ensemble(usual, threads=1), repeats
        ),
        "ensemble_steps_per_second": steps / ensemble,
        "everybody_chooses_seconds": everybody,
        "everybody_chooses_steps_per_second": steps / everybody,
        "bare_kernel_steps_per_second": steps / bare,
        "ratio_to_bare_kernel": bare / ensemble,
        "ratio_to_bare_kernel_everybody_chooses": bare / everybody,
        "million_personas_steps_per_second": 12_000_000 / large,
        "ten_thousand_personas_one_tick_seconds": seconds(
            lambda: av.simulate_ensemble(small, threads=1, dense_replicates=0), 20
        ),
        "network_seconds": seconds(lambda: network_of(usual.population), 3),
        "expected_shares_seconds": seconds(lambda: av.expected_shares(usual), 3),
        "bytes_per_persona": bytes_per_persona(usual),
        "cold_start_seconds": cold,
        "warm_start_seconds": warm,
        "digest": av.simulate_ensemble(usual).digest,
    }


def table(found: dict[str, Any]) -> str:
    rows = (
        ("100,000 personas x 36 ticks x 8 replicates", f"{found['ensemble_seconds']:.3f} s"),
        ("  on one thread", f"{found['ensemble_one_thread_seconds']:.3f} s"),
        ("  persona-steps per second", f"{found['ensemble_steps_per_second'] / 1e6:.0f} M"),
        ("  against a bare neighbour-sum kernel", f"{found['ratio_to_bare_kernel']:.2f} x"),
        (
            "the same, everybody choosing at every tick",
            f"{found['everybody_chooses_seconds']:.3f} s",
        ),
        (
            "  persona-steps per second",
            f"{found['everybody_chooses_steps_per_second'] / 1e6:.0f} M",
        ),
        (
            "  against a bare neighbour-sum kernel",
            f"{found['ratio_to_bare_kernel_everybody_chooses']:.2f} x",
        ),
        ("bare neighbour-sum kernel", f"{found['bare_kernel_steps_per_second'] / 1e6:.0f} M/s"),
        (
            "1,000,000 personas, 1 replicate",
            f"{found['million_personas_steps_per_second'] / 1e6:.0f} M/s",
        ),
        (
            "10,000 personas, a whole run of one tick",
            f"{found['ten_thousand_personas_one_tick_seconds'] * 1e3:.2f} ms",
        ),
        ("network of 100,000, degree 10", f"{found['network_seconds']:.3f} s"),
        ("closed-form shares, 36 ticks", f"{found['expected_shares_seconds']:.3f} s"),
        ("memory per persona (degree 10, 8 replicates)", f"{found['bytes_per_persona']:.0f} bytes"),
        ("import and first ticks, empty compile cache", f"{found['cold_start_seconds']:.1f} s"),
        ("import and first ticks, filled compile cache", f"{found['warm_start_seconds']:.1f} s"),
    )
    return "\n".join(f"{name:<46} {value:>12}" for name, value in rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=7)
    arguments.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    chosen = arguments.parse_args()
    found = measure(chosen.repeats, chosen.threads)
    print(table(found))
    print(json.dumps({"benchmark": "engine", **found}))


if __name__ == "__main__":
    main()
