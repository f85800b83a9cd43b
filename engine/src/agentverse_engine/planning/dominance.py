"""Dominance: a path that another one equals in all it does, and nowhere undercuts in its costs.

Only paths with the same scripts and the same decision variables at all ticks are compared, which
is all that a forecast is told. So whatever can follow the dominated path can follow the other, and
is worth no less.
"""

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.planning.actions import Action
from agentverse_engine.planning.constraints import MONEY, TIME, Deadline, Forbidden, Limit
from agentverse_engine.planning.judging import first_completion
from agentverse_engine.planning.paths import Course
from agentverse_engine.planning.problem import Problem

Floats = NDArray[np.float64]


class Dominance:
    """The undominated paths so far, by what they do: costs float64[k], the less the better."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cheaper_is_better = {name: _is_better_low(problem, name) for name in (MONEY, TIME)}
        self._pareto_fronts: dict[Hashable, list[Floats]] = {}

    def admits(self, course: Course) -> bool:
        """Take a path in unless one that is there already dominates or equals it."""
        costs = self._costs(course)
        pareto_front = self._pareto_fronts.setdefault(self._comparable_key(course), [])
        if any(bool((other <= costs).all()) for other in pareto_front):
            return False
        pareto_front.append(costs)
        return True

    def _comparable_key(self, course: Course) -> Hashable:
        """What must be equal: scripts, decision variables, and chances yet to be drawn."""
        exact = [values.tobytes() for name, values in course.series.items() if self._is_exact(name)]
        drawn = [
            sum(step.action == action.name for step in course.steps)
            for action in self.problem.actions
            if action.by_chance
        ]
        return course.event_scripts, tuple(exact), tuple(drawn)

    def _is_exact(self, name: str) -> bool:
        return not self.cheaper_is_better.get(name, False)

    def _costs(self, course: Course) -> Floats:
        """What may differ: spending, and what of the actions is still open."""
        problem, steps = self.problem, course.steps
        spent = [course.series[name][0] for name in (MONEY, TIME) if not self._is_exact(name)]
        done = {step.action for step in steps}
        needed = {name for action in problem.actions for name in action.requires}
        rows = [
            [self._next_tick(course.free_tick), float(len(steps) if problem.most_steps else 0)],
            [float(name in needed and name not in done) for name in problem.position],
            *(self._openness(course, action) for action in problem.actions),
            self._delays(course),
        ]
        return np.concatenate([*(np.array(row) for row in rows), *spent])

    def _openness(self, course: Course, action: Action) -> list[float]:
        """Return from when on an action is open, inf for never, and how often it was used."""
        own = [step.tick for step in course.steps if step.action == action.name]
        barred = any(
            action.name in self.problem.action(step.action).blocks for step in course.steps
        )
        ready = max(course.free_tick, own[-1] + action.spacing if own else 0)
        tick = np.inf if barred or len(own) >= action.most_uses else self._next_tick(ready)
        return [tick, float(action.most_uses if tick == np.inf else len(own))]

    def _next_tick(self, tick: int) -> float:
        """Return the next decision tick, inf where none is left."""
        return next((float(one) for one in self.problem.decision_ticks if one >= tick), np.inf)

    def _delays(self, course: Course) -> list[float]:
        deadlines = (one for one in self.problem.constraints if isinstance(one, Deadline))
        completed = (first_completion(self.problem, course.steps, one.action) for one in deadlines)
        return [np.inf if tick is None else float(tick) for tick in completed]


def _is_better_low(problem: Problem, name: str) -> bool:
    """Whether less of what is spent never makes a plan worse."""
    for goal in problem.goals:
        if goal.quantity == name and goal.weight > 0:
            return False
    for one in problem.constraints:
        if isinstance(one, Limit) and one.quantity == name and one.lower is not None:
            return False
        if isinstance(one, Forbidden):
            about = [item for item in one.all_of if item.quantity == name]
            if any(item.comparison.startswith("<") for item in about):
                return False
    return True
