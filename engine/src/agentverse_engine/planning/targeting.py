"""Target mode: search fast, then let real ensembles rank the best paths."""

from typing import Any, Protocol

from agentverse_engine.planning.answers import Answer, Plan, infeasibility_of
from agentverse_engine.planning.beam import BeamSearch
from agentverse_engine.planning.evaluating import Trial
from agentverse_engine.planning.exploring import Explorer
from agentverse_engine.planning.forecasting import Forecast, small_ensemble
from agentverse_engine.planning.problem import Problem
from agentverse_engine.planning.problem_checks import check_reach, check_share, check_whole


class Search(Protocol):
    """A way to explore paths."""

    def explore(self, explorer: Explorer) -> None:
        """Walk through paths by the explorer, which keeps what it evaluated."""
        ...


def explored(
    problem: Problem,
    *,
    search: Search | None = None,
    forecast: Forecast | None = None,
    prune_dominated: bool = True,
) -> Explorer:
    """Search a problem's paths by forecasts alone (default: a beam, and a small ensemble).

    Raises PlanError, and what a run of the forecast raises.
    """
    explorer = Explorer(
        problem, forecast or small_ensemble(problem), prune_dominated=prune_dominated
    )
    (search or BeamSearch()).explore(explorer)
    explorer.plans.sort(key=lambda node: -node.verdict.value)  # stable: equals as they were found
    return explorer


def plan(
    problem: Problem,
    *,
    search: Search | None = None,
    forecast: Forecast | None = None,
    best: int = 5,
    most_evaluated: int | None = None,
    level: float = 0.9,
    prune_dominated: bool = True,
    **run_options: Any,
) -> Answer:
    """Return the `best` plans by real ensembles, or why there is none.

    Paths are run best estimate first until `best` of them keep to what is hard in enough
    replicates, at most `most_evaluated` (default 4 best). level: of intervals. run_options: as in
    simulate_ensemble. Raises PlanError (also for an action that at the first decision tick would
    be too late to do anything within the run, and for a goal without a value where nothing is
    done), RequestError, and what a run raises.
    """
    check_whole("best", best, 1)
    check_whole("most_evaluated", most_evaluated, 1)
    check_share("level", level)
    check_reach(problem.actions, problem.decision_ticks[0], problem.horizon)
    explorer = explored(problem, search=search, forecast=forecast, prune_dominated=prune_dominated)
    chosen = explorer.plans[: 4 * best if most_evaluated is None else most_evaluated]
    trial = Trial(problem, chosen, level, run_options)
    plans: list[Plan] = []
    tried = 0
    for node in chosen:
        tried += 1
        trial_plan, miss = trial.run(node)
        if miss is None:
            plans.append(trial_plan)
        else:
            explorer.note("rejected", node.steps, miss)
            explorer.keep_nearest(node.steps, (miss,))
        if len(plans) == best:
            break
    plans.sort(key=lambda item: -item.value)
    return Answer(
        plans=tuple(plans),
        prunings=tuple(explorer.prunings.values()),
        explored=explorer.explored,
        candidates=len(explorer.plans),
        dominated=explorer.dominated,
        dropped=explorer.dropped,
        evaluated=tried,
        infeasibility=None if plans else infeasibility_of(explorer, len(explorer.plans) - tried),
    )
