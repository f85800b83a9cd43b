"""Whom scripts reach: segments in regions, cut further where scripts name single personas."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.inputs.events import COMPARE, Scope
from agentverse_engine.inputs.population import Population
from agentverse_engine.numerics.canonical import read_only
from agentverse_engine.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScopeMasks:
    """The groups of personas that scripts distinguish, and which of them each script reaches.

    groups: int32[n], the group of each persona; cell_of: int32[groups], the cell (segment *
    regions + region) that a group is part of; inside: bool[scripts, groups]. All read-only.
    """

    groups: NDArray[np.int32]
    cell_of: NDArray[np.int32]
    inside: NDArray[np.bool_]


# One value for each living scenario: the checks before a run, the run and its ledger share it.
_masks: WeakKeyDictionary[Scenario, ScopeMasks] = WeakKeyDictionary()


def scope_masks(scenario: Scenario) -> ScopeMasks:
    """Return whom the scripts of a scenario reach; worked out once for each scenario."""
    masks = _masks.get(scenario)
    if masks is None:
        groups, cell_of, inside = _groups_of(scenario)
        masks = ScopeMasks(
            groups=read_only(groups), cell_of=read_only(cell_of), inside=read_only(inside)
        )
        _masks[scenario] = masks
    return masks


def _groups_of(
    scenario: Scenario,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    population, scripts = scenario.population, scenario.event_scripts
    cells = population.cells()
    size = len(population.segments) * len(population.regions)
    in_cells = np.array([scope_cells(population, script.scope) for script in scripts]).reshape(
        len(scripts), size
    )
    narrow = [position for position, script in enumerate(scripts) if script.scope.by_persona]
    if not narrow:
        return cells, np.arange(size, dtype=np.int32), in_cells.astype(np.bool_)
    groups, cell_of = cells, np.arange(size, dtype=np.int32)
    inside = in_cells.astype(np.bool_)
    for position in narrow:
        groups, source, member = _cut(groups, named_personas(population, scripts[position].scope))
        cell_of, inside = cell_of[source], inside[:, source]
        inside[position] &= member
    return groups, cell_of, inside


def _cut(
    groups: NDArray[np.int32], members: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """Cut groups int32[n] by bool[n], keeping those with people: O(n), as no sorting is needed.

    Return the new groups int32[n] and, of each, which it was part of and whether it has members.
    """
    halves = 2 * groups + members
    held = np.zeros(int(halves.max()) + 1, dtype=np.bool_)
    held[halves] = True
    inhabited = np.flatnonzero(held)
    number = np.zeros(held.size, dtype=np.int32)
    number[inhabited] = np.arange(inhabited.size, dtype=np.int32)
    return number[halves], inhabited // 2, (inhabited % 2).astype(np.bool_)


def scope_cells(population: Population, scope: Scope) -> NDArray[np.bool_]:
    """Return bool[cells], cell = segment * regions + region."""
    segments = [not scope.segments or name in scope.segments for name in population.segments]
    regions = [not scope.regions or name in scope.regions for name in population.regions]
    return np.outer(segments, regions).reshape(-1)


def named_personas(population: Population, scope: Scope) -> NDArray[np.bool_]:
    """Return bool[n]: the personas that a scope names or that compare as it says."""
    inside = np.ones(len(population), dtype=np.bool_)
    if scope.personas:
        inside &= np.isin(population.ids, np.array(scope.personas, dtype=np.int64))
    for item in scope.where:
        inside &= COMPARE[item.comparison](population.attributes[item.attribute], item.value)
    return inside
