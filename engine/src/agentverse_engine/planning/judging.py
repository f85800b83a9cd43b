"""Judging a path: what it is worth, which hard constraints it misses, what may follow it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.planning.actions import HELD, Action, Requirement
from agentverse_engine.planning.constraints import (
    MONEY,
    TIME,
    Constraint,
    Deadline,
    Limit,
    Miss,
    at_assurance,
)
from agentverse_engine.planning.paths import Course, Step, Steps, completion
from agentverse_engine.planning.problem import Problem

Floats = NDArray[np.float64]
SPENT = (MONEY, TIME)  # what only ever grows along a path


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """values: float64[worlds], goals less penalties; 0 where a goal has no value, which is a miss.
    misses: of hard constraints and of goals without a value in some world, as they stand.
    lost: the missed constraint that no later step can mend, if there is one.
    """

    values: Floats
    misses: tuple[Miss, ...]
    lost: Miss | None

    @property
    def value(self) -> float:
        """The mean over worlds."""
        return float(self.values.mean())

    @property
    def shortfall(self) -> float:
        """The misses together, each as a share of its bound."""
        return sum(miss.scaled for miss in self.misses)


def crossed(course: Course, society: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return all series over every pair of a decision world and a society's run, worlds first."""
    worlds = max(len(values) for values in course.series.values())
    runs = max((len(values) for values in society.values()), default=1)
    decided = {
        name: np.repeat(np.broadcast_to(values, (worlds, values.shape[1])), runs, axis=0)
        for name, values in course.series.items()
    }
    return decided | {name: np.tile(values, (worlds, 1)) for name, values in society.items()}


def paired(course: Course, society: Mapping[str, Floats], replicates: int) -> dict[str, Floats]:
    """Return all series by replicate: of the decision variables and of the society alike."""
    every = {**course.series, **society}
    return {
        name: np.broadcast_to(values, (replicates, values.shape[1]))
        for name, values in every.items()
    }


def verdict(problem: Problem, course: Course, series: Mapping[str, Floats]) -> Verdict:
    """Judge a path by series float64[worlds, horizon+1] by name."""
    values = sum((goal.reached(series) for goal in problem.goals), start=np.zeros(1))
    misses: list[Miss] = []
    lost: Miss | None = None
    for constraint in hard_constraints(problem):
        miss = _miss(problem, constraint, course, series)
        if miss is not None:
            misses.append(miss)
            if lost is None and _is_lost(problem, constraint, course, series):
                lost = miss
    misses += without_value(problem, series)
    values = np.where(np.isnan(values), 0.0, values)
    for constraint in problem.constraints:
        if constraint.penalty is not None:
            off = _off(problem, constraint, course, series)
            values = values - constraint.penalty * np.where(off > HELD, off, 0.0)
    return Verdict(values=values, misses=tuple(misses), lost=lost)


def without_value(problem: Problem, series: Mapping[str, Floats]) -> tuple[Miss, ...]:
    """Return a miss for each goal without a value in some world: the share of such worlds.

    A later step may mend it, and no assurance does without: a mean over some worlds is of others.
    """
    gaps = [float(np.isnan(goal.reached(series)).mean()) for goal in problem.goals]
    return tuple(
        Miss(constraint=f"value of goals[{position}]", amount=gap, scaled=gap)
        for position, gap in enumerate(gaps)
        if gap > 0.0
    )


def hard_constraints(problem: Problem) -> tuple[Constraint, ...]:
    """Return the hard constraints, with the bounds of the decision variables."""
    own = tuple(one for one in problem.constraints if one.penalty is None)
    return (*own, *_bounds(problem))


def _bounds(problem: Problem) -> tuple[Limit, ...]:
    return tuple(
        Limit(
            name=f"bounds of {one.name}",
            quantity=one.name,
            lower=one.minimum,
            upper=one.maximum,
        )
        for one in problem.variables
    )


