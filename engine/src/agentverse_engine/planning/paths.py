"""A path of actions over the decision ticks, and what it does: series, costs, event scripts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.inputs.events import EventScript, bundled
from agentverse_engine.numerics.rng import PLAN_CHANCE, uniforms
from agentverse_engine.planning.actions import Effect
from agentverse_engine.planning.constraints import MONEY, TIME
from agentverse_engine.planning.problem import Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An action that starts at a tick."""

    tick: int
    action: str


Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EffectUse:
    """The effect number `effect` of the use number `use` of an action, in force from `tick` on."""

    action: int
    use: int
    effect: int
    tick: int


# Whether an effect occurs, bool[worlds].
Occurs = Callable[[EffectUse], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What a path does.

    series: decision variables float64[worlds, horizon+1], "money" and "time" spent up to each tick
    float64[1, horizon+1]; free_tick: when the decision maker can start something else.
    """

    steps: Steps
    uses: tuple[EffectUse, ...]
    series: Mapping[str, Floats]
    event_scripts: tuple[EventScript, ...]
    free_tick: int


def course_of(problem: Problem, steps: Steps, occurs: Occurs | None = None) -> Course:
    """Return what some steps do; occurs: left out, drawn by counting for the problem's futures."""
    decided = occurs or drawn(problem, problem.futures)
    uses = effect_uses(problem, steps)
    return Course(
        steps=steps,
        uses=uses,
        series={**_variables(problem, uses, decided), **_costs(problem, steps)},
        event_scripts=scripts_of(problem, uses, uses),
        free_tick=max((completion(problem, step) for step in steps), default=0),
    )


def completion(problem: Problem, step: Step) -> int:
    """Return the tick from which the effects of a step are in force."""
    return step.tick + problem.action(step.action).time_ticks


def effect_uses(problem: Problem, steps: Steps) -> tuple[EffectUse, ...]:
    """Return the effects of some steps, in the order of the steps."""
    uses: list[EffectUse] = []
    for index, step in enumerate(steps):
        use = sum(earlier.action == step.action for earlier in steps[:index])
        uses += [
            EffectUse(
                action=problem.position[step.action],
                use=use,
                effect=effect,
                tick=completion(problem, step),
            )
            for effect in range(len(problem.action(step.action).effects))
        ]
    return tuple(uses)


def effect_of(problem: Problem, use: EffectUse) -> Effect:
    return problem.actions[use.action].effects[use.effect]


def drawn(problem: Problem, worlds: int) -> Occurs:
    """Return what draws once per (seed, action, use, effect, world), whatever the path."""
    widest = max(len(action.effects) for action in problem.actions) + 1

    def occurs(use: EffectUse) -> NDArray[np.bool_]:
        effect = effect_of(problem, use)
        if not effect.by_chance:
            return np.ones(worlds, dtype=np.bool_)
        draws = uniforms(
            seed=problem.scenario.seed,
            purpose=PLAN_CHANCE,
            identity=use.action * widest + use.effect,
            tick=use.use,
            replicate=np.arange(worlds),
        )
        return draws < effect.probability

    return occurs


def _variables(
    problem: Problem, uses: Sequence[EffectUse], occurs: Occurs
) -> Mapping[str, NDArray[np.float64]]:
    worlds = occurs(uses[0]).size if uses else 1
    ticks = problem.horizon + 1
    series = {one.name: np.full((worlds, ticks), float(one.start)) for one in problem.variables}
    for use in uses:
        happened = occurs(use)
        for change in effect_of(problem, use).changes:
            values = series[change.variable][happened, use.tick :]
            series[change.variable][happened, use.tick :] = change.applied(values)
    return series


def _costs(problem: Problem, steps: Steps) -> Mapping[str, NDArray[np.float64]]:
    money, time = np.zeros((1, problem.horizon + 1)), np.zeros((1, problem.horizon + 1))
    for step in steps:
        money[:, step.tick :] += problem.action(step.action).money
        time[:, step.tick :] += problem.action(step.action).time_ticks
    return {MONEY: money, TIME: time}


def scripts_of(
    problem: Problem, uses: Sequence[EffectUse], slots: Sequence[EffectUse]
) -> tuple[EventScript, ...]:
    """Return the scripts of some effects: those by chance in the order of `slots`, then the rest.

    The engine draws whether a script occurs by its place in the list, so paths that fill the same
    slots share these draws. An empty slot (another path's effect) has probability 0.
    """
    scripts: list[EventScript] = []
    by_slot = {(use.action, use.use, use.effect): use for use in uses}
    for slot in slots:
        effect = effect_of(problem, slot)
        if effect.by_chance and effect.event_scripts:
            use = by_slot.get((slot.action, slot.use, slot.effect))
            placed = _placed(problem, slot if use is None else use)
            probability = 0.0 if use is None else effect.probability
            scripts += bundled(bundle_name(problem, slot), placed, probability=probability)
    for use in sorted(uses):
        if not effect_of(problem, use).by_chance:
            scripts += _placed(problem, use)
    return tuple(scripts)


def bundle_name(problem: Problem, use: EffectUse) -> str:
    """Return the name under which the scripts of an effect by chance occur together."""
    return f"{problem.actions[use.action].name}.{use.use + 1}.{use.effect + 1}"


def _placed(problem: Problem, use: EffectUse) -> list[EventScript]:
    """Return the scripts of an effect at their ticks; what begins after the run is left out."""
    action = problem.actions[use.action]
    scripts = effect_of(problem, use).event_scripts
    placed = (
        shifted(script, use.tick, problem.horizon, script.label or action.label or action.name)
        for script in scripts
    )
    return [script for script in placed if script is not None]


def shifted(script: EventScript, ticks: int, horizon: int, label: str) -> EventScript | None:
    """Return a script so many ticks later, cut off at the horizon; None if it begins after it."""
    scope = script.scope
    start = scope.start_tick + ticks
    if start > horizon:
        return None
    end = None if scope.end_tick is None else min(scope.end_tick + ticks, horizon)
    return replace(script, scope=replace(scope, start_tick=start, end_tick=end), label=label)
