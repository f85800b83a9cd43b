"""The state of everybody, as it is at the start and as it is digested."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.packs.pack import Level
from agentverse_engine.reference.draws import WORD
from agentverse_engine.scenario.scenario import Scenario

WHOLE = 0xFFFFFFFFFFFFFFFF


@dataclass(slots=True)
class People:
    """The state of everybody: a choice, and stored levels by name."""

    choice: list[int]
    levels: dict[str, list[int]]


def people_at_start(scenario: Scenario) -> People:
    """Return the state at tick 0; a level that the population lacks is at its default."""
    population = scenario.population
    levels = {
        level.name: _steps(population.attributes.get(level.name), level, len(population))
        for level in scenario.pack.levels
    }
    return People(choice=[int(choice) for choice in population.choice], levels=levels)


def remembered_at_start(scenario: Scenario) -> dict[str, list[int]]:
    """Return what rules read as start_<level>: what is told apart of it, else where one starts."""
    given, people = scenario.population.attributes, scenario.population
    return {
        level.name: _steps(
            given.get(f"start_{level.name}", given.get(level.name)), level, len(people)
        )
        for level in scenario.pack.levels
    }


def _steps(given: NDArray[np.float64] | None, level: Level, size: int) -> list[int]:
    values = [level.default] * size if given is None else given.tolist()
    return [stored_steps(value, level.per_unit, level.low, level.high) for value in values]


def stored_steps(value: float, per_unit: int, low: int, high: int) -> int:
    """Return a level as it is stored: the nearest whole step, half a step upwards."""
    return math.floor(min(max(value * per_unit + 0.5, low), high))  # infinity is no whole number


def _mixed(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WHOLE
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WHOLE
    return value ^ (value >> 31)


def state_digest(scenario: Scenario, people: People) -> int:
    """Return the digest of a tick: a hash per persona, summed modulo 2**64."""
    start, total = 0x9E3779B97F4A7C15, 0
    for persona, identity in enumerate(scenario.population.ids.tolist()):
        row = _mixed((((identity << 8) | people.choice[persona]) + start) & WHOLE)
        for level in scenario.pack.levels:
            stored = people.levels[level.name][persona] & WORD
            row = _mixed(((row ^ stored) + start) & WHOLE)
        total += row
    return total & WHOLE
