"""Whether a change would change anything, and whether its value is one that the file knows.

What could only mislead is refused with the way out: a change of nothing, of nobody, or after the
end. What may be meant, but looks like a slip, is said before it runs.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agentverse.compiler import Vocabulary, find_no_effect
from agentverse.runs.persona_histories import reached
from agentverse.universe.models import ProjectRow
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript, Population
from agentverse_engine.effects.folding import applied, script_map
from agentverse_engine.effects.intensity import strength

Floats = NDArray[np.float64]
# A value this many times beyond the smallest or largest of the file is far from it.
FAR: Final = 3.0
# Slips of the point, of cents, of thousands; the nearest first.
SLIPS: Final = (10.0, 0.1, 100.0, 0.01, 1000.0, 0.001)


class Refusal(NamedTuple):
    """at: which part of a script is at fault, "value" or "scope"."""

    at: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeChecks:
    """What changes of one node are checked against."""

    population: Population
    vocabulary: Vocabulary

    def refusal(self, script: EventScript) -> Refusal | None:
        """Why it could only mislead, with the way out; None where it does not."""
        messages = {
            "value": find_no_effect(script, self.vocabulary),
            "scope": self._nobody(script) or self._never(script),
        }
        return next((Refusal(at, message) for at, message in messages.items() if message), None)

    def warning(self, script: EventScript) -> str:
        """That it leaves what the file holds by far, with what may be meant; "" where not."""
        variable = self.vocabulary.variable(script.variable)
        column = self.population.attributes.get(script.variable)
        if variable is None or column is None or script.variable in self.vocabulary.changed:
            return ""
        inside = reached(self.population, script)
        held = column[np.isfinite(column)]
        if not inside.any() or not held.size:
            return ""
        low, high = float(held.min()), float(held.max())
        after = applied(np.array(script_map(script, 1.0)), column[inside])
        after = np.clip(after, variable.minimum, variable.maximum)
        if not _is_far(after, low, high):
            return ""
        unit = "" if variable.unit == "1" else f" {variable.unit}"
        return (
            f"{variable.label.capitalize()} would be {_span(after)}{unit}; the file holds "
            f"{low:.4g} to {high:.4g}{unit}, so nobody there was ever seen with such a value."
            f"{_meant(script, low, high)}"
        )

    def _nobody(self, script: EventScript) -> str:
        if reached(self.population, script).any():
            return ""
        return (
            "Nobody among the personas is reached by this change: leave out a region, a segment or "
            "a condition on what people have."
        )

    def _never(self, script: EventScript) -> str:
        """Rules read variables from tick 1 on; only what lasts reaches there from tick 0."""
        variable, scope = self.vocabulary.variable(script.variable), script.scope
        lasts = variable is not None and (variable.inertia > 0.0 or variable.couplings)
        horizon = self.vocabulary.horizon
        first = scope.start_tick if lasts else max(1, scope.start_tick)
        last = horizon if scope.end_tick is None else min(scope.end_tick, horizon)
        if script.condition is not None or any(
            strength(script, tick) for tick in range(first, last + 1)
        ):
            return ""
        unit = self.vocabulary.tick_unit
        return (
            f"This change acts in no {unit} of the run, which has {unit}s 1 to {horizon}: let it "
            "start within them or last longer, or make a project with a longer horizon."
        )


def checks_of(registry: Registry, project: ProjectRow, changed: Collection[str]) -> ChangeChecks:
    """changed: variables that something else changes too, so that today's value says nothing."""
    vocabulary = registry.vocabulary(
        project.horizon, project.parameters, changed=frozenset(changed)
    )
    return ChangeChecks(
        population=registry.population,
        vocabulary=vocabulary,
    )


def _is_far(after: Floats, low: float, high: float) -> bool:
    """All of it, so that a change of everybody's own value is measured by its nearest."""
    if low < 0.0:
        width = (FAR - 1.0) * (high - low)
        return bool(after.min() > high + width or after.max() < low - width)
    return bool(after.min() > FAR * high or after.max() < low / FAR)


def _span(after: Floats) -> str:
    low, high = f"{after.min():.4g}", f"{after.max():.4g}"
    return low if low == high else f"{low} to {high}"


def _meant(script: EventScript, low: float, high: float) -> str:
    if script.operation != "set" or script.value == 0.0:
        return ""
    near = (script.value * factor for factor in SLIPS)
    meant = next((value for value in near if low <= value <= high), None)
    return "" if meant is None else f" Did you mean {meant:.6g}?"
