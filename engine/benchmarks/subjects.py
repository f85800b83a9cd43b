"""What is measured: the product's society, a plain opinion model, a bare kernel, and Mesa."""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import agentverse_engine as av
from agentverse_engine.numerics.compiled import compiled

ALTERNATIVES = ("ec", "er", "gc", "gr", "hp")
CHUNK = 8192
PROCESSORS = os.cpu_count() or 1


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


def seconds(action: Callable[[], object], repeats: int) -> float:
    """Return the median of `repeats` runs after one that is not counted."""
    action()
    taken: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def bare_seconds(scenario: av.Scenario, threads: int, repeats: int) -> float:
    """Sum all neighbours' states for every tick and replicate of a scenario."""
    size, network = len(scenario.population), scenario.network
    state = np.repeat(scenario.population.choice[:, None], scenario.replicates, axis=1)
    out = np.zeros(state.shape, dtype=np.int64)
    with ThreadPoolExecutor(threads) as pool:

        def part(first: int) -> None:
            last = min(first + CHUNK, size)
            neighbour_sums(first, last, network.indptr, network.indices, state, out)

        def all_ticks() -> None:
            for _ in range(scenario.horizon):
                list(pool.map(part, range(0, size, CHUNK)))

        return seconds(all_ticks, repeats)


def network_of(population: av.Population, degree: float = 10) -> av.Network:
    return av.homophilous_network(
        {"region": population.region, "income": population.segment},
        mean_degree=degree,
        odds_ratios={"region": 6, "income": 3},
        seed=20,
    )


def people(size: int, columns: dict[str, tuple[float, float]], alternatives: int) -> av.Population:
    """Twelve cells of people with columns spread evenly between bounds."""
    draw = np.random.default_rng(1)
    return av.Population(
        segments=("low", "middle", "high"),
        regions=("valley", "scostl", "mountn", "ncostl"),
        segment=draw.integers(0, 3, size, dtype=np.int16),
        region=draw.integers(0, 4, size, dtype=np.int16),
        attributes={name: draw.uniform(*bounds, size) for name, bounds in columns.items()},
        choice=draw.integers(0, alternatives, size, dtype=np.uint8),
    )


def product(
    size: int, *, horizon: int, replicates: int, rate: float = 1 / 216, degree: float = 10
) -> av.Scenario:
    """The product pack: conformity, media, prospect (loss aversion), logit, and three events.

    Shaped like the demo: five systems, two cost families. rate: the share of systems that end,
    and so of people who choose, at each tick; 1 lets everybody go through every rule.
    """
    costs = {"installation_cost": (600.0, 1300.0), "operating_cost": (120.0, 600.0)}
    model = av.ChoiceModel(
        alternatives=ALTERNATIVES,
        coefficients={"installation_cost": -0.00153315, "operating_cost": -0.00699637},
        constants={"ec": 1.65885, "er": 1.85344, "gc": 1.71098, "gr": 0.308263},
    )
    columns = {f"{family}.{name}": costs[family] for family in costs for name in ALTERNATIVES}
    population = people(size, columns, len(ALTERNATIVES))
    registry = av.consumer_choice_variables(
        model,
        attribute_ranges={"installation_cost": (0, 13000), "operating_cost": (0, 6000)},
        family_labels={"installation_cost": "installation cost", "operating_cost": "running cost"},
        family_units={"installation_cost": "USD", "operating_cost": "USD/year"},
        alternative_labels={name: name for name in ALTERNATIVES},
        attribute_source="drawn for the benchmark",
        media=True,
    )
    variables = tuple(
        replace(item, default=rate) if item.name == "replacement_rate" else item
        for item in registry
    )
    return av.Scenario(
        population=population,
        network=network_of(population, degree),
        pack=av.consumer_choice(model, media=True),
        variables=variables,
        event_scripts=events(min(2, horizon)),
        horizon=horizon,
        replicates=replicates,
        allow=("isolated_personas",),
    )


def with_draws(scenario: av.Scenario) -> av.Scenario:
    """Give each replicate coefficients and constants of its own, a tenth around the model's."""
    draw, model = np.random.default_rng(1), scenario.model

    def around(values: Mapping[str, float]) -> dict[str, NDArray[np.float64]]:
        spread = draw.normal(1.0, 0.1, (len(values), scenario.replicates))
        return {name: values[name] * row for name, row in zip(values, spread, strict=True)}

    return replace(
        scenario,
        draws=av.Draws(coefficients=around(model.coefficients), constants=around(model.constants)),
    )


def events(start: int) -> tuple[av.EventScript, ...]:
    """A subsidy, a campaign that fades, and a scare in one region."""
    return (
        av.EventScript(
            variable="installation_cost.hp",
            operation="multiply",
            value=0.7,
            scope=av.Scope(start_tick=start),
        ),
        av.EventScript(
            variable="advertising.hp",
            operation="add",
            value=200,
            scope=av.Scope(start_tick=start),
            intensity=av.IntensityProfile(kind="exponential_decay", half_life_ticks=4),
        ),
        av.EventScript(
            variable="conformity",
            operation="add",
            value=0.5,
            scope=av.Scope(regions=("valley",), start_tick=start),
        ),
    )


def opinions(size: int, *, horizon: int, degree: float = 10) -> av.Scenario:
    """One rule on one level: Friedkin & Johnsen (1990), the rule that Mesa runs too."""
    pack = av.Pack(
        name="plain_opinion",
        alternatives=("anybody",),
        levels=(
            av.Level(
                name="opinion", label="opinion", unit="1", minimum=0.0, maximum=1.0, default=0.5
            ),
        ),
        rules=(av.rules.FRIEDKIN_JOHNSEN,),
        attributes=("susceptibility",),
        variables=(
            av.attribute("susceptibility", label="openness", bounds=(0, 1), source="benchmark"),
        ),
    )
    population = people(size, {"opinion": (0.0, 1.0), "susceptibility": (0.0, 1.0)}, 1)
    return av.Scenario(
        population=population,
        network=network_of(population, degree),
        pack=pack,
        horizon=horizon,
        replicates=1,
        allow=("isolated_personas",),
    )


def run_seconds(scenario: av.Scenario, threads: int, repeats: int) -> float:
    """Run a scenario without recording single people."""
    return seconds(
        lambda: av.simulate_ensemble(scenario, threads=threads, dense_replicates=0), repeats
    )
