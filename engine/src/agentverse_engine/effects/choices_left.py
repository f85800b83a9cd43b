"""Whether scripts that take alternatives away leave everybody something to choose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.folding import script_map
from agentverse_engine.effects.intensity import strength
from agentverse_engine.effects.scope_masks import named_personas, scope_cells
from agentverse_engine.errors import ScriptError
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.inputs.population import Population
from agentverse_engine.packs.availability_variables import FAMILY
from agentverse_engine.packs.consumer_choice import NOT_OFFERED
from agentverse_engine.scenario.scenario import Scenario

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The first tick at which some personas, counted, have nothing left to choose."""

    tick: int
    personas: int


def check_choices_left(scenario: Scenario) -> None:
    """Raise a ScriptError where event scripts take away the last alternative of somebody."""
    gap = find_gap(
        scenario.event_scripts, scenario.pack.alternatives, scenario.population, scenario.horizon
    )
    if gap is not None:
        raise ScriptError(
            f"leave {gap.personas} of {len(scenario.population)} personas nothing to choose at "
            f"tick {gap.tick}.",
            field="event_scripts",
            fix="Keep at least one alternative available to everybody.",
        )


def find_gap(
    event_scripts: Sequence[EventScript],
    alternatives: Sequence[str],
    population: Population,
    horizon: int,
) -> Gap | None:
    """Return where scripts, in the order they fold, leave somebody nothing to choose, or None.

    What occurs by chance or on a condition is taken to occur where it takes away, and not to occur
    where it gives back.
    """
    columns = {f"{FAMILY}.{name}": index for index, name in enumerate(alternatives)}
    own = [script for script in event_scripts if script.variable in columns]
    if not own:
        return None
    reached = [_reached(population, script) for script in own]
    traits = np.column_stack([*reached, *_offered(population, alternatives)])
    rows, counts = np.unique(traits, axis=0, return_counts=True)
    inside, offered = rows[:, : len(own)], rows[:, len(own) :]
    last: tuple[float, ...] | None = None
    for tick in range(1, horizon + 1):
        strengths = tuple(_strength(script, tick) for script in own)
        if strengths == last:
            continue
        last = strengths
        left = np.ones((len(rows), len(columns)))
        for index, (script, intensity) in enumerate(zip(own, strengths, strict=True)):
            _apply(script, intensity, left[:, columns[script.variable]], inside[:, index])
        without = ~((left > 0) & offered).any(axis=1)
        if without.any():
            return Gap(tick=tick, personas=int(counts[without].sum()))
    return None


def _strength(script: EventScript, tick: int) -> float:
    if script.condition is None:
        return strength(script, tick)
    scope = script.scope
    return float(scope.start_tick <= tick and (scope.end_tick is None or tick <= scope.end_tick))


def _apply(script: EventScript, intensity: float, column: NDArray[np.float64], own: Bools) -> None:
    if not intensity:
        return
    scale, shift, low, high = script_map(script, intensity)
    moved = np.clip(scale * column[own] + shift, low, high)
    certain = script.condition is None and script.probability >= 1
    column[own] = moved if certain else np.minimum(moved, column[own])


def _reached(population: Population, script: EventScript) -> Bools:
    inside = scope_cells(population, script.scope)[population.cells()]
    return inside & named_personas(population, script.scope)


def _offered(population: Population, alternatives: Sequence[str]) -> list[Bools]:
    """Of each alternative whom it is offered to at all: everybody where the file does not say."""
    everybody = np.ones(len(population), dtype=np.bool_)
    return [
        population.attributes[f"{NOT_OFFERED}.{name}"] == 0
        if f"{NOT_OFFERED}.{name}" in population.attributes
        else everybody
        for name in alternatives
    ]
