"""The planner's own guess of what a path does to the society: fast, and never the last word."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PlanError
from agentverse_engine.execution.simulate import simulate_ensemble
from agentverse_engine.inputs.events import EventScript
from agentverse_engine.planning.problem import Problem
from agentverse_engine.planning.problem_checks import check_whole
from agentverse_engine.planning.signals import signal_series

Floats = NDArray[np.float64]
Scripts = tuple[EventScript, ...]
# The signals of the society by name, float64[runs, horizon+1] (nan: a flow share without a value),
# under the scripts of a path and its decision variables float64[worlds, horizon+1]. Ticks before a
# script begins must not depend on it.
Forecast = Callable[[Scripts, Mapping[str, Floats]], Mapping[str, Floats]]


def small_ensemble(
    problem: Problem, *, replicates: int = 2, horizon: int | None = None
) -> Forecast:
    """Return a forecast by a few replicates; equal scripts are run once.

    horizon: run only so many ticks, and take the last for what comes after. PlanError: replicates
    or horizon below 1.
    """
    check_whole("replicates", replicates, 1)
    check_whole("horizon", horizon, 1)
    ticks = problem.horizon if horizon is None else min(horizon, problem.horizon)
    forecasts: dict[Scripts, Mapping[str, Floats]] = {}

    def forecast(event_scripts: Scripts, _: Mapping[str, Floats]) -> Mapping[str, Floats]:
        scripts = _until(event_scripts, ticks)
        if scripts not in forecasts:
            forecasts[scripts] = _run(problem, scripts, replicates, ticks)
        return forecasts[scripts]

    return forecast


def _until(scripts: Scripts, ticks: int) -> Scripts:
    kept = [script for script in scripts if script.scope.start_tick <= ticks]
    return tuple(
        replace(script, scope=replace(script.scope, end_tick=min(script.scope.end_tick, ticks)))
        if script.scope.end_tick is not None
        else script
        for script in kept
    )


def _run(problem: Problem, scripts: Scripts, replicates: int, ticks: int) -> Mapping[str, Floats]:
    own = _until(problem.scenario.event_scripts, ticks)
    scenario = replace(
        problem.scenario, event_scripts=(*own, *scripts), replicates=replicates, horizon=ticks
    )
    trajectory = simulate_ensemble(scenario, dense_replicates=0)
    after = ((0, 0), (0, problem.horizon - ticks))
    return {
        signal.name: np.pad(signal_series(scenario, trajectory, signal), after, mode="edge")
        for signal in problem.seen
    }


def checked_forecast(problem: Problem, forecasts: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the signals of a forecast, float64[runs, horizon+1] each; PlanError if unusable."""
    checked: dict[str, Floats] = {}
    flows = {signal.name for signal in problem.seen if signal.flow_ticks is not None}
    for name, values in forecasts.items():
        series = np.atleast_2d(np.asarray(values, dtype=np.float64))
        usable = np.isfinite(series) | (np.isnan(series) & (name in flows))
        if series.shape[1:] != (problem.horizon + 1,) or not usable.all():
            raise PlanError(
                f"has the shape {series.shape} or holds what is not finite, for '{name}'.",
                field="forecast",
                fix=f"Return runs by {problem.horizon + 1} ticks of finite numbers.",
            )
        checked[name] = series
    runs = {len(series) for series in checked.values()}
    if len(runs) > 1:
        raise PlanError(
            f"has {sorted(runs)} runs.", field="forecast", fix="Return as many for each signal."
        )
    return checked
