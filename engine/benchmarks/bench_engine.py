"""How fast the engine is, beside a bare neighbour-sum kernel and Mesa 3, in one run."""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from os import environ
from pathlib import Path
from typing import Any, cast

import numba
import numpy as np
from peers import frames_steps_per_second, mesa_steps_per_second
from subjects import (
    PROCESSORS,
    bare_seconds,
    network_of,
    opinions,
    product,
    run_seconds,
    seconds,
    with_draws,
)

import agentverse_engine as av
from agentverse_engine import codec

MILLION = 1_000_000
COLD_PROGRAM = """
import time; start = time.perf_counter()
import agentverse_engine as av
av.warm_up(); print(time.perf_counter() - start)
"""
# What this program alone held, by /proc; ru_maxrss would carry over what the parent once held.
MEMORY_PROGRAM = """
from subjects import product
import agentverse_engine as av

def held(name):
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(status[name].split()[0]) * 1024

av.simulate_ensemble(product(1_000, horizon=2, replicates=1), dense_replicates=0)
before = held("VmRSS")
scenario = product(1_000_000, horizon=2, replicates=1)
arrays = sum(array.nbytes for array in (
    scenario.population.matrix, scenario.population.ids, scenario.population.segment,
    scenario.population.region, scenario.population.choice, scenario.network.indptr,
    scenario.network.indices))
making = held("VmHWM")
with open("/proc/self/clear_refs", "w") as switch:
    switch.write("5")  # the high-water mark starts anew
av.simulate_ensemble(scenario, dense_replicates=0)
print(arrays, making - before, held("VmHWM") - before)
"""


def product_figures(threads: int, repeats: int) -> dict[str, float]:
    """The product pack on a million people, one replicate, beside the bare kernel."""
    usual = product(MILLION, horizon=12, replicates=1)
    steps = MILLION * 12
    bare = steps / bare_seconds(usual, threads, repeats)
    shipped = steps / run_seconds(usual, threads, repeats)
    everybody = product(MILLION, horizon=4, replicates=1, rate=1.0)
    restless = MILLION * 4 / run_seconds(everybody, threads, repeats)
    return {
        "product_pack_agent_steps_per_s": shipped,
        "product_pack_everybody_choosing_agent_steps_per_s": restless,
        "bare_kernel_agent_steps_per_s": bare,
        "ratio_to_bare": shipped / bare,
        "ratio_to_bare_everybody_choosing": restless / bare,
    }


def draws_figures(threads: int, repeats: int) -> dict[str, float]:
    """What coefficients and constants of its own for each replicate leave of the speed, measured in
    turns: as shipped, and with everybody choosing at every tick."""
    found: dict[str, float] = {}
    for name, rate in (("as_shipped", 1 / 216), ("everybody_choosing", 1.0)):
        plain = product(100_000, horizon=12, replicates=16, rate=rate)
        pair = (plain, with_draws(plain))
        rounds = [[run_seconds(one, threads, 1) for one in pair] for _ in range(repeats)]
        ratios = [without / drawn for without, drawn in rounds]
        found[f"ratio_with_draws_{name}"] = statistics.median(ratios)
    return found


def mesa_figures(threads: int, repeats: int) -> dict[str, Any]:
    """One rule, Friedkin & Johnsen (1990), on the same people and network in all three."""
    scenario = opinions(10_000, horizon=10)
    theirs = mesa_steps_per_second(scenario)
    frames = frames_steps_per_second(opinions(100_000, horizon=10))
    ours = 10_000 * 200 / run_seconds(opinions(10_000, horizon=200), threads, repeats)
    more = 100_000 * 50 / run_seconds(opinions(100_000, horizon=50), threads, repeats)
    return {
        "mesa_rule": "Friedkin & Johnsen 1990, 10,000 people, degree 10, synchronous",
        "mesa_agent_steps_per_s": theirs,
        "same_rule_agent_steps_per_s": ours,
        "ratio_to_mesa": ours / theirs,
        "mesa_frames_100000_people_agent_steps_per_s": frames,
        "same_rule_100000_people_agent_steps_per_s": more,
        "ratio_to_mesa_frames": None if frames is None else more / frames,
    }


def ensemble_figures(threads: int, seeds: int) -> dict[str, float]:
    """Seeds x 100,000 people x 100 ticks, once."""
    scenario = product(100_000, horizon=100, replicates=seeds)
    av.simulate_ensemble(product(100_000, horizon=2, replicates=2), threads=threads)
    start = time.perf_counter()
    av.simulate_ensemble(scenario, threads=threads, dense_replicates=0)
    taken = time.perf_counter() - start
    return {
        "ensemble_seeds": seeds,
        "ensemble_seconds": taken,
        "ensemble_agent_steps_per_s": seeds * 100_000 * 100 / taken,
    }


def growth_figures(threads: int, repeats: int, largest: int) -> dict[str, Any]:
    """One social rule as people and as neighbours become more."""
    sizes = [size for size in (10_000, 100_000, MILLION, 10 * MILLION) if size <= largest]
    by_size = {size: _opinion_speed(size, 10, threads, repeats) for size in sizes}
    degrees = (5, 10, 20, 40)
    by_degree = {degree: _opinion_speed(100_000, degree, threads, repeats) for degree in degrees}
    return {
        "agent_steps_per_s_by_people": by_size,
        "agent_steps_per_s_by_degree": by_degree,
        "edges_per_s_at_degree_40": by_degree[40] * 40,
    }


