"""What a change makes of its variable, before and after, among those whom it reaches."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agentverse.asks.schemas import ChangeValues, GroupValues
from agentverse.runs.persona_histories import reached
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript, Population, Variable
from agentverse_engine.effects.folding import applied, script_map
from agentverse_engine.effects.intensity import strength

_Values = NDArray[np.float64]


def values(
    registry: Registry,
    population: Population,
    variable: Variable,
    script: EventScript,
    earlier: Sequence[EventScript],
) -> ChangeValues:
    """variable: with the project's own value; earlier: what the node asked from changes of it."""
    tick = script.scope.start_tick
    if any(other.condition or other.probability < 1 for other in earlier):
        return ChangeValues(first_tick=tick, groups=[])
    before = _today(population, variable)
    for other in earlier:
        before = _changed(population, variable, other, tick, before)
    after = _changed(population, variable, script, tick, before)
    groups = _groups(registry, population, variable, reached(population, script))
    return ChangeValues(
        first_tick=tick,
        groups=[
            GroupValues(
                name=name,
                label=label,
                personas=int(inside.sum()),
                before=float(before[inside].mean()),
                after=float(after[inside].mean()),
            )
            for name, label, inside in groups
            if inside.any()
        ],
    )


def _today(population: Population, variable: Variable) -> _Values:
    column = population.attributes.get(variable.name)
    if column is not None:
        return column.astype(np.float64)
    return np.full(len(population), variable.default or 0.0)


def _changed(
    population: Population, variable: Variable, script: EventScript, tick: int, values: _Values
) -> _Values:
    intensity = strength(script, tick)
    if not intensity:
        return values
    moved = applied(np.array(script_map(script, intensity)), values)
    bounded = np.clip(moved, variable.minimum, variable.maximum)
    return np.where(reached(population, script), bounded, values)


def _groups(
    registry: Registry, population: Population, variable: Variable, inside: NDArray[np.bool_]
) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """All reached; and, where each persona has a value of its own, each segment among them."""
    everyone = [("", "All whom it reaches", inside)]
    if variable.name not in population.attributes or len(population.segments) < 2:
        return everyone
    labels = {item.name: item.label for item in registry.snapshot.segments}
    return everyone + [
        (name, labels.get(name, name), inside & (population.segment == index))
        for index, name in enumerate(population.segments)
    ]
