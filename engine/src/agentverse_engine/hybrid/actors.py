"""Key actors: a regulator, a firm, a party; what they can do, and how they decide what they do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agentverse_engine.errors import PlanError
from agentverse_engine.numerics.canonical import listed
from agentverse_engine.planning.actions import Action, DecisionVariable
from agentverse_engine.planning.constraints import MONEY, TIME
from agentverse_engine.planning.paths import Step
from agentverse_engine.planning.problem_checks import (
    check_actions,
    check_distinct,
    check_finite,
    check_reach,
    check_variables,
    check_whole,
    check_within,
)
from agentverse_engine.planning.signals import Signal
from agentverse_engine.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What an actor knows in one replicate when it decides.

    tick: at which its actions would start. signals: of the society at the tick before, by name, but
    for those without a value; variables: its own; money_left: of its budget (inf without one).
    options: the actions that are open to it, in its order. taken: its steps so far.
    """

    tick: int
    replicate: int
    signals: Mapping[str, float]
    variables: Mapping[str, float]
    money_left: float
    options: tuple[str, ...]
    taken: tuple[Step, ...]


# Which of the options to take, in this order, () for none; a function of what is seen and of
# nothing else.
Policy = Callable[[Sight], Sequence[str]]


def every_open(sight: Sight) -> Sequence[str]:
    """Take every option, in the actor's order, as long as it stays open."""
    return sight.options


def first_open(sight: Sight) -> Sequence[str]:
    """Take the first option."""
    return sight.options[:1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One who acts on the society and reacts to it, at every `every`-th tick from first_tick on.

    first_tick: 1 … horizon, and early enough for what its actions do to begin within the run.
    Preconditions of its actions on signals are thresholds that open options; policy: which of
    them it takes. budget: of all its actions together, in money; None, no limit. most_uses of an
    action counts within a replicate.
    """

    name: str
    actions: tuple[Action, ...]
    policy: Policy = every_open
    budget: float | None = None
    variables: tuple[DecisionVariable, ...] = ()
    first_tick: int = 1
    every: int = 1

    def decides_at(self, tick: int) -> bool:
        """Return whether the actor decides at a tick."""
        return tick >= self.first_tick and (tick - self.first_tick) % self.every == 0


def check_actors(scenario: Scenario, actors: Sequence[Actor], signals: Sequence[Signal]) -> None:
    """Raise a PlanError, or a ScriptError, that names the first field that cannot be."""
    listed(actors, field="actors", of=Actor, error=PlanError)
    check_distinct("actors", [actor.name for actor in actors])
    seen = tuple(signal.name for signal in signals)
    registry = tuple(variable.name for variable in scenario.variables)
    for actor in actors:
        check_whole(f"{actor.name}.every", actor.every, 1)
        check_whole(f"{actor.name}.first_tick", actor.first_tick, 1)
        check_within(f"{actor.name}.first_tick", actor.first_tick, scenario.horizon)
        if not callable(actor.policy):
            raise PlanError(
                f"is {actor.policy!r:.60}.",
                field=f"{actor.name}.policy",
                fix="Give a function of what is seen, such as hybrid.every_open.",
            )
        if actor.budget is not None:
            check_finite(f"{actor.name}.budget", actor.budget, least=0.0)
        check_variables(actor.variables, (*seen, *registry, MONEY, TIME))
        moved = tuple(variable.name for variable in actor.variables)
        check_actions(scenario, actor.actions, moved, (*moved, *seen))
        check_reach(actor.actions, actor.first_tick, scenario.horizon)
        for action in actor.actions:
            _check_unconditional(actor, action)


def _check_unconditional(actor: Actor, action: Action) -> None:
    for effect in action.effects:
        if any(script.condition is not None for script in effect.event_scripts):
            raise PlanError(
                "has a script with a condition.",
                field=f"{actor.name}.{action.name}",
                fix="Make it a precondition of the action, on a signal.",
            )
