"""The effects of event scripts, tick by tick: maps of attributes and values of parameters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.folding import applied, folded
from agentverse_engine.effects.intensity import strength
from agentverse_engine.effects.scope_masks import scope_masks
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.inputs.variables import Variable
from agentverse_engine.numerics.rng import OCCURRENCE, uniforms
from agentverse_engine.scenario.draw_tables import default_table
from agentverse_engine.scenario.scenario import Scenario

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
    """What a scenario's scripts do, independent of the tick.

    occurrence: bool[replicates, scripts]; masks: the groups of personas, and whom scripts reach.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.occurrence = occurrences(scenario)
        self.masks = scope_masks(scenario)
        names = [variable.name for variable in scenario.variables]
        self.position = {name: number for number, name in enumerate(names)}
        self.attribute_places = [self.position[name] for name in scenario.pack.attributes]
        self.parameter_places = [self.position[name] for name in scenario.pack.parameters]
        self.remembers = any(variable.inertia for variable in scenario.variables)
        self.conditional = [
            number
            for number, script in enumerate(scenario.event_scripts)
            if script.condition is not None
        ]
        self.registry = _registry(scenario.variables)
        self.defaults = default_table(scenario.draws, scenario.variables)

    def batch(self, first: int = 0, count: int | None = None) -> "BatchEffects":
        """Return the effects on `count` replicates from `first` on (default: on all)."""
        size = self.scenario.replicates - first if count is None else count
        return BatchEffects(self, first, size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Registry:
    """The variables as columns.

    low, high: float64[variables]; parameters, inert: places of the parameters, and of those with
    inertia that no coupling touches; chained: places of those that couplings join, in registry
    order.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    inertia: NDArray[np.float64]
    parameters: list[int]
    inert: list[int]
    chained: list[int]


def _registry(variables: Sequence[Variable]) -> _Registry:
    aims = {coupling.variable for variable in variables for coupling in variable.couplings}
    numbered = [(number, item) for number, item in enumerate(variables) if item.default is not None]
    chained = [number for number, item in numbered if item.couplings or item.name in aims]
    return _Registry(
        low=np.array([item.minimum for item in variables], dtype=np.float64),
        high=np.array([item.maximum for item in variables], dtype=np.float64),
        inertia=np.array([item.inertia for item in variables], dtype=np.float64),
        parameters=[number for number, _ in numbered],
        inert=[number for number, item in numbered if item.inertia and number not in chained],
        chained=chained,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Folded:
    """Scripts folded at some strengths float64[replicates, scripts].

    maps: float64[patterns, groups, variables, 4]; representatives: int64[patterns], a replicate
    of each pattern; effects: as of the last tick at which scripts had these strengths.
    """

    strengths: NDArray[np.float64]
    maps: NDArray[np.float64]
    representatives: NDArray[np.int64]
    effects: TickEffects


class BatchEffects:
    """The effects on some replicates, tick after tick.

    started: int32[replicates, scripts], the first tick at which each script acts (for one that
    waits for a condition to hold once: at which it held), -1 before.
    Replicates share a pattern while the same scripts act on them with the same strength, and
    none of their parameters is drawn.
    """

    def __init__(self, effects: Effects, first: int, size: int) -> None:
        self.effects = effects
        self.occurrence = occurrence = effects.occurrence[first : first + size]
        rows = effects.defaults
        self._defaults = rows if len(rows) == 1 else rows[first : first + size]
        self.started = np.full(occurrence.shape, NOT_STARTED, dtype=np.int32)
        self._lineage = np.zeros(len(occurrence), dtype=np.int64)
        self._memory: NDArray[np.float64] | None = None
        self._tick = -1
        self._last: _Folded | None = None

    def memory(self) -> dict[str, Any]:
        """Return what later ticks depend on, as a copy."""
        last = self._memory
        return {
            "started": self.started.copy(),
            "lineage": self._lineage.copy(),
            "memory": None if last is None else last.copy(),
            "groups": self.effects.masks.groups,
            "tick": self._tick,
        }

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Restore what `memory` returned; scripts added since have not started."""
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
            return self._last.effects
        for missed in range(self._tick + 1, tick):
            if self.effects.remembers:
                self._step(missed, None)
            else:
                self._strengths(missed, None)  # what starts there is noted
        return self._step(tick, observe)

    def _step(self, tick: int, observe: Observe | None) -> TickEffects:
        strengths = self._strengths(tick, observe)
        self._tick = tick
        last = self._last
        if last is None or not np.array_equal(last.strengths, strengths):
            self._last = self._fold(strengths)
        elif self.effects.remembers:  # the same scripts on the same patterns: only time went on
            parameters = self._parameters(last.maps, last.representatives)
            effects = replace(last.effects, parameters=self._read(parameters))
            self._last = replace(last, effects=effects)
            self._memory, self._lineage = parameters, effects.pattern_of
        assert self._last is not None  # noqa: S101  folded now or before
        return self._last.effects

    def _strengths(self, tick: int, observe: Observe | None) -> NDArray[np.float64]:
        """Return float64[replicates, scripts], 0 to 1."""
        scripts = self.effects.scenario.event_scripts
        plain = [0.0 if script.condition else strength(script, tick) for script in scripts]
        strengths = np.where(self.occurrence, np.array(plain), 0.0)
        for position in self.effects.conditional:
            strengths[:, position] = self._conditional(position, scripts[position], tick, observe)
        self.started[(strengths > 0) & (self.started == NOT_STARTED)] = tick
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
        begins, begin_of = np.unique(started, return_inverse=True)
        intensities = [
            0.0 if begin == NOT_STARTED else strength(script, tick, begin)
            for begin in begins.tolist()
        ]
        return np.array(intensities)[begin_of.reshape(-1)]

    def _fold(self, strengths: NDArray[np.float64]) -> _Folded:
        effects = self.effects
        terms = strengths
        if effects.remembers:
            terms = np.column_stack([self._lineage.astype(np.float64), strengths])
        if len(self._defaults) > 1:
            terms = np.column_stack([np.arange(len(terms), dtype=np.float64), terms])
        representatives, pattern_of = _patterns(terms)
        maps = folded(effects.scenario, effects.masks, strengths[representatives])
        parameters = self._parameters(maps, representatives)
        if effects.remembers:
            self._memory, self._lineage = parameters, pattern_of
        tick_effects = TickEffects(
            attributes=np.ascontiguousarray(maps[:, :, effects.attribute_places]),
            parameters=self._read(parameters),
            pattern_of=pattern_of,
        )
        return _Folded(
            strengths=strengths, maps=maps, representatives=representatives, effects=tick_effects
        )

    def _read(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.ascontiguousarray(parameters[:, :, self.effects.parameter_places])

    def _parameters(
        self, maps: NDArray[np.float64], representatives: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return float64[patterns, groups, variables], the value of each parameter (0 elsewhere).

        Couplings move targets, in registry order; then inertia keeps a share of the last value.
        """
        registry = self.effects.registry
        positions = registry.parameters
        defaults = self._started_from(representatives)
        targets = np.zeros(maps.shape[:3])
        targets[:, :, positions] = applied(maps[:, :, positions], defaults[..., positions])
        values = np.zeros(maps.shape[:3])
        values[:, :, positions] = np.clip(
            targets[:, :, positions] + 0.0, registry.low[positions], registry.high[positions]
        )
        last = self._last_values(representatives)
        inert = registry.inert
        if inert:
            kept = registry.inertia[inert]
            values[:, :, inert] = kept * last[..., inert] + (1.0 - kept) * values[:, :, inert]
        self._chain(targets, values, last, defaults)
        return values

    def _chain(
        self,
        targets: NDArray[np.float64],
        values: NDArray[np.float64],
        last: NDArray[np.float64],
        defaults: NDArray[np.float64],
    ) -> None:
        """Write the values of parameters that couplings join, from the first to the last."""
        variables = self.effects.scenario.variables
        pull = np.zeros_like(targets)
        for number in self.effects.registry.chained:
            variable = variables[number]
            value = np.clip(
                targets[:, :, number] + pull[:, :, number], variable.minimum, variable.maximum
            )
            if variable.inertia:
                value = variable.inertia * last[..., number] + (1.0 - variable.inertia) * value
            values[:, :, number] = value
            for coupling in variable.couplings:
                aim = self.effects.position[coupling.variable]
                pull[:, :, aim] += coupling.per_unit * (value - defaults[..., number])

    def _last_values(self, representatives: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the last values, float64[patterns, groups, variables]; at first the defaults."""
        if self._memory is None:
            return self._started_from(representatives)
        return self._memory[self._lineage[representatives]]

    def _started_from(self, representatives: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the defaults as float64[patterns or 1, 1, variables]."""
        if len(self._defaults) == 1:
            return self._defaults[:, None]
        return self._defaults[representatives][:, None]


def _patterns(terms: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a row of each kind int64[patterns], and the kind of each row int64[rows]."""
    if len(terms) == 1:
        return np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    _, representatives, pattern_of = np.unique(
        terms, axis=0, return_index=True, return_inverse=True
    )
    return representatives.astype(np.int64), pattern_of.reshape(-1).astype(np.int64)


def _regrouped(
    memory: NDArray[np.float64], before: NDArray[np.int32], effects: Effects
) -> NDArray[np.float64]:
    """Carry float64[patterns, groups, variables] over to groups that later scripts cut finer."""
    source = np.zeros(effects.masks.cell_of.size, dtype=np.int64)
    source[effects.masks.groups] = before  # all of a group were in one group before
    return memory[:, source]


def occurrences(scenario: Scenario) -> NDArray[np.bool_]:
    """Return bool[replicates, scripts]: drawn once per (seed, replicate, position in the list);
    the scripts of a bundle share the draw of their first."""
    scripts = scenario.event_scripts
    names = [script.bundle for script in scripts]
    drawn_as = [names.index(name) if name else number for number, name in enumerate(names)]
    draws = uniforms(
        seed=scenario.seed,
        purpose=OCCURRENCE,
        identity=np.array(drawn_as, dtype=np.int64)[None, :],
        replicate=np.arange(scenario.replicates)[:, None],
    )
    return draws < np.array([script.probability for script in scripts])
