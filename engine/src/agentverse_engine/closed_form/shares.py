"""Closed-form answers that a simulation without social rules must agree with."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import Effects, TickEffects
from agentverse_engine.errors import RequestError
from agentverse_engine.kernels.device_functions import write_values
from agentverse_engine.numerics.compiled import compiled
from agentverse_engine.rules.availability import withhold
from agentverse_engine.rules.choice import exponentiate, write_utilities
from agentverse_engine.rules.nested_logit import nested
from agentverse_engine.scenario.draw_tables import choice_table
from agentverse_engine.scenario.scenario import Scenario, attribute_columns

NO_NESTS = np.zeros(0)
IN_CLOSED_FORM = (
    *("replacement", "logit_utility", "media", "availability", "nesting", "logit_choice"),
)


def expected_shares(scenario: Scenario) -> NDArray[np.float64]:
    """Return float64[horizon+1, segments, regions, alternatives], shares of new installations.

    The mean (nested) logit probability of the personas in a cell, advertising included, social
    rules left out, averaged over the replicates where scripts occur by chance or coefficients are
    drawn; nan where a cell is empty. Raises a RequestError where another rule than these decides,
    or where a script waits for a condition: whether it holds, only a simulation tells.
    """
    _check_closed_form(scenario)
    population = scenario.population
    effects = Effects(scenario)
    ticks = effects.batch()
    sizes = np.bincount(
        population.cells(), minlength=len(population.segments) * len(population.regions)
    )
    shares = np.empty((scenario.horizon + 1, sizes.size, len(scenario.model.alternatives)))
    last: TickEffects | None = None
    for tick in range(scenario.horizon + 1):
        now = ticks.at(tick)
        if now is last:
            shares[tick] = shares[tick - 1]
            continue
        shares[tick] = _cell_shares(effects, now, sizes)
        last = now
    return shares.reshape(
        scenario.horizon + 1, len(population.segments), len(population.regions), -1
    )


def _check_closed_form(scenario: Scenario) -> None:
    for rule in scenario.pack.rules:
        if not rule.social and rule.name not in IN_CLOSED_FORM:
            raise RequestError(
                f"has the rule '{rule.name}', for which there is no closed form.",
                field=f"pack {scenario.pack.name}",
                fix="Leave the rule out, or simulate.",
            )
    for position, script in enumerate(scenario.event_scripts):
        if script.condition is not None:
            raise RequestError(
                "depends on what is simulated, for which there is no closed form.",
                field=f"event_scripts[{position}].condition",
                fix="Leave the script or its condition out, or simulate.",
            )


def advertised(scenario: Scenario, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64[groups, alternatives], what advertising adds to utilities; 0 without media.

    parameters: float64[groups, parameters] of the pack, as they are at a tick.
    """
    pack = scenario.pack
    if "media_effect" not in pack.parameters:
        return np.zeros((len(parameters), len(pack.alternatives)))
    position = pack.parameters.index
    points = parameters[:, [position(f"advertising.{name}") for name in pack.alternatives]]
    effect = parameters[:, [position("media_effect")]]
    return effect * points / (parameters[:, [position("media_half_saturation")]] + points)


def available(scenario: Scenario, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64[groups, alternatives], what can be chosen: 1 in a pack without removals.

    parameters: float64[groups, parameters] of the pack, as they are at a tick.
    """
    pack = scenario.pack
    names = [f"availability.{name}" for name in pack.alternatives]
    if names[0] not in pack.parameters:
        return np.ones((len(parameters), len(names)))
    return np.ascontiguousarray(parameters[:, [pack.parameters.index(name) for name in names]])


def _cell_shares(
    effects: Effects, now: TickEffects, sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    scenario = effects.scenario
    coefficients, constants = (
        choice_table(scenario.draws, scenario.pack, name) for name in ("coefficients", "constants")
    )
    # Replicates with the same scripts and the same coefficients have the same shares.
    rows = np.arange(scenario.replicates) if len(coefficients) > 1 else 0 * now.pattern_of
    kinds, counted = np.unique(np.stack([now.pattern_of, rows]), axis=1, return_counts=True)
    weights = counted / scenario.replicates
    sums = np.zeros((len(weights), effects.masks.cell_of.size, len(scenario.model.alternatives)))
    for kind, (pattern, row) in enumerate(kinds.T):
        add_probabilities(
            effects.masks.groups,
            scenario.population.matrix,
            attribute_columns(scenario),
            coefficients[row],
            constants[row],
            np.asarray(scenario.pack.constants.get("nest_of", NO_NESTS)),
            np.asarray(scenario.pack.constants.get("dissimilarity", NO_NESTS)),
            advertised(scenario, now.parameters[pattern]),
            available(scenario, now.parameters[pattern]),
            now.attributes[pattern],
            sums[kind],
        )
    by_cell = np.zeros((sizes.size, sums.shape[2]))
    np.add.at(by_cell, effects.masks.cell_of, (weights[:, None, None] * sums).sum(axis=0))
    counts = sizes[:, None].astype(np.float64)
    return np.divide(by_cell, counts, out=np.full_like(by_cell, np.nan), where=counts > 0)


@compiled
def add_probabilities(
    groups: NDArray[np.int32],
    attributes: NDArray[np.float64],
    columns: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    constants: NDArray[np.float64],
    nest_of: NDArray[np.float64],
    dissimilarity: NDArray[np.float64],
    advertised: NDArray[np.float64],
    available: NDArray[np.float64],
    effects: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Add each persona's logit probabilities to sums float64[groups, alternatives], by row."""
    values = np.empty((coefficients.size, constants.size), dtype=np.float64)
    weights = np.empty(constants.size, dtype=np.float64)
    for persona in range(groups.size):
        group = groups[persona]
        write_values(attributes[persona], columns, effects[group], values)
        write_utilities(values, coefficients, constants, weights)
        weights += advertised[group]
        withhold(available[group], weights)
        nested(nest_of, dissimilarity, weights)
        total = exponentiate(weights)
        for alternative in range(constants.size):
            sums[group, alternative] += weights[alternative] / total
