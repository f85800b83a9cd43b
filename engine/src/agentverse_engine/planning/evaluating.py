"""The last word: real ensembles of the best paths, sharing every random draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import occurrences
from agentverse_engine.errors import PlanError
from agentverse_engine.execution.simulate import simulate_ensemble
from agentverse_engine.planning.answers import Plan
from agentverse_engine.planning.constraints import MONEY, TIME, Miss
from agentverse_engine.planning.exploring import Node
from agentverse_engine.planning.judging import Verdict, paired, unmet, verdict, without_value
from agentverse_engine.planning.paths import (
    Course,
    EffectUse,
    Occurs,
    Steps,
    bundle_name,
    course_of,
    drawn,
    effect_of,
    effect_uses,
    scripts_of,
)
from agentverse_engine.planning.problem import Problem
from agentverse_engine.planning.signals import signal_series
from agentverse_engine.results import ensembles
from agentverse_engine.scenario.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Result:
    """A path's own ensemble: what ran, and its course and verdict replicate by replicate."""

    course: Course
    verdict: Verdict
    scenario: Scenario
    digest: str
    miss: Miss | None


class Trial:
    """Real ensembles of paths that share their slots, so that they share every draw."""

    def __init__(
        self, problem: Problem, nodes: Sequence[Node], level: float, options: Mapping[str, Any]
    ) -> None:
        self.problem = problem
        self.level = level
        self.options: dict[str, Any] = {"dense_replicates": 0, **options}
        self.results: dict[Steps, _Result] = {}
        self.slots = _slots([node.course for node in nodes])
        self.idle = self._idle() if nodes else np.zeros(1)

    def run(self, node: Node) -> tuple[Plan, Miss | None]:
        """Return the plan of a path, and what it misses in its own ensemble, if anything."""
        result = self._result(node.steps)
        values, series = result.verdict.values, result.course.series
        low, _, high = ensembles.interval(values, self.level)
        gain = ensembles.interval(ensembles.paired_difference(values, self.idle), self.level)
        plan = Plan(
            steps=node.steps,
            value=result.verdict.value,
            interval=(float(low), float(high)),
            gain=(float(gain[0]), float(gain[1]), float(gain[2])),
            values=values,
            estimate=node.verdict.value,
            money=float(series[MONEY][0, -1]),
            time_ticks=int(series[TIME][0, -1]),
            course=result.course,
            scenario=result.scenario,
            digest=result.digest,
        )
        return plan, result.miss

    def _idle(self) -> Floats:
        """Return float64[replicates], what doing nothing is worth: what gains are measured against.

        Raises PlanError where that has no value.
        """
        result = self._result(())
        missing = without_value(self.problem, result.course.series)
        if missing:
            raise PlanError(
                f"has no value in {missing[0].amount:.0%} of the replicates if nothing is done: "
                "nobody takes anything up in its window.",
                field=missing[0].constraint.removeprefix("value of "),
                fix="Use a longer window, or a share of everyone.",
            )
        return result.verdict.values

    def _result(self, steps: Steps) -> _Result:
        if steps not in self.results:
            self.results[steps] = self._run(steps)
        return self.results[steps]

    def _run(self, steps: Steps) -> _Result:
        problem = self.problem
        scripts = scripts_of(problem, effect_uses(problem, steps), self.slots)
        scenario = problem.scenario.branch(scripts)
        trajectory = simulate_ensemble(scenario, **self.options)
        society = {one.name: signal_series(scenario, trajectory, one) for one in problem.seen}
        occurs = _occurred(problem, scenario)
        course = self._course(steps, occurs, society)
        judged = verdict(problem, course, course.series)
        values = np.broadcast_to(judged.values, (scenario.replicates,))
        return _Result(
            course=replace(course, event_scripts=scripts),
            verdict=replace(judged, values=values),
            scenario=scenario,
            digest=trajectory.digest,
            miss=judged.misses[0] if judged.misses else self._unmet(steps, occurs, society),
        )

    def _course(self, steps: Steps, occurs: Occurs, society: Mapping[str, Floats]) -> Course:
        course = course_of(self.problem, steps, occurs)
        replicates = self.problem.scenario.replicates
        return replace(course, series=paired(course, society, replicates))

    def _unmet(self, steps: Steps, occurs: Occurs, society: Mapping[str, Floats]) -> Miss | None:
        """Return the first precondition that did not hold in enough replicates."""
        for position, step in enumerate(steps):
            before = self._course(steps[:position], occurs, society)
            miss = unmet(self.problem, before.series, step)
            if miss is not None:
                return miss
        return None


def _slots(courses: Sequence[Course]) -> tuple[EffectUse, ...]:
    """Return the effects of all paths, each once, in one order."""
    uses: dict[tuple[int, int, int], EffectUse] = {}
    for use in (use for course in courses for use in course.uses):
        key = (use.action, use.use, use.effect)
        uses[key] = min(use, uses.get(key, use))
    return tuple(uses[key] for key in sorted(uses))


def _occurred(problem: Problem, scenario: Scenario) -> Occurs:
    """Return what effects did in each replicate: those with scripts as the engine draws them."""
    drawn_here = drawn(problem, scenario.replicates)
    table = occurrences(scenario)
    bundles = [script.bundle for script in scenario.event_scripts]
    own = len(problem.scenario.event_scripts)

    def occurs(use: EffectUse) -> NDArray[np.bool_]:
        name = bundle_name(problem, use)
        if effect_of(problem, use).by_chance and name in bundles[own:]:
            return table[:, bundles.index(name, own)]
        return drawn_here(use)

    return occurs
