"""Event scripts folded, tick by tick, into one clamped affine map per cell and variable.

f(x) = min(max(scale x + shift, low), high) with scale >= 0: such maps are closed under
composition, so any list of scripts costs one multiplication and two comparisons per value.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.events import EventScript, Scope, strength
from agentverse_engine.rng import OCCURRENCE, uniforms
from agentverse_engine.scenario import Scenario
from agentverse_engine.variables import PARAMETERS

IDENTITY = (1.0, 0.0, -math.inf, math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickEffects:
    """attributes: float64[patterns, cells, families, alternatives, 4], maps as (scale, shift,
    low, high); parameters: float64[patterns, cells, 3], values in the order of PARAMETERS."""

    attributes: NDArray[np.float64]
    parameters: NDArray[np.float64]


class Effects:
    """The effects of a scenario's scripts; replicates with the same occurrences share a pattern.

    occurrence: bool[replicates, scripts]; pattern_of: int64[replicates].
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.occurrence = occurrences(scenario)
        patterns, pattern_of = np.unique(self.occurrence, axis=0, return_inverse=True)
        self.patterns: NDArray[np.bool_] = patterns
        self.pattern_of: NDArray[np.int64] = pattern_of.reshape(-1).astype(np.int64)
        names = [variable.name for variable in scenario.variables]
        self._position = {name: position for position, name in enumerate(names)}
        self._cells = [
            np.flatnonzero(scope_cells(scenario, script.scope)) for script in scenario.event_scripts
        ]
        self._last: tuple[list[float], TickEffects] | None = None

    def at(self, tick: int) -> TickEffects:
        """Return the effects at a tick; the last ones again when no intensity has changed."""
        strengths = [strength(script, tick) for script in self.scenario.event_scripts]
        if self._last is None or self._last[0] != strengths:
            self._last = (strengths, self._fold(strengths))
        return self._last[1]

    def _fold(self, strengths: list[float]) -> TickEffects:
        scenario = self.scenario
        cells = len(scenario.population.segments) * len(scenario.population.regions)
        maps = np.empty((len(self.patterns), cells, len(scenario.variables), 4))
        maps[:] = IDENTITY
        for position, script in enumerate(scenario.event_scripts):
            if strengths[position] > 0:
                pattern = np.flatnonzero(self.patterns[:, position])[:, None]
                where = (pattern, self._cells[position], self._position[script.variable])
                maps[where] = composed(maps[where], script_map(script, strengths[position]))
        for position, variable in enumerate(scenario.variables):
            bounds = (1.0, 0.0, variable.minimum, variable.maximum)
            maps[:, :, position] = composed(maps[:, :, position], bounds)
        return self._split(maps)

    def _split(self, maps: NDArray[np.float64]) -> TickEffects:
        names = self.scenario.model.attribute_names()
        columns = np.array([[self._position[name] for name in row] for row in names], dtype=int)
        columns = columns.reshape(len(names), len(self.scenario.model.alternatives))
        parameters = np.empty((*maps.shape[:2], len(PARAMETERS)))
        for order, name in enumerate(PARAMETERS):
            position = self._position[name]
            default = self.scenario.variables[position].default
            assert default is not None  # noqa: S101  parameters have one: Variable checks it
            parameters[:, :, order] = applied(maps[:, :, position], np.float64(default))
        return TickEffects(
            attributes=np.ascontiguousarray(maps[:, :, columns]), parameters=parameters
        )


def occurrences(scenario: Scenario) -> NDArray[np.bool_]:
    """Return bool[replicates, scripts]: drawn once per (seed, replicate, position in the list)."""
    scripts = scenario.event_scripts
    draws = uniforms(
        seed=scenario.seed,
        purpose=OCCURRENCE,
        identity=np.arange(len(scripts))[None, :],
        replicate=np.arange(scenario.replicates)[:, None],
    )
    return draws < np.array([script.probability for script in scripts])


def scope_cells(scenario: Scenario, scope: Scope) -> NDArray[np.bool_]:
    """Return bool[cells], cell = segment * regions + region."""
    population = scenario.population
    segments = [not scope.segments or name in scope.segments for name in population.segments]
    regions = [not scope.regions or name in scope.regions for name in population.regions]
    return np.outer(segments, regions).reshape(-1)


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
