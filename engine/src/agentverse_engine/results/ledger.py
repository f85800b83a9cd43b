"""The event ledger: for each script when it acted, for whom, and what it moved on average."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import (
    IDENTITY,
    applied,
    applied_by_group,
    composed,
    occurrences,
    script_map,
)
from agentverse_engine.effects.intensity import strength
from agentverse_engine.effects.scope_masks import groups_of
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.results.trajectory import LedgerEntry
from agentverse_engine.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reach:
    """Whom scripts reach: groups int32[n], inside bool[scripts, groups]."""

    groups: NDArray[np.int32]
    inside: NDArray[np.bool_]


def event_ledger(scenario: Scenario, started: NDArray[np.int32]) -> tuple[LedgerEntry, ...]:
    """Return one entry per script, in list order; started: int32[replicates, scripts]."""
    occurred = occurrences(scenario)
    groups, _, inside = groups_of(scenario)
    reach = _Reach(groups=groups, inside=inside)
    return tuple(
        _entry(
            scenario,
            reach,
            position,
            tuple(bool(value) for value in occurred[:, position]),
            tuple(int(value) for value in started[:, position]),
        )
        for position in range(len(scenario.event_scripts))
    )


def _entry(
    scenario: Scenario,
    reach: _Reach,
    position: int,
    occurred: tuple[bool, ...],
    started: tuple[int, ...],
) -> LedgerEntry:
    script = scenario.event_scripts[position]
    strengths = _strengths(scenario, script, started)
    active = np.flatnonzero(strengths)
    measured = int(np.argmax(strengths)) if active.size else -1
    inside = reach.inside[position][reach.groups]
    variable = next(item for item in scenario.variables if item.name == script.variable)
    maps = _folded(scenario, reach, variable, position, measured)
    before = _mean(scenario, reach, variable, maps, inside)
    if active.size:
        mine = reach.inside[position]
        maps[mine] = composed(maps[mine], script_map(script, float(strengths[measured])))
    after = _mean(scenario, reach, variable, maps, inside)
    return LedgerEntry(
        event=position,
        label=script.label,
        variable=script.variable,
        occurred=occurred,
        started=started,
        first_tick=int(active[0]) if active.size else -1,
        last_tick=int(active[-1]) if active.size else -1,
        measured_tick=measured,
        personas=int(inside.sum()),
        mean_before=before,
        mean_after=after,
    )


def _strengths(
    scenario: Scenario, script: EventScript, started: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return float64[horizon+1], the largest over the replicates in which it started."""
    ticks = range(scenario.horizon + 1)
    begun = sorted({tick for tick in started if tick >= 0})
    if script.condition is None:  # also when chance left it out: what it would do
        return np.array([strength(script, tick) for tick in ticks])
    if script.condition.hold == "while":  # where it goes on holding
        first = min(begin for begin in (*begun, len(ticks)))
        return np.array([strength(script, tick) if tick >= first else 0.0 for tick in ticks])
    found = np.zeros(len(ticks))
    for begin in begun:
        found = np.maximum(found, [strength(script, tick, begin) for tick in ticks])
    return found


def _folded(
    scenario: Scenario, reach: _Reach, variable: Variable, last: int, tick: int
) -> NDArray[np.float64]:
    """Return float64[groups, 4], the first `last` scripts as if all of them had occurred (and
    those with a condition had just begun)."""
    maps = np.tile(np.array(IDENTITY), (reach.inside.shape[1], 1))
    for position, script in enumerate(scenario.event_scripts[:last]):
        if script.variable != variable.name:
            continue
        intensity = strength(script, tick, tick if script.condition is not None else None)
        if intensity > 0:
            where = reach.inside[position]
            maps[where] = composed(maps[where], script_map(script, intensity))
    return maps


def _mean(
    scenario: Scenario,
    reach: _Reach,
    variable: Variable,
    maps: NDArray[np.float64],
    inside: NDArray[np.bool_],
) -> float:
    """Average a variable under float64[groups, 4] over the personas inside; nan for nobody."""
    if not inside.any():
        return float("nan")
    bounded = composed(maps, (1.0, 0.0, variable.minimum, variable.maximum))
    if variable.default is not None:  # the same for all of a group: groups are weighed, not people
        counts = np.bincount(reach.groups[inside], minlength=len(bounded))
        return float(np.average(applied(bounded, variable.default), weights=counts))
    own = scenario.population.attributes[variable.name][inside]
    return float(applied_by_group(bounded, reach.groups[inside], own).mean())
