"""Validation of a planning problem: a PlanError names the field and what to change."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Final, get_args

from agentverse_engine.errors import PlanError
from agentverse_engine.inputs.events import Comparison, EventScript
from agentverse_engine.numerics.number_checks import whole
from agentverse_engine.planning.actions import (
    Action,
    Change,
    ChangeOperation,
    DecisionVariable,
    Effect,
    Requirement,
)
from agentverse_engine.planning.constraints import Constraint, Deadline, Forbidden, Limit
from agentverse_engine.planning.goals import Goal
from agentverse_engine.scenario.scenario import Scenario

# Beyond it, what a plan sums and multiplies could leave what a number can hold.
LARGEST_AMOUNT: Final = 1e15


def check_ticks(ticks: Sequence[int], horizon: int) -> None:
    """Decision ticks are some ticks of the run, each once, ascending."""
    if not ticks or list(ticks) != sorted(set(ticks)) or not 0 <= ticks[0] <= ticks[-1] <= horizon:
        raise PlanError(
            f"are {', '.join(map(str, ticks)) or 'none'}.",
            field="decision_ticks",
            fix=f"Give ticks from 0 to {horizon}, ascending, each once.",
        )


def check_whole(field: str, value: int | None, least: int) -> None:
    if value is not None:
        whole(value, field=field, least=least, most=None, error=PlanError)


def check_share(field: str, value: float) -> None:
    if not 0.0 < value <= 1.0:
        raise PlanError(f"is {value}.", field=field, fix="Use a number above 0, up to 1.")


def check_finite(field: str, value: float, *, least: float = -LARGEST_AMOUNT) -> None:
    if not least <= value <= LARGEST_AMOUNT:
        raise PlanError(
            f"is {value}.",
            field=field,
            fix=f"Give a finite number from {least:g} to {LARGEST_AMOUNT:g}.",
        )


def check_allowed(field: str, name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise PlanError(
            f"'{name}' does not exist here.",
            field=field,
            fix=f"Use one of: {', '.join(sorted(allowed)) or 'none is defined'}.",
        )


def check_distinct(field: str, names: Sequence[str], taken: Collection[str] = ()) -> None:
    """Every name is there, once, and means nothing else."""
    for position, name in enumerate(names):
        if not name.strip() or names.count(name) > 1 or name in taken:
            raise PlanError(
                f"'{name}' is empty or names something else as well.",
                field=f"{field}[{position}].name",
                fix="Give each a name of its own.",
            )


def check_variables(variables: Sequence[DecisionVariable], taken: Collection[str]) -> None:
    """Decision variables start within finite bounds."""
    check_distinct("variables", [variable.name for variable in variables], taken)
    for variable in variables:
        bounds = (-LARGEST_AMOUNT, variable.minimum, variable.start, variable.maximum)
        if not bounds[0] <= bounds[1] <= bounds[2] <= bounds[3] <= LARGEST_AMOUNT:
            raise PlanError(
                f"starts at {variable.start:g}, with bounds {variable.minimum:g} and "
                f"{variable.maximum:g}.",
                field=variable.name,
                fix=f"Give bounds within ±{LARGEST_AMOUNT:g}, with the start between them.",
            )


def check_actions(
    scenario: Scenario, actions: Sequence[Action], variables: Sequence[str], seen: Sequence[str]
) -> None:
    """Actions name what exists and do not contradict each other.

    variables: what changes may move; seen: what preconditions may look at.
    """
    if not actions:
        raise PlanError("are none.", field="actions", fix="Give at least one action.")
    names = [action.name for action in actions]
    check_distinct("actions", names)
    for action in actions:
        _check_numbers(action)
        check_requirements(action.preconditions, seen, f"{action.name}.preconditions")
        for order, effect in enumerate(action.effects):
            _check_effect(effect, variables, f"{action.name}.effects[{order}]")
        for field, others in (("requires", action.requires), ("blocks", action.blocks)):
            for other in others:
                check_allowed(f"{action.name}.{field}", other, names)
    _check_relations({action.name: action for action in actions})
    _check_scripts(scenario, actions)


def _check_numbers(action: Action) -> None:
    check_finite(f"{action.name}.money", action.money, least=0.0)
    for field, value, least in (
        ("time_ticks", action.time_ticks, 0),
        ("cooldown_ticks", action.cooldown_ticks, 0),
        ("most_uses", action.most_uses, 1),
    ):
        check_whole(f"{action.name}.{field}", value, least)


def check_requirements(
    requirements: Sequence[Requirement], allowed: Sequence[str], at: str
) -> None:
    """Comparisons are with finite numbers, of quantities that exist."""
    for order, one in enumerate(requirements):
        check_allowed(f"{at}[{order}].quantity", one.quantity, allowed)
        check_finite(f"{at}[{order}].value", one.value)
        check_allowed(f"{at}[{order}].comparison", one.comparison, get_args(Comparison))
    for first, second in combinations(requirements, 2):
        if _exclude(first, second):
            raise PlanError(
                f"cannot hold together: {first.words} and {second.words}.",
                field=at,
                fix="Correct one of the bounds.",
            )


def _exclude(one: Requirement, other: Requirement) -> bool:
    """Whether no number is on the right side of both."""
    if one.quantity != other.quantity or one.comparison[0] == other.comparison[0]:
        return False
    above, below = (one, other) if one.comparison[0] == ">" else (other, one)
    strict = len(above.comparison) + len(below.comparison) < 4
    return above.value > below.value or (strict and above.value == below.value)


def _check_effect(effect: Effect, variables: Sequence[str], at: str) -> None:
    check_share(f"{at}.probability", effect.probability)
    if not (effect.changes or effect.event_scripts):
        raise PlanError("does nothing.", field=at, fix="Give it a change or a script, or drop it.")
    for order, change in enumerate(effect.changes):
        _check_change(change, variables, f"{at}.changes[{order}]")
    for order, script in enumerate(effect.event_scripts):
        _check_own_chance(script, f"{at}.event_scripts[{order}]")


def _check_change(change: Change, variables: Sequence[str], at: str) -> None:
    check_allowed(f"{at}.variable", change.variable, variables)
    check_allowed(f"{at}.operation", change.operation, get_args(ChangeOperation))
    check_finite(f"{at}.value", change.value)


def _check_own_chance(script: EventScript, at: str) -> None:
    if script.probability != 1.0 or script.bundle:
        raise PlanError(
            "has a probability or a bundle of its own.",
            field=at,
            fix="Give the effect the probability: its scripts occur together.",
        )


def _check_relations(actions: Mapping[str, Action]) -> None:
    for action in actions.values():
        for other in action.requires:
            if other in action.blocks or action.name in actions[other].blocks:
                raise PlanError(
                    f"requires '{other}', and one of the two blocks the other.",
                    field=f"{action.name}.requires",
                    fix="Leave out the requirement or the block.",
                )
    cycle = _cycle(actions)
    if cycle:
        raise PlanError(
            f"goes in a circle: {' → '.join(cycle)}.",
            field=f"{cycle[0]}.requires",
            fix="Leave out one of these requirements.",
        )


def _cycle(actions: Mapping[str, Action]) -> list[str]:
    """Return a circle of requirements, or nothing; what requires nothing open is crossed off."""
    left = {name: {*action.requires} for name, action in actions.items()}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in free:
            del left[name]
    if not left:
        return []
    trail = [next(iter(left))]
    while True:
        following = next(name for name in actions[trail[-1]].requires if name in left)
        if following in trail:
            return [*trail[trail.index(following) :], following]
        trail.append(following)


def _check_scripts(scenario: Scenario, actions: Sequence[Action]) -> None:
    """The society takes the scripts, as far as they begin within the run."""
    for action in actions:
        for effect in action.effects:
            scenario.branch(effect.event_scripts)


def check_reach(actions: Sequence[Action], earliest: int, horizon: int) -> None:
    """What actions do begins within the run if they start at `earliest`, in ticks.

    Not a check of every problem: one that is planned anew near the end of a run still lists
    actions for which it has become too late.
    """
    for action in actions:
        done = earliest + action.time_ticks
        if action.effects:
            _check_begins(f"{action.name}.time_ticks", action.time_ticks, done, horizon)
        for order, effect in enumerate(action.effects):
            for number, script in enumerate(effect.event_scripts):
                at = f"{action.name}.effects[{order}].event_scripts[{number}].scope.start_tick"
                start = script.scope.start_tick
                _check_begins(at, start, done + start, horizon)


def check_within(field: str, tick: int, horizon: int) -> None:
    """A tick is not after the last one of the run."""
    if tick > horizon:
        raise PlanError(
            f"is {tick}, after the last tick ({horizon}) of the run.",
            field=field,
            fix=f"Use {horizon} or less, or lengthen the horizon.",
        )


def _check_begins(field: str, ticks: int, begins: int, horizon: int) -> None:
    """So many ticks lead to the tick at which something begins."""
    if begins > horizon:
        raise PlanError(
            f"is {ticks}: tick {begins} at the earliest, after the last tick ({horizon}) of the "
            "run.",
            field=field,
            fix=f"Use {begins - horizon} less, start earlier, or lengthen the horizon.",
        )


def check_constraints(
    constraints: Sequence[Constraint],
    allowed: Sequence[str],
    actions: Sequence[str],
    horizon: int,
) -> None:
    """Constraints name what exists, lie within the run, and can hold together."""
    check_distinct("constraints", [constraint.name for constraint in constraints])
    for constraint in constraints:
        if constraint.penalty is not None:
            check_finite(f"{constraint.name}.penalty", constraint.penalty, least=0.0)
        if isinstance(constraint, Deadline):
            check_allowed(f"{constraint.name}.action", constraint.action, actions)
            _check_span(constraint.name, 0, constraint.tick, horizon)
            continue
        _check_span(constraint.name, constraint.from_tick, constraint.to_tick, horizon)
        if isinstance(constraint, Limit):
            _check_limit(constraint, allowed)
        else:
            _check_forbidden(constraint, allowed)
    hard = [one for one in constraints if isinstance(one, Limit) and one.penalty is None]
    for one, other in combinations(hard, 2):
        _check_pair(one, other, horizon)


def _check_span(name: str, first: int, last: int | None, horizon: int) -> None:
    if not 0 <= first <= (horizon if last is None else last) <= horizon:
        raise PlanError(
            f"holds from tick {first} to {horizon if last is None else last}.",
            field=name,
            fix=f"Use ticks from 0 to {horizon}, the earlier first.",
        )


def _check_limit(limit: Limit, allowed: Sequence[str]) -> None:
    check_allowed(f"{limit.name}.quantity", limit.quantity, allowed)
    bounds = [bound for bound in (limit.lower, limit.upper) if bound is not None]
    for bound in bounds:
        check_finite(limit.name, bound)
    if not bounds:
        raise PlanError("has no bound.", field=limit.name, fix="Give a lower or an upper one.")
    if limit.lower is not None and limit.upper is not None and limit.lower > limit.upper:
        raise PlanError(
            f"has the lower bound {limit.lower:g} above the upper one {limit.upper:g}.",
            field=limit.name,
            fix="Swap them.",
        )


def _check_forbidden(forbidden: Forbidden, allowed: Sequence[str]) -> None:
    if not forbidden.all_of:
        raise PlanError(
            "forbids everything.", field=forbidden.name, fix="Name at least one comparison."
        )
    check_requirements(forbidden.all_of, allowed, f"{forbidden.name}.all_of")


def _check_pair(one: Limit, other: Limit, horizon: int) -> None:
    if one.quantity != other.quantity:
        return
    first = max(one.from_tick, other.from_tick)
    last = min(*(horizon if item.to_tick is None else item.to_tick for item in (one, other)))
    for low, high in ((one, other), (other, one)):
        if low.lower is None or high.upper is None or first > last or low.lower <= high.upper:
            continue
        raise PlanError(
            f"asks for {low.quantity} of {low.lower:g} or more, '{high.name}' for "
            f"{high.upper:g} or less, at tick {first}.",
            field=low.name,
            fix="Change one of the bounds, or make one of them soft with a penalty.",
        )


def check_goals(goals: Sequence[Goal], allowed: Sequence[str], horizon: int) -> None:
    """There is a goal, with a weight, over ticks of the run."""
    if not goals:
        raise PlanError("are none.", field="goals", fix="Say what the plan is for.")
    for order, goal in enumerate(goals):
        at = f"goals[{order}]"
        check_allowed(f"{at}.quantity", goal.quantity, allowed)
        check_finite(f"{at}.weight", goal.weight)
        last = horizon if goal.to_tick is None else goal.to_tick
        _check_span(at, last if goal.from_tick is None else goal.from_tick, last, horizon)
