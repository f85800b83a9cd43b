"""The event ledger: for each script when it acted, for whom, and what it moved on average."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import occurrences
from agentverse_engine.effects.folding import applied, applied_by_group, folded
from agentverse_engine.effects.intensity import strength
from agentverse_engine.effects.scope_masks import ScopeMasks, scope_masks
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.results.trajectory import LedgerEntry
from agentverse_engine.scenario.scenario import Scenario


def event_ledger(scenario: Scenario, started: NDArray[np.int32]) -> tuple[LedgerEntry, ...]:
    """Return one entry per script, in list order; started: int32[replicates, scripts]."""
    occurred = occurrences(scenario)
    masks = scope_masks(scenario)
    return tuple(
        _entry(
            scenario,
            masks,
            position,
            tuple(bool(value) for value in occurred[:, position]),
            tuple(int(value) for value in started[:, position]),
        )
        for position in range(len(scenario.event_scripts))
    )


def _entry(
    scenario: Scenario,
    masks: ScopeMasks,
    position: int,
    occurred: tuple[bool, ...],
    started: tuple[int, ...],
) -> LedgerEntry:
    script = scenario.event_scripts[position]
    strengths = _strengths(scenario, script, started)
    active = np.flatnonzero(strengths)
    measured = int(np.argmax(strengths)) if active.size else -1
    inside = masks.inside[position][masks.groups]
    earlier = _earlier(scenario, position, measured)
    with_it = earlier.copy()
    if active.size:
        with_it[position] = strengths[measured]
    before, after = _means(scenario, masks, script.variable, np.stack([earlier, with_it]), inside)
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
    strongest = np.zeros(len(ticks))
    for begin in begun:
        strongest = np.maximum(strongest, [strength(script, tick, begin) for tick in ticks])
    return strongest


def _earlier(scenario: Scenario, last: int, tick: int) -> NDArray[np.float64]:
    """Return float64[scripts], the strengths of the first `last` scripts that move the same
    variable, as if all of them had occurred (and those with a condition had just begun)."""
    scripts = scenario.event_scripts
    strengths = np.zeros(len(scripts))
    for position, script in enumerate(scripts[:last]):
        if script.variable == scripts[last].variable:
            begun = tick if script.condition is not None else None
            strengths[position] = strength(script, tick, begun)
    return strengths


def _means(
    scenario: Scenario,
    masks: ScopeMasks,
    name: str,
    strengths: NDArray[np.float64],
    inside: NDArray[np.bool_],
) -> list[float]:
    """Average a variable over the personas inside bool[n], once for each row of strengths
    float64[rows, scripts]; nan for nobody."""
    if not inside.any():
        return [float("nan")] * len(strengths)
    names = [variable.name for variable in scenario.variables]
    default = scenario.variables[names.index(name)].default
    maps = folded(scenario, masks, strengths)[:, :, names.index(name)]
    groups = masks.groups[inside]
    if default is not None:  # the same for all of a group: groups are weighed, not people
        counts = np.bincount(groups, minlength=masks.cell_of.size)
        drawn = scenario.draws.parameters.get(name, np.array([default]))[:, None]
        means = [applied(one, drawn).mean(axis=0) for one in maps]
        return [float(np.average(mean, weights=counts)) for mean in means]
    own = scenario.population.attributes[name][inside]
    return [float(applied_by_group(one, groups, own).mean()) for one in maps]
