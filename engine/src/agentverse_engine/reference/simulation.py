"""The run: replicate after replicate, tick after tick, persona after persona, all of it counted."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.reference.people import People, people_at_start, state_digest
from agentverse_engine.reference.persona import Persona
from agentverse_engine.reference.world import World
from agentverse_engine.scenario.scenario import Scenario

BINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRun:
    """flows, stock: int32[replicates, horizon+1, segments, regions, alternatives];
    states: uint8[replicates, horizon+1, n]; levels: int64[replicates, horizon+1, K, n], in steps;
    level_sums, level_bins: as in Trajectory; tick_digests: uint64[replicates, horizon+1]."""

    flows: NDArray[np.int32]
    stock: NDArray[np.int32]
    states: NDArray[np.uint8]
    levels: NDArray[np.int64]
    level_sums: NDArray[np.int64]
    level_bins: NDArray[np.int32]
    tick_digests: NDArray[np.uint64]


def simulate_reference(scenario: Scenario) -> ReferenceRun:
    """Run a scenario persona by persona; use it for small ones only."""
    population, pack = scenario.population, scenario.pack
    ticks, count = scenario.horizon + 1, len(pack.levels)
    shape = (scenario.replicates, ticks, len(population.segments), len(population.regions))
    run = ReferenceRun(
        flows=np.zeros((*shape, len(pack.alternatives)), dtype=np.int32),
        stock=np.zeros((*shape, len(pack.alternatives)), dtype=np.int32),
        states=np.zeros((*shape[:2], len(population)), dtype=np.uint8),
        levels=np.zeros((*shape[:2], count, len(population)), dtype=np.int64),
        level_sums=np.zeros((*shape, count), dtype=np.int64),
        level_bins=np.zeros((*shape, count, BINS), dtype=np.int32),
        tick_digests=np.zeros(shape[:2], dtype=np.uint64),
    )
    for replicate in range(scenario.replicates):
        history = _history(scenario, replicate)
        for tick, (people, entries) in enumerate(history):
            _note(scenario, run, replicate, tick, people, entries)
    return run


def _history(scenario: Scenario, replicate: int) -> Iterator[tuple[People, list[int | None]]]:
    """Yield the state at each tick, with what each persona entered at it."""
    people = people_at_start(scenario)
    yield people, [None] * len(people.choice)
    world = World(scenario, replicate)
    for tick in range(1, scenario.horizon + 1):
        world.advance(tick, people)
        new = People(choice=[], levels={level.name: [] for level in scenario.pack.levels})
        entries: list[int | None] = []
        for persona in range(len(people.choice)):
            tally = Persona(scenario, world, people, persona, tick, replicate).live()
            new.choice.append(tally.choice)
            entries.append(tally.entered)
            for name, stored in tally.stored.items():
                new.levels[name].append(stored)
        people = new
        yield people, entries


def _note(
    scenario: Scenario,
    run: ReferenceRun,
    replicate: int,
    tick: int,
    people: People,
    entries: list[int | None],
) -> None:
    for persona, choice in enumerate(people.choice):
        cell = (replicate, tick, *_cell(scenario, persona))
        run.stock[(*cell, choice)] += 1
        entered = entries[persona]
        if entered is not None:
            run.flows[(*cell, entered)] += 1
        for position, level in enumerate(scenario.pack.levels):
            stored = people.levels[level.name][persona]
            run.level_sums[(*cell, position)] += stored
            part = (stored - level.low) * BINS // (level.high - level.low + 1)
            run.level_bins[(*cell, position, part)] += 1
            run.levels[replicate, tick, position, persona] = stored
    run.states[replicate, tick] = people.choice
    run.tick_digests[replicate, tick] = state_digest(scenario, people)


def _cell(scenario: Scenario, persona: int) -> tuple[int, int]:
    return int(scenario.population.segment[persona]), int(scenario.population.region[persona])
