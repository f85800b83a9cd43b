"""The same rule in Mesa 3: people as Python objects, told to step one after the other."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import json
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import mesa
import numpy as np

import agentverse_engine as av

# Made by `make bench-engine` where mesa-frames can be installed.
FRAMES_PYTHON = Path(__file__).parents[2] / ".cache" / "mesa-frames" / "bin" / "python"


class Person(mesa.Agent):
    """One opinion, between the neighbours' mean and where it started."""

    def __init__(self, model: Any, opinion: float, susceptibility: float) -> None:
        super().__init__(model)
        self.opinion = self.start = self.following = opinion
        self.susceptibility = susceptibility
        self.neighbours: list[Person] = []

    def listen(self) -> None:
        heard = self.opinion
        if self.neighbours:
            heard = sum(other.opinion for other in self.neighbours) / len(self.neighbours)
        self.following = self.susceptibility * heard + (1 - self.susceptibility) * self.start

    def speak(self) -> None:
        self.opinion = self.following


class Society(mesa.Model):
    """Everybody listens, then everybody speaks: as synchronous as ours."""

    def __init__(self, scenario: av.Scenario) -> None:
        super().__init__(seed=1)
        population, network = scenario.population, scenario.network
        values = zip(
            population.attributes["opinion"].tolist(),
            population.attributes["susceptibility"].tolist(),
            strict=True,
        )
        self.people = [Person(self, opinion, openness) for opinion, openness in values]
        for row, person in enumerate(self.people):
            near = network.indices[network.indptr[row] : network.indptr[row + 1]]
            person.neighbours = [self.people[other] for other in near.tolist()]

    def step(self) -> None:
        self.agents.do("listen")
        self.agents.do("speak")


def mesa_steps_per_second(scenario: av.Scenario) -> float:
    """Return agent-steps per second over the scenario's ticks, people made beforehand."""
    society = Society(scenario)
    society.step()
    start = time.perf_counter()
    for _ in range(scenario.horizon):
        society.step()
    taken = time.perf_counter() - start
    _check_same(society, scenario)
    return len(scenario.population) * scenario.horizon / taken


def frames_steps_per_second(scenario: av.Scenario) -> float | None:
    """Return the same of mesa-frames, in a Python of its own; None where there is none."""
    if not FRAMES_PYTHON.exists():
        return None
    population, network = scenario.population, scenario.network
    with tempfile.TemporaryDirectory() as folder:
        np.savez(
            f"{folder}/people.npz",
            opinion=population.attributes["opinion"],
            susceptibility=population.attributes["susceptibility"],
            indptr=network.indptr,
            indices=network.indices,
        )
        script = str(Path(__file__).with_name("peers_frames.py"))
        command = [FRAMES_PYTHON, script, f"{folder}/people.npz", str(scenario.horizon)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    _check_mean(told["mean"], scenario)
    return float(told["steps_per_s"])


def _check_same(society: Society, scenario: av.Scenario) -> None:
    _check_mean(float(np.mean([person.opinion for person in society.people])), scenario)


def _check_mean(theirs: float, scenario: av.Scenario) -> None:
    """Both ran the same rule on the same data, so they agree to our rounding."""
    longer = replace(scenario, horizon=scenario.horizon + 1, replicates=1)
    ours = av.simulate_ensemble(longer, dense_replicates=0).level_means("opinion")[0, -1]
    if abs(ours - theirs) > 1e-6:
        message = f"ours {ours}, theirs {theirs}"
        raise AssertionError(message)
