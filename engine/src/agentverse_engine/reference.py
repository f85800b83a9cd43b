"""The same simulation in slow, plain Python: the definition that the fast path is tested against.

It shares types with the fast path and no computation: its own Philox on Python integers, scripts
applied one after the other, the whole state hashed at every tick, the library's exp.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.events import EventScript
from agentverse_engine.scenario import Scenario

WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRun:
    """installs, stock: int32[replicates, horizon+1, segments, regions, alternatives];
    states: uint8[replicates, horizon+1, n]; tick_digests: uint64[replicates, horizon+1]."""

    installs: NDArray[np.int32]
    stock: NDArray[np.int32]
    states: NDArray[np.uint8]
    tick_digests: NDArray[np.uint64]


def reference_philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, ...]:
    """Return the four words of Philox4x32-10 for a counter and a key."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        first, second = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (second >> 32) ^ b ^ k, second & WORD, (first >> 32) ^ d ^ m, first & WORD
        k, m = (k + 0x9E3779B9) & WORD, (m + 0xBB67AE85) & WORD
    return a, b, c, d


def simulate_reference(scenario: Scenario) -> ReferenceRun:
    """Run a scenario persona by persona; use it for small ones only."""
    population, alternatives = scenario.population, scenario.model.alternatives
    ticks, size = scenario.horizon + 1, len(population)
    shape = (
        scenario.replicates,
        ticks,
        len(population.segments),
        len(population.regions),
        len(alternatives),
    )
    installs, stock = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    states = np.zeros((scenario.replicates, ticks, size), dtype=np.uint8)
    digests = np.zeros((scenario.replicates, ticks), dtype=np.uint64)
    for replicate in range(scenario.replicates):
        scripts = _occurring(scenario, replicate)
        state = [int(choice) for choice in population.choice]
        for tick in range(ticks):
            if tick > 0:
                chosen = dict(_replacements(scenario, scripts, state, replicate, tick))
                for persona, choice in chosen.items():
                    installs[replicate, tick, *_cell(scenario, persona), choice] += 1
                state = [chosen.get(persona, old) for persona, old in enumerate(state)]
            for persona, choice in enumerate(state):
                stock[replicate, tick, *_cell(scenario, persona), choice] += 1
            states[replicate, tick] = state
            digests[replicate, tick] = _state_digest(scenario, state)
    return ReferenceRun(installs=installs, stock=stock, states=states, tick_digests=digests)


def _words(
    scenario: Scenario, identity: int, tick: int, purpose: int, last: int
) -> tuple[int, ...]:
    key = (scenario.seed & WORD, scenario.seed >> 32)
    return reference_philox((identity, tick, purpose, last), key)


def _fine(words: tuple[int, ...]) -> float:
    return ((words[0] >> 5) * 2**26 + (words[1] >> 6)) / 2**53


def _cell(scenario: Scenario, persona: int) -> tuple[int, int]:
    return int(scenario.population.segment[persona]), int(scenario.population.region[persona])


def _occurring(scenario: Scenario, replicate: int) -> list[EventScript]:
    return [
        script
        for position, script in enumerate(scenario.event_scripts)
        if _fine(_words(scenario, position, 0, 3, replicate)) < script.probability
    ]


def _replacements(
    scenario: Scenario, scripts: list[EventScript], state: list[int], replicate: int, tick: int
) -> Iterator[tuple[int, int]]:
    """Yield (persona, new choice) of all whose system ends, from the state before the tick."""
    for persona in range(len(state)):
        identity = int(scenario.population.ids[persona])
        world = _world(scenario, scripts, persona, tick)
        word = _words(scenario, identity, tick, 1, replicate // 4)[replicate % 4]
        if (word + 0.5) / 2**32 < world["replacement_rate"]:
            uniform = _fine(_words(scenario, identity, tick, 2, replicate))
            yield persona, _draw(_utilities(scenario, world, state, persona), uniform)


def _world(
    scenario: Scenario, scripts: list[EventScript], persona: int, tick: int
) -> dict[str, float]:
    """Return every variable as one persona meets it at a tick."""
    population = scenario.population
    segment = population.segments[int(population.segment[persona])]
    region = population.regions[int(population.region[persona])]
    world: dict[str, float] = {}
    for variable in scenario.variables:
        value = variable.default
        if value is None:
            value = float(population.attributes[variable.name][persona])
        for script in scripts:
            inside = (not script.scope.segments or segment in script.scope.segments) and (
                not script.scope.regions or region in script.scope.regions
            )
            if script.variable == variable.name and inside:
                value = _changed(value, script, _intensity(script, tick))
        world[variable.name] = min(max(value, variable.minimum), variable.maximum)
    return world


def _intensity(script: EventScript, tick: int) -> float:
    scope, profile = script.scope, script.intensity
    elapsed = tick - scope.start_tick
    if elapsed < 0 or (scope.end_tick is not None and tick > scope.end_tick):
        return 0.0
    if profile.kind == "pulse":
        return float(elapsed == 0)
    if profile.kind == "linear_decay":
        return max(0.0, 1 - elapsed / (profile.duration_ticks or 1))
    if profile.kind == "exponential_decay":
        return 0.5 ** (elapsed / (profile.half_life_ticks or 1))
    if profile.kind == "lagged":
        return min(1.0, (elapsed + 1) / (profile.lag_ticks or 1))
    return 1.0


def _changed(value: float, script: EventScript, intensity: float) -> float:
    if intensity == 0:
        return value
    if script.operation == "min":
        return min(value, script.value)
    if script.operation == "max":
        return max(value, script.value)
    target = {
        "set": script.value,
        "add": value + script.value,
        "multiply": value * script.value,
    }[script.operation]
    return value + intensity * (target - value)


def _utilities(
    scenario: Scenario, world: Mapping[str, float], state: list[int], persona: int
) -> list[float]:
    model, network = scenario.model, scenario.network
    neighbours = network.indices[network.indptr[persona] : network.indptr[persona + 1]]
    holding = [state[int(neighbour)] for neighbour in neighbours.tolist()]
    current = model.alternatives[state[persona]]
    utilities: list[float] = []
    for position, alternative in enumerate(model.alternatives):
        utility = model.constants.get(alternative, 0.0)
        for family, coefficient in model.coefficients.items():
            value = world[f"{family}.{alternative}"]
            utility += coefficient * value
            if scenario.social_rules:
                change = coefficient * (value - world[f"{family}.{current}"])
                utility += (world["loss_aversion"] - 1) * min(0.0, change)
        if scenario.social_rules and holding:
            share = holding.count(position) / len(holding)
            utility += world["conformity"] * (share - 1 / len(model.alternatives))
        utilities.append(utility)
    return utilities


def _draw(utilities: list[float], uniform: float) -> int:
    weights = [math.exp(utility - max(utilities)) for utility in utilities]
    target, cumulated = uniform * sum(weights), 0.0
    for position, weight in enumerate(weights):
        cumulated += weight
        if target < cumulated:
            return position
    return len(weights) - 1


def _state_digest(scenario: Scenario, state: list[int]) -> int:
    whole = 0xFFFFFFFFFFFFFFFF
    total = 0
    for identity, choice in zip(scenario.population.ids, state, strict=True):
        mixed = (((int(identity) << 8) | choice) + 0x9E3779B97F4A7C15) & whole
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & whole
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & whole
        total += mixed ^ (mixed >> 31)
    return total & whole
