"""Slots: every script that an actor may ever set going, laid out before the run begins.

The engine folds a fixed list of scripts, and a script with a condition starts in each replicate at
a tick of its own. So each use of an action has its scripts in that list, and waits for its actor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentverse_engine.effects.intensity import strength
from agentverse_engine.hybrid.actors import Actor
from agentverse_engine.inputs.events import Condition, EventScript, IntensityProfile, Scope, bundled
from agentverse_engine.planning.actions import Action, Effect
from agentverse_engine.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One script of one use of an action; it starts `delay` ticks after the action does.

    actor, action, use, effect: positions, use from 0; position: in the scenario's list.
    """

    actor: int
    action: int
    use: int
    effect: int
    position: int
    delay: int
    script: EventScript


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allocation:
    """A scenario with the slots of all actors behind its own scripts."""

    scenario: Scenario
    first: int
    slots: tuple[Slot, ...]


def allocate(scenario: Scenario, actors: Sequence[Actor]) -> Allocation:
    """Return the scenario that holds every script its actors may set going."""
    first = len(scenario.event_scripts)
    outcome = scenario.pack.alternatives[0]
    slots: list[Slot] = []
    for index, actor in enumerate(actors):
        for number, action in enumerate(actor.actions):
            for use in range(most_uses(scenario, actor, action)):
                for effect in range(len(action.effects)):
                    slots += _slots(
                        actor, (index, number, use, effect), first + len(slots), outcome
                    )
    scripts = tuple(slot.script for slot in slots)
    return Allocation(
        scenario=scenario.branch(scripts) if scripts else scenario, first=first, slots=tuple(slots)
    )


def most_uses(scenario: Scenario, actor: Actor, action: Action) -> int:
    """Return how often an action can be taken within the run."""
    ticks = max(0, scenario.horizon - actor.first_tick + 1)
    return min(action.most_uses, -(-ticks // action.spacing))


def _slots(actor: Actor, at: tuple[int, int, int, int], first: int, outcome: str) -> list[Slot]:
    index, number, use, position = at
    action = actor.actions[number]
    effect = action.effects[position]
    waiting = [_waiting(actor, action, script, outcome) for script in effect.event_scripts]
    scripts = _together(effect, f"{actor.name}.{action.name}.{use + 1}.{position + 1}", waiting)
    return [
        Slot(
            actor=index,
            action=number,
            use=use,
            effect=position,
            position=first + offset,
            delay=delay,
            script=script,
        )
        for offset, (script, (delay, _)) in enumerate(zip(scripts, waiting, strict=True))
    ]


def _together(
    effect: Effect, name: str, waiting: Sequence[tuple[int, EventScript]]
) -> Sequence[EventScript]:
    scripts = [script for _, script in waiting]
    if not effect.by_chance:
        return scripts
    return bundled(name, scripts, probability=effect.probability)


def _waiting(
    actor: Actor, action: Action, script: EventScript, outcome: str
) -> tuple[int, EventScript]:
    """Return the ticks from the action's start to the script's, and the script as it waits.

    Its condition, on any outcome, is never looked at: the actor decides. Its end becomes part of
    its profile, and a beginning of intensity 0 part of the delay: a script starts when it acts.
    """
    profile = _ending(script)
    idle = next((index for index, value in enumerate(profile.values) if value > 0), 0)
    held = replace(
        script,
        scope=replace(script.scope, start_tick=0, end_tick=None),
        intensity=replace(profile, values=profile.values[idle:]),
        condition=Condition(outcome=outcome, comparison=">=", value=0.0),
        label=script.label or f"{actor.name}: {action.label or action.name}",
    )
    return action.time_ticks + script.scope.start_tick + idle, held


def _ending(script: EventScript) -> IntensityProfile:
    """Return the intensity from the script's start on, over at its end."""
    profile, scope = script.intensity, script.scope
    if scope.end_tick is None or profile.kind == "instantaneous":
        return profile
    ticks = scope.end_tick - scope.start_tick + 1
    if profile.kind == "step":
        return IntensityProfile(kind="pulse", duration_ticks=ticks)
    if profile.kind == "pulse":
        return replace(profile, duration_ticks=min(profile.duration_ticks or 1, ticks))
    alone = replace(script, scope=Scope())
    values = tuple(strength(alone, elapsed) for elapsed in range(ticks))
    return IntensityProfile(kind="custom", values=values)
