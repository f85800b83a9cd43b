"""Event scripts folded, tick by tick, into one clamped affine map per group and variable.

f(x) = min(max(scale x + shift, low), high) with scale >= 0: such maps are closed under
composition, so any list of scripts costs one multiplication and two comparisons per value.
A group is a segment in a region, cut further where scripts name single personas.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.events import EventScript, Scope, Where, strength
from agentverse_engine.population import Population
from agentverse_engine.rng import OCCURRENCE, uniforms
from agentverse_engine.scenario import Scenario

IDENTITY = (1.0, 0.0, -math.inf, math.inf)
NOT_STARTED = -1
# Whether the conditions of a script hold, bool[replicates of the batch], in the state being read.
Observe = Callable[[int], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TickEffects:
    """attributes: float64[patterns, groups, attributes, 4], maps as (scale, shift, low, high);
    parameters: float64[patterns, groups, parameters], values; both in the pack's order;
    pattern_of: int64[replicates of the batch]."""

    attributes: NDArray[np.float64]
    parameters: NDArray[np.float64]
    pattern_of: NDArray[np.int64]


class Effects:
    """What a scenario's scripts do, apart from ticks.

    occurrence: bool[replicates, scripts]; groups: int32[n]; cell_of: int32[groups], the cell
    (segment * regions + region) of each group; inside: bool[scripts, groups].
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.occurrence = occurrences(scenario)
        self.groups, self.cell_of, self.inside = groups_of(scenario)
        names = [variable.name for variable in scenario.variables]
        self.position = {name: place for place, name in enumerate(names)}
        self.attribute_places = [self.position[name] for name in scenario.pack.attributes]
        self.parameter_places = [self.position[name] for name in scenario.pack.parameters]
        self.remembers = any(variable.inertia for variable in scenario.variables)

    def batch(self, first: int = 0, count: int | None = None) -> "BatchEffects":
        """Return the effects on `count` replicates from `first` on (default: on all)."""
        size = self.scenario.replicates - first if count is None else count
        return BatchEffects(self, self.occurrence[first : first + size])


