"""A policy that plans anew every few ticks and takes only the first steps (receding horizon)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentverse_engine.hybrid.actors import Sight
from agentverse_engine.planning.forecasting import Forecast
from agentverse_engine.planning.problem import Problem
from agentverse_engine.planning.problem_checks import check_whole
from agentverse_engine.planning.targeting import Search, explored


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanning:
    """Plan at every `every`-th tick; between, do nothing (Mayne et al. 2000, predictive control).

    problem: what to plan, given what is seen, e.g. decision variables that start at the signals,
    with decision ticks from sight.tick on; its actions bear the names of the actor's. forecast: as
    in planning.plan; the default runs small ensembles from tick 0, which know nothing of what
    happened since. The best path by forecast is followed at sight.tick, as far as it is open.
    PlanError: `every` below 1.
    """

    problem: Callable[[Sight], Problem]
    every: int = 1
    search: Search | None = None
    forecast: Callable[[Sight], Forecast] | None = None

    def __post_init__(self) -> None:
        check_whole("every", self.every, 1)

    def __call__(self, sight: Sight) -> Sequence[str]:
        if (sight.tick - 1) % self.every:
            return ()
        forecast = None if self.forecast is None else self.forecast(sight)
        plans = explored(self.problem(sight), search=self.search, forecast=forecast).plans
        steps = plans[0].steps if plans else ()
        return [
            step.action
            for step in steps
            if step.tick == sight.tick and step.action in sight.options
        ]