def _opinion_speed(size: int, degree: int, threads: int, repeats: int) -> float:
    horizon = max(2, min(50, 4_000_000 // size))
    scenario = opinions(size, horizon=horizon, degree=degree)
    return size * horizon / run_seconds(scenario, threads, 1 if size > MILLION else repeats)


def fork_figures(threads: int) -> dict[str, float]:
    """From a checkpoint of a million people to the first new tick of a branch."""
    kept: list[av.Checkpoint] = []
    parent = product(MILLION, horizon=6, replicates=1)
    av.simulate_ensemble(parent, threads=threads, dense_replicates=0, keep_checkpoint=kept.append)
    script = av.EventScript(
        variable="installation_cost.gc", operation="add", value=50, scope=av.Scope(start_tick=7)
    )
    longer = product(MILLION, horizon=7, replicates=1)

    firsts: list[float] = []

    def fork() -> None:
        start = time.perf_counter()
        branch = longer.branch([script])
        av.simulate_ensemble(
            branch,
            threads=threads,
            dense_replicates=0,
            resume=kept,
            progress=lambda _tick, _horizon: firsts.append(time.perf_counter() - start),
        )

    whole = seconds(fork, 5)
    return {
        "fork_first_tick_ms": 1000 * statistics.median(firsts[1:]),
        "fork_to_trajectory_ms": 1000 * whole,
    }


def replay_figures(threads: int) -> dict[str, float]:
    """Seek ticks of a million people's telemetry, from bytes, without the engine."""
    scenario = product(MILLION, horizon=36, replicates=1)
    run = av.simulate_ensemble(scenario, threads=threads)
    parts = codec.encode(run)
    ticks = iter(np.random.default_rng(3).integers(0, 37, 100).tolist())
    found = seconds(lambda: codec.seek(parts["keyframes"], parts["deltas"], tick=next(ticks)), 20)
    stored = sum(len(data) for data in parts.values())
    return {
        "replay_seek_ms": 1000 * found,
        "telemetry_bytes_per_agent_tick": stored / (MILLION * 36),
    }


def start_figures() -> dict[str, float]:
    """Import plus first ticks, with nothing compiled yet, and with what the first left behind."""
    with tempfile.TemporaryDirectory() as folder:
        caches = {"NUMBA_CACHE_DIR": folder, "PYTHONPYCACHEPREFIX": folder}
        cold, warm = (float(_python(COLD_PROGRAM, caches).split()[-1]) for _ in range(2))
    return {"cold_start_seconds": cold, "warm_start_seconds": warm}


def memory_figures() -> dict[str, float]:
    """What a million people take: as arrays, and as the most the process held above what it held
    before them, while they were made and linked and while they ran."""
    arrays, making, running = (float(part) for part in _python(MEMORY_PROGRAM, {}).split()[-3:])
    buffers = 2 * MILLION  # the state and the one being written
    return {
        "bytes_per_agent": (arrays + buffers) / MILLION,
        "held_while_made_bytes_per_agent": making / MILLION,
        "held_while_run_bytes_per_agent": running / MILLION,
    }


def _python(program: str, changes: dict[str, str]) -> str:
    plain = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**plain, **changes},
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def small_figures(repeats: int) -> dict[str, float]:
    small = product(10_000, horizon=1, replicates=1)
    long = product(10_000, horizon=100, replicates=1)
    return {
        "ten_thousand_whole_run_of_one_tick_ms": 1000 * run_seconds(small, 1, 20),
        "ten_thousand_one_tick_ms": 10 * run_seconds(long, 1, repeats),
        "network_of_100000_seconds": seconds(lambda: network_of(long.population), repeats) * 10,
    }


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    threads, repeats = chosen.threads, chosen.repeats
    print("Measuring; this takes a few minutes.", file=sys.stderr)
    found: dict[str, Any] = {
        "threads": threads,
        "processors": PROCESSORS,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }
    for figures in (
        lambda: start_figures(),
        lambda: product_figures(threads, repeats),
        lambda: draws_figures(threads, repeats),
        lambda: mesa_figures(threads, repeats),
        lambda: ensemble_figures(threads, chosen.seeds),
        lambda: growth_figures(threads, repeats, chosen.largest),
        lambda: fork_figures(threads),
        lambda: replay_figures(threads),
        lambda: memory_figures(),
        lambda: small_figures(repeats),
    ):
        part = figures()
        found |= part
        for name, value in part.items():
            print(f"{name:<52} {_shown(value):>20}", flush=True)
    return found


def _shown(value: object) -> str:
    if isinstance(value, dict):
        speeds = cast("dict[int, float]", value)
        return "  ".join(f"{key:,}: {number / 1e6:.1f} M" for key, number in speeds.items())
    if isinstance(value, float):
        return f"{value / 1e6:,.1f} M" if value >= 1e5 else f"{value:,.3g}"
    return str(value)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=PROCESSORS)
    arguments.add_argument("--seeds", type=int, default=1000, help="of the ensemble")
    arguments.add_argument("--largest", type=int, default=10 * MILLION, help="most people")
    print(json.dumps({"benchmark": "engine", **measure(arguments.parse_args())}))


if __name__ == "__main__":
    main()
