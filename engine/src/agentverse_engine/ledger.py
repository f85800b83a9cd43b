"""The event ledger: for each script when it acted, for whom, and what it moved on average."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects import (
    IDENTITY,
    applied,
    composed,
    occurrences,
    scope_cells,
    script_map,
)
from agentverse_engine.events import EventScript, strength
from agentverse_engine.scenario import Scenario
from agentverse_engine.trajectory import LedgerEntry
from agentverse_engine.variables import Variable


def event_ledger(scenario: Scenario) -> tuple[LedgerEntry, ...]:
    """Return one entry per script, in list order."""
    occurred = occurrences(scenario)
    return tuple(
        _entry(scenario, position, tuple(bool(value) for value in occurred[:, position]))
        for position in range(len(scenario.event_scripts))
    )


def _entry(scenario: Scenario, position: int, occurred: tuple[bool, ...]) -> LedgerEntry:
    script = scenario.event_scripts[position]
    strengths = [strength(script, tick) for tick in range(scenario.horizon + 1)]
    active = np.flatnonzero(strengths)
    measured = int(np.argmax(strengths))
    variable = next(item for item in scenario.variables if item.name == script.variable)
    inside = scope_cells(scenario, script.scope)[scenario.population.cells()]
    return LedgerEntry(
        event=position,
        label=script.label,
        variable=script.variable,
        occurred=occurred,
        first_tick=int(active[0]),
        last_tick=int(active[-1]),
        measured_tick=measured,
        personas=int(inside.sum()),
        mean_before=_mean(scenario, variable, scenario.event_scripts[:position], measured, inside),
        mean_after=_mean(
            scenario, variable, scenario.event_scripts[: position + 1], measured, inside
        ),
    )


def _mean(
    scenario: Scenario,
    variable: Variable,
    scripts: tuple[EventScript, ...],
    tick: int,
    inside: NDArray[np.bool_],
) -> float:
    """Average a variable over personas, as if all of `scripts` had occurred; nan for nobody."""
    if not inside.any():
        return float("nan")
    cells = len(scenario.population.segments) * len(scenario.population.regions)
    maps = np.tile(np.array(IDENTITY), (cells, 1))
    for script in scripts:
        intensity = strength(script, tick)
        if script.variable == variable.name and intensity > 0:
            where = scope_cells(scenario, script.scope)
            maps[where] = composed(maps[where], script_map(script, intensity))
    maps = composed(maps, (1.0, 0.0, variable.minimum, variable.maximum))
    own = maps[scenario.population.cells()[inside]]
    if variable.default is not None:
        return float(applied(own, variable.default).mean())
    return float(applied(own, scenario.population.attributes[variable.name][inside]).mean())
