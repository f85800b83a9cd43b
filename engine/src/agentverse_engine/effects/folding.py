"""Event scripts folded into one clamped affine map per group and variable.

f(x) = min(max(scale x + shift, low), high) with scale >= 0: such maps are closed under
composition, so any list of scripts costs one multiplication and two comparisons per value.
"""

import math

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.scope_masks import ScopeMasks
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.scenario.scenario import Scenario

IDENTITY = (1.0, 0.0, -math.inf, math.inf)


def folded(
    scenario: Scenario, masks: ScopeMasks, strengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return float64[patterns, groups, variables, 4]: the scripts composed in list order.

    strengths: float64[patterns, scripts], 0 (the script does nothing) to 1. A map is (scale,
    shift, low, high), clamped to the range of its variable.
    """
    variables = scenario.variables
    position_of = {variable.name: position for position, variable in enumerate(variables)}
    maps = np.empty((len(strengths), masks.cell_of.size, len(variables), 4))
    maps[:] = IDENTITY
    for position, script in enumerate(scenario.event_scripts):
        reached = np.flatnonzero(masks.inside[position])
        own_strengths = strengths[:, position]
        for intensity in own_strengths if len(own_strengths) == 1 else np.unique(own_strengths):
            if intensity > 0:
                patterns = np.flatnonzero(own_strengths == intensity)[:, None]
                where = (patterns, reached, position_of[script.variable])
                maps[where] = composed(maps[where], script_map(script, float(intensity)))
    low = np.array([variable.minimum for variable in variables], dtype=np.float64)
    high = np.array([variable.maximum for variable in variables], dtype=np.float64)
    maps[..., 1] += 0.0  # as composed with the map that only bounds: no minus zero is left
    maps[..., 2] = np.minimum(np.maximum(maps[..., 2] + 0.0, low), high)
    maps[..., 3] = np.minimum(np.maximum(maps[..., 3] + 0.0, low), high)
    return maps


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


def applied_by_group(
    maps: NDArray[np.float64], groups: NDArray[np.int32], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return float64[n], as `applied(maps[groups], values)`, without a map for each persona.

    maps: float64[groups, 4]; groups: int32[n]; values: float64[n].
    """
    moved = values * maps[groups, 0]
    moved += maps[groups, 1]
    np.maximum(moved, maps[groups, 2], out=moved)
    return np.minimum(moved, maps[groups, 3], out=moved)