def _off(
    problem: Problem, constraint: Constraint, course: Course, series: Mapping[str, Floats]
) -> Floats:
    """Return float64[worlds]: how far off at worst, HELD where it holds."""
    if isinstance(constraint, Deadline):
        done = first_completion(problem, course.steps, constraint.action)
        return np.array([constraint.late(done, problem.horizon)])
    return constraint.beyond(series).max(axis=1)


def _miss(
    problem: Problem, constraint: Constraint, course: Course, series: Mapping[str, Floats]
) -> Miss | None:
    amount = at_assurance(_off(problem, constraint, course, series), problem.assurance)
    if amount == HELD:
        return None
    return Miss(constraint=constraint.name, amount=amount, scaled=amount / constraint.scale)


def _is_lost(
    problem: Problem, constraint: Constraint, course: Course, series: Mapping[str, Floats]
) -> bool:
    """Whether a missed constraint stays missed whatever follows: later steps start at free_tick or
    after, so they leave the ticks before as they are; and what is spent is spent."""
    if isinstance(constraint, Deadline):
        return _is_too_late(problem, constraint, course)
    if isinstance(constraint, Limit) and constraint.lower is None and constraint.quantity in SPENT:
        return True
    settled = constraint.beyond(series)[:, : course.free_tick]
    return settled.size > 0 and at_assurance(settled.max(axis=1), problem.assurance) > HELD


def _is_too_late(problem: Problem, deadline: Deadline, course: Course) -> bool:
    if first_completion(problem, course.steps, deadline.action) is not None:
        return True
    if any(deadline.action in problem.action(step.action).blocks for step in course.steps):
        return True
    starts = [tick for tick in problem.decision_ticks if tick >= course.free_tick]
    needed = problem.action(deadline.action).time_ticks
    return not starts or starts[0] + needed > deadline.tick


def first_completion(problem: Problem, steps: Steps, action: str) -> int | None:
    """Return the tick at which an action was complete for the first time."""
    return next((completion(problem, step) for step in steps if step.action == action), None)


def refusal(
    problem: Problem, steps: Steps, series: Mapping[str, Floats], step: Step
) -> Miss | None:
    """Return what keeps a step from following some steps, and by how much; None: it is open."""
    action = problem.action(step.action)
    if problem.most_steps is not None and len(steps) >= problem.most_steps:
        return Miss(constraint="most_steps", amount=1.0, scaled=1.0)
    return _refused_by_rule(problem, steps, step, action) or unmet(problem, series, step)


def _refused_by_rule(problem: Problem, steps: Steps, step: Step, action: Action) -> Miss | None:
    uses = [earlier for earlier in steps if earlier.action == action.name]
    done = {earlier.action for earlier in steps}
    if len(uses) >= action.most_uses:
        return Miss(constraint=f"uses of {action.name}", amount=1.0, scaled=1.0)
    if uses and step.tick < uses[-1].tick + action.spacing:
        wait = float(uses[-1].tick + action.spacing - step.tick)
        return Miss(
            constraint=f"cooldown of {action.name}", amount=wait, scaled=wait / action.spacing
        )
    for other in action.requires:
        if other not in done:
            return Miss(constraint=f"{action.name} requires {other}", amount=1.0, scaled=1.0)
    for earlier in steps:
        if action.name in problem.action(earlier.action).blocks:
            return Miss(constraint=f"{earlier.action} blocks {action.name}", amount=1.0, scaled=1.0)
    return None


def unmet(problem: Problem, series: Mapping[str, Floats], step: Step) -> Miss | None:
    """Return the first precondition of a step that does not hold after a path with such series."""
    action = problem.action(step.action)
    for requirement in action.preconditions:
        far = _distance(problem, series, step, requirement)
        if far > HELD:
            return Miss(
                constraint=f"{action.name} needs {requirement.words}",
                amount=far,
                scaled=far / (abs(requirement.value) or 1.0),
            )
    return None


def _distance(
    problem: Problem, series: Mapping[str, Floats], step: Step, requirement: Requirement
) -> float:
    own = any(requirement.quantity == one.name for one in problem.variables)
    seen = step.tick if own else max(step.tick - 1, 0)
    return at_assurance(
        requirement.distance(series[requirement.quantity][:, seen]), problem.assurance
    )