class BatchEffects:
    """The effects on some replicates, tick after tick.

    started: int32[replicates, scripts], the first tick at which each script acts (for one that
    waits for a condition to hold once: at which it held), -1 before.
    Replicates share a pattern while the same scripts act on them with the same strength.
    """

    def __init__(self, effects: Effects, occurrence: NDArray[np.bool_]) -> None:
        self.effects = effects
        self.occurrence = occurrence
        self.started = np.full(occurrence.shape, NOT_STARTED, dtype=np.int32)
        self._lineage = np.zeros(len(occurrence), dtype=np.int64)
        self._memory: NDArray[np.float64] | None = None
        self._tick = -1
        self._last: tuple[NDArray[np.float64], TickEffects] | None = None

    def memory(self) -> dict[str, Any]:
        """Return what later ticks depend on, as a copy."""
        last = self._memory
        return {
            "started": self.started.copy(),
            "lineage": self._lineage.copy(),
            "memory": None if last is None else last.copy(),
            "groups": self.effects.groups,
            "tick": self._tick,
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from what `memory` returned; scripts that came since have not started."""
        scripts = memory["started"].shape[1]
        self.started[:, :scripts] = memory["started"]
        self._lineage, self._tick = memory["lineage"].copy(), memory["tick"]
        if memory["memory"] is not None:
            self._memory = _regrouped(memory["memory"], memory["groups"], self.effects)

    def at(self, tick: int, observe: Observe | None = None) -> TickEffects:
        """Return the effects at a tick; ticks must not go backwards.

        observe: asked for scripts with a condition; without it no condition holds.
        """
        if tick == self._tick and self._last is not None:
            return self._last[1]
        for missed in range(self._tick + 1, tick):
            if self.effects.remembers:
                self._step(missed, None)
            else:
                self._strengths(missed, None)  # what starts there is noted
        return self._step(tick, observe)

    def _step(self, tick: int, observe: Observe | None) -> TickEffects:
        strengths = self._strengths(tick, observe)
        self._tick = tick
        same = self._last is not None and np.array_equal(self._last[0], strengths)
        if same and self._last is not None and not self.effects.remembers:
            return self._last[1]
        found = self._fold(strengths)
        self._last = (strengths, found)
        return found

    def _strengths(self, tick: int, observe: Observe | None) -> NDArray[np.float64]:
        """Return float64[replicates, scripts], 0 to 1."""
        strengths = np.zeros(self.occurrence.shape)
        for position, script in enumerate(self.effects.scenario.event_scripts):
            if script.condition is None:
                now = np.where(self.occurrence[:, position], strength(script, tick), 0.0)
            else:
                now = self._conditional(position, script, tick, observe)
            fresh = (now > 0) & (self.started[:, position] == NOT_STARTED)
            self.started[fresh, position] = tick
            strengths[:, position] = now
        return strengths

    def _conditional(
        self, position: int, script: EventScript, tick: int, observe: Observe | None
    ) -> NDArray[np.float64]:
        scope, started = script.scope, self.started[:, position]
        over = scope.end_tick is not None and tick > scope.end_tick
        if tick < scope.start_tick or over or observe is None or script.condition is None:
            return np.zeros(len(self.occurrence))
        true = observe(position) & self.occurrence[:, position]
        if script.condition.hold == "while":
            return np.where(true, strength(script, tick), 0.0)
        started[true & (started == NOT_STARTED)] = tick  # at strength 0 too, if it begins so
        return np.array(
            [
                0.0 if begin == NOT_STARTED else strength(script, tick, int(begin))
                for begin in started
            ]
        )

    def _fold(self, strengths: NDArray[np.float64]) -> TickEffects:
        effects = self.effects
        terms = np.column_stack([self._lineage, strengths]) if effects.remembers else strengths
        rows, representatives, pattern_of = np.unique(
            terms, axis=0, return_index=True, return_inverse=True
        )
        pattern_of = pattern_of.reshape(-1).astype(np.int64)
        maps = _folded(effects, strengths[representatives].reshape(len(rows), -1))
        parameters = self._parameters(maps, representatives)
        if effects.remembers:
            self._memory, self._lineage = parameters, pattern_of
        return TickEffects(
            attributes=np.ascontiguousarray(maps[:, :, effects.attribute_places]),
            parameters=np.ascontiguousarray(parameters[:, :, effects.parameter_places]),
            pattern_of=pattern_of,
        )

    def _parameters(
        self, maps: NDArray[np.float64], representatives: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return float64[patterns, groups, variables], the value of each parameter (0 elsewhere).

        Couplings move targets, in registry order; then inertia keeps a share of the last value.
        """
        variables = self.effects.scenario.variables
        values = np.zeros(maps.shape[:3])
        pull = np.zeros(maps.shape[:3])
        for place, variable in enumerate(variables):
            if variable.default is None:
                continue
            target = applied(maps[:, :, place], variable.default) + pull[:, :, place]
            value = np.clip(target, variable.minimum, variable.maximum)
            if variable.inertia:
                last = self._remembered(place, representatives, variable.default)
                value = variable.inertia * last + (1.0 - variable.inertia) * value
            values[:, :, place] = value
            for coupling in variable.couplings:
                aim = self.effects.position[coupling.variable]
                pull[:, :, aim] += coupling.per_unit * (value - variable.default)
        return values

    def _remembered(
        self, place: int, representatives: NDArray[np.int64], default: float
    ) -> NDArray[np.float64] | float:
        if self._memory is None:
            return default
        return self._memory[self._lineage[representatives], :, place]


def _regrouped(
    memory: NDArray[np.float64], before: NDArray[np.int32], effects: Effects
) -> NDArray[np.float64]:
    """Carry float64[patterns, groups, variables] over to groups that later scripts cut finer."""
    groups, first = np.unique(effects.groups, return_index=True)
    source = np.zeros(effects.cell_of.size, dtype=np.int64)
    source[groups] = before[first]
    return memory[:, source]


def _folded(effects: Effects, strengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64[patterns, groups, variables, 4], clamped to each variable's range."""
    scenario = effects.scenario
    maps = np.empty((len(strengths), effects.cell_of.size, len(scenario.variables), 4))
    maps[:] = IDENTITY
    for position, script in enumerate(scenario.event_scripts):
        here = np.flatnonzero(effects.inside[position])
        for intensity in np.unique(strengths[:, position]):
            if intensity > 0:
                patterns = np.flatnonzero(strengths[:, position] == intensity)[:, None]
                where = (patterns, here, effects.position[script.variable])
                maps[where] = composed(maps[where], script_map(script, float(intensity)))
    for place, variable in enumerate(scenario.variables):
        bounds = (1.0, 0.0, variable.minimum, variable.maximum)
        maps[:, :, place] = composed(maps[:, :, place], bounds)
    return maps


def occurrences(scenario: Scenario) -> NDArray[np.bool_]:
    """Return bool[replicates, scripts]: drawn once per (seed, replicate, position in the list);
    the scripts of a bundle share the draw of their first."""
    scripts = scenario.event_scripts
    names = [script.bundle for script in scripts]
    drawn_as = [names.index(name) if name else place for place, name in enumerate(names)]
    draws = uniforms(
        seed=scenario.seed,
        purpose=OCCURRENCE,
        identity=np.array(drawn_as, dtype=np.int64)[None, :],
        replicate=np.arange(scenario.replicates)[:, None],
    )
    return draws < np.array([script.probability for script in scripts])


def groups_of(
    scenario: Scenario,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    """Return groups int32[n], cell_of int32[groups] and inside bool[scripts, groups]."""
    population, scripts = scenario.population, scenario.event_scripts
    cells = population.cells()
    size = len(population.segments) * len(population.regions)
    in_cells = np.array([scope_cells(population, script.scope) for script in scripts]).reshape(
        len(scripts), size
    )
    narrow = [place for place, script in enumerate(scripts) if script.scope.by_persona]
    if not narrow:
        return cells, np.arange(size, dtype=np.int32), in_cells.astype(np.bool_)
    members = np.stack([named_personas(population, scripts[place].scope) for place in narrow])
    table = np.column_stack([cells, members.T])
    rows, groups = np.unique(table, axis=0, return_inverse=True)
    cell_of = rows[:, 0].astype(np.int32)
    inside = in_cells[:, cell_of].astype(np.bool_)
    for column, place in enumerate(narrow, start=1):
        inside[place] &= rows[:, column].astype(np.bool_)
    return groups.reshape(-1).astype(np.int32), cell_of, inside


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
        inside &= _compares(population, item)
    return inside


def _compares(population: Population, item: Where) -> NDArray[np.bool_]:
    compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    return compare[item.comparison](population.attributes[item.attribute], item.value)


def script_map(script: EventScript, intensity: float) -> tuple[float, float, float, float]:
    """Return the map of one script at an intensity above 0."""
    if script.operation == "add":
        return 1.0, intensity * script.value, -math.inf, math.inf
    if script.operation == "multiply":
        return 1.0 + intensity * (script.value - 1.0), 0.0, -math.inf, math.inf
    if script.operation == "set":
        return 1.0 - intensity, intensity * script.value, -math.inf, math.inf
    if script.operation == "min":
        return 1.0, 0.0, -math.inf, script.value
    return 1.0, 0.0, script.value, math.inf


def composed(
    inner: NDArray[np.float64], outer: tuple[float, float, float, float]
) -> NDArray[np.float64]:
    """Return the maps x -> outer(inner(x)); inner: float64[..., 4]."""
    scale, shift, low, high = outer
    result = np.empty_like(inner)
    result[..., 0] = scale * inner[..., 0]
    result[..., 1] = scale * inner[..., 1] + shift
    for bound in (2, 3):  # with scale 0 an infinite bound would give 0 * inf
        moved = scale * inner[..., bound] + shift if scale else np.full(inner.shape[:-1], shift)
        result[..., bound] = np.minimum(np.maximum(moved, low), high)
    return result


def applied(maps: NDArray[np.float64], values: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return float64[...], each map applied to its value."""
    moved = maps[..., 0] * values + maps[..., 1]
    return np.minimum(np.maximum(moved, maps[..., 2]), maps[..., 3])
