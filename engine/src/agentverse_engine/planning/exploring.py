"""Exploring paths: each is appraised once; what is pruned is counted under what pruned it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PlanError
from agentverse_engine.planning.constraints import Deadline, Forbidden, Miss
from agentverse_engine.planning.dominance import Dominance
from agentverse_engine.planning.forecasting import Forecast, checked_forecast
from agentverse_engine.planning.judging import Verdict, crossed, refusal, verdict
from agentverse_engine.planning.paths import Course, Step, Steps, course_of
from agentverse_engine.planning.problem import Problem

Floats = NDArray[np.float64]
EXAMPLES = 3
Stage = Literal["refused", "cut", "unfinished", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """A path with its forecast series and what they say of it: float64[worlds, horizon+1]."""

    course: Course
    series: dict[str, Floats]
    verdict: Verdict

    @property
    def steps(self) -> Steps:
        return self.course.steps


@dataclass(slots=True, kw_only=True)
class Pruning:
    """The paths that one constraint stood in the way of.

    refused: steps that were not open; cut: paths that no later step could mend; unfinished: paths
    that could not end as they were, but go on; rejected: paths that their real ensemble refuted.
    least_miss: the smallest amount by which any of them missed it. examples: the first few paths.
    """

    constraint: str
    refused: int = 0
    cut: int = 0
    unfinished: int = 0
    rejected: int = 0
    least_miss: float = np.inf
    examples: list[Steps] = field(default_factory=list[Steps])

    def note(self, stage: Stage, steps: Steps, miss: Miss) -> None:
        """Count a path that misses the constraint, and keep the first few as examples."""
        setattr(self, stage, getattr(self, stage) + 1)
        self.least_miss = min(self.least_miss, miss.amount)
        if len(self.examples) < EXAMPLES:
            self.examples.append(steps)


class Explorer:
    """What a search has evaluated of a problem's paths.

    plans: the nodes that keep to all hard constraints, as forecast; explored: paths appraised, each
    of them a plan, cut, unfinished or dominated.
    """

    def __init__(
        self, problem: Problem, forecast: Forecast, *, prune_dominated: bool = True
    ) -> None:
        self.problem = problem
        self.forecast = forecast
        self.needed = _needed_signals(problem)
        self.dominance = Dominance(problem) if prune_dominated else None
        self.plans: list[Node] = []
        self.prunings: dict[str, Pruning] = {}
        self.explored = self.dominated = self.dropped = 0
        self.lowest, self.highest = np.inf, -np.inf  # values of plans so far
        self.nearest: tuple[float, Steps, tuple[Miss, ...]] | None = None
        self._nodes: dict[Steps, Node | None] = {}
        self._moves: dict[Steps, tuple[Step, ...]] = {}

    def root(self) -> Node | None:
        """Return the path of doing nothing; None where even that breaks what cannot be mended."""
        return self._appraised(())

    def moves(self, node: Node) -> tuple[Step, ...]:
        """Return the steps that may follow, by tick and then in the order of the actions."""
        if node.steps not in self._moves:
            self._moves[node.steps] = tuple(self._open_steps(node))
        return self._moves[node.steps]

    def follow(self, node: Node, step: Step) -> Node | None:
        """Return the path with one more step; None where it is pruned."""
        return self._appraised((*node.steps, step))

    def note(self, stage: Stage, steps: Steps, miss: Miss) -> None:
        """Count a path under the constraint that it misses."""
        pruning = self.prunings.setdefault(miss.constraint, Pruning(constraint=miss.constraint))
        pruning.note(stage, steps, miss)

    def _forecasts(self, course: Course) -> Mapping[str, Floats]:
        own = {one.name: course.series[one.name] for one in self.problem.variables}
        return self.forecast(course.event_scripts, own)

    def keep_nearest(self, steps: Steps, misses: tuple[Miss, ...]) -> None:
        """Keep the path that misses least, the first of equals."""
        shortfall = sum(miss.scaled for miss in misses)
        if misses and (self.nearest is None or shortfall < self.nearest[0]):
            self.nearest = (shortfall, steps, misses)

    def _open_steps(self, node: Node) -> list[Step]:
        steps: list[Step] = []
        for tick in (one for one in self.problem.decision_ticks if one >= node.course.free_tick):
            for action in self.problem.actions:
                step = Step(tick=tick, action=action.name)
                miss = refusal(self.problem, node.steps, node.series, step)
                if miss is None:
                    steps.append(step)
                else:
                    self.note("refused", (*node.steps, step), miss)
        return steps

    def _appraised(self, steps: Steps) -> Node | None:
        if steps not in self._nodes:
            self._nodes[steps] = self._appraise(steps)
        return self._nodes[steps]

    def _appraise(self, steps: Steps) -> Node | None:
        self.explored += 1
        course = course_of(self.problem, steps)
        if self.dominance is not None and not self.dominance.admits(course):
            self.dominated += 1
            return None
        node = self._judged(course)
        self.keep_nearest(steps, node.verdict.misses)
        if node.verdict.lost is not None:
            self.note("cut", steps, node.verdict.lost)
            return None
        if node.verdict.misses:
            self.note("unfinished", steps, node.verdict.misses[0])
        else:
            self.plans.append(node)
            self.lowest = min(self.lowest, node.verdict.value)
            self.highest = max(self.highest, node.verdict.value)
        return node

    def _judged(self, course: Course) -> Node:
        society = checked_forecast(self.problem, self._forecasts(course) if self.needed else {})
        missing = sorted(self.needed - society.keys())
        if missing:
            raise PlanError(
                f"says nothing of {', '.join(missing)}.",
                field="forecast",
                fix="Return a series for each signal that goals and constraints look at.",
            )
        series = crossed(course, society)
        return Node(course=course, series=series, verdict=verdict(self.problem, course, series))


def _needed_signals(problem: Problem) -> set[str]:
    """Return the signals that goals, constraints and preconditions look at."""
    named = {goal.quantity for goal in problem.goals}
    for action in problem.actions:
        named |= {one.quantity for one in action.preconditions}
    for constraint in problem.constraints:
        if isinstance(constraint, Forbidden):
            named |= {one.quantity for one in constraint.all_of}
        elif not isinstance(constraint, Deadline):
            named.add(constraint.quantity)
    return named & {signal.name for signal in problem.seen}
