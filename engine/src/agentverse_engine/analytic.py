"""Closed-form answers that a simulation without social rules must agree with."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.compiled import compiled
from agentverse_engine.effects import Effects, TickEffects
from agentverse_engine.rules.choice import exponentiate, write_utilities, write_values
from agentverse_engine.scenario import Scenario
from agentverse_engine.simulate import attribute_positions


def expected_shares(scenario: Scenario) -> NDArray[np.float64]:
    """Return float64[horizon+1, segments, regions, alternatives], shares of new installations.

    The mean logit probability of the personas in a cell, conformity and loss aversion left out,
    averaged over the replicates where scripts occur by chance; nan where a cell is empty.
    """
    population = scenario.population
    effects = Effects(scenario)
    weights = np.bincount(effects.pattern_of, minlength=len(effects.patterns)) / scenario.replicates
    sizes = np.bincount(
        population.cells(), minlength=len(population.segments) * len(population.regions)
    )
    shares = np.empty((scenario.horizon + 1, sizes.size, len(scenario.model.alternatives)))
    last: TickEffects | None = None
    for tick in range(scenario.horizon + 1):
        now = effects.at(tick)
        if now is last:
            shares[tick] = shares[tick - 1]
            continue
        shares[tick] = _cell_shares(scenario, now, weights, sizes)
        last = now
    return shares.reshape(
        scenario.horizon + 1, len(population.segments), len(population.regions), -1
    )


def _cell_shares(
    scenario: Scenario,
    effects: TickEffects,
    weights: NDArray[np.float64],
    sizes: NDArray[np.int64],
) -> NDArray[np.float64]:
    sums = np.zeros((len(weights), sizes.size, len(scenario.model.alternatives)))
    for pattern in range(len(weights)):
        add_probabilities(
            scenario.population.cells(),
            scenario.population.matrix,
            attribute_positions(scenario),
            scenario.model.coefficient_vector(),
            scenario.model.constant_vector(),
            effects.attributes[pattern],
            sums[pattern],
        )
    mean = (weights[:, None, None] * sums).sum(axis=0)
    counts = sizes[:, None].astype(np.float64)
    return np.divide(mean, counts, out=np.full_like(mean, np.nan), where=counts > 0)


@compiled
def add_probabilities(
    cells: NDArray[np.int32],
    attributes: NDArray[np.float64],
    positions: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    constants: NDArray[np.float64],
    effects: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Add each persona's logit probabilities to sums float64[cells, alternatives], in row order."""
    values = np.empty(positions.shape, dtype=np.float64)
    weights = np.empty(constants.size, dtype=np.float64)
    for persona in range(cells.size):
        cell = cells[persona]
        write_values(attributes[persona], positions, effects[cell], values)
        write_utilities(values, coefficients, constants, weights)
        total = exponentiate(weights)
        for alternative in range(constants.size):
            sums[cell, alternative] += weights[alternative] / total
