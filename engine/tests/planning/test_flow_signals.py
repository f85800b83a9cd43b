"""Flow shares as signals and goals: of those who took something up in a window of ticks."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine import planning as pl
from agentverse_engine.errors import PlanError
from agentverse_engine.planning.signals import signal_series

Society = Callable[..., av.Scenario]
PUMP = 2
BOUGHT = pl.Signal(name="bought", outcome="pump", flow_ticks=3)
NOTHING = np.full((1, 4), np.nan)


def quiet(society: Society, **options: Any) -> av.Scenario:
    """So few that in many ticks nobody takes anything up."""
    given = {"size": 24, "replacement_rate": 0.05, "horizon": 9, "replicates": 5, "mean_degree": 4}
    return society(**(given | options))


def by_hand(trajectory: av.Trajectory, signal: pl.Signal, replicate: int, tick: int) -> float:
    """Count persona by persona group, in plain numbers."""
    assert signal.flow_ticks is not None
    own = total = 0
    for when in range(max(1, tick - signal.flow_ticks + 1), tick + 1):
        for s, segment in enumerate(trajectory.segments):
            for r, region in enumerate(trajectory.regions):
                if (signal.segments and segment not in signal.segments) or (
                    signal.regions and region not in signal.regions
                ):
                    continue
                for a, alternative in enumerate(trajectory.alternatives):
                    entered = int(trajectory.flows[replicate, when, s, r, a])
                    total += entered
                    own += entered if alternative == signal.outcome else 0
    return own / total if total else math.nan


def subsidy(**options: Any) -> pl.Action:
    script = av.EventScript(variable="cost.pump", operation="add", value=-2.0)
    return pl.Action(name="subsidy", effects=(pl.Effect(event_scripts=(script,)),), **options)


def buying(rate: float) -> pl.Action:
    script = av.EventScript(variable="replacement_rate", operation="set", value=rate)
    return pl.Action(name="renew", effects=(pl.Effect(event_scripts=(script,)),))


def problem(scenario: av.Scenario, **options: Any) -> pl.Problem:
    last = scenario.horizon
    given: dict[str, Any] = {
        "scenario": scenario,
        "actions": (subsidy(),),
        "signals": (replace(BOUGHT, flow_ticks=last - 1),),
        "goals": (pl.Goal(quantity="bought"),),
        "decision_ticks": (1, 3),
        **options,
    }
    return pl.Problem(**given)


def test_share_is_the_windows_own_in_numbers_worked_out_by_hand(society: Society) -> None:
    scenario = society(size=40, horizon=4, replicates=1)
    flows = np.zeros((1, 5, 2, 2, 3), dtype=np.int32)
    flows[0, 1, 0, 0] = (1, 0, 3)  # 3 pumps of 4
    flows[0, 3, 0, 0] = (0, 0, 1)
    flows[0, 3, 1, 1] = (0, 1, 0)  # 1 of 2, and none of 1 in the rich south
    made = replace(av.simulate_ensemble(scenario), flows=flows)
    windows: dict[int, list[float]] = {
        1: [math.nan, 3 / 4, math.nan, 1 / 2, math.nan],
        2: [math.nan, 3 / 4, 3 / 4, 1 / 2, 1 / 2],
        3: [math.nan, 3 / 4, 3 / 4, 4 / 6, 1 / 2],
        4: [math.nan, 3 / 4, 3 / 4, 4 / 6, 4 / 6],
    }
    for ticks, expected in windows.items():
        found = signal_series(scenario, made, replace(BOUGHT, flow_ticks=ticks))
        np.testing.assert_array_equal(found, [expected])
    rich = replace(BOUGHT, flow_ticks=4, segments=("rich",))
    np.testing.assert_array_equal(
        signal_series(scenario, made, rich), [[math.nan, math.nan, math.nan, 0.0, 0.0]]
    )


def test_share_is_that_of_a_count_by_hand_in_whole_runs(society: Society) -> None:
    scenario = quiet(society)
    trajectory = av.simulate_ensemble(scenario)
    values: list[float] = []
    for ticks in (1, 2, 5, 9):
        for segments, regions in (((), ()), (("rich",), ()), (("poor", "rich"), ("north",))):
            signal = replace(BOUGHT, flow_ticks=ticks, segments=segments, regions=regions)
            found = signal_series(scenario, trajectory, signal)
            for replicate in range(5):
                for tick in range(10):
                    expected = by_hand(trajectory, signal, replicate, tick)
                    np.testing.assert_array_equal(found[replicate, tick], expected)
                    values.append(expected)
    assert 0.1 < np.isnan(values).mean() < 0.9


def test_no_comparison_holds_with_what_has_no_value() -> None:
    for comparison in ("<", "<=", ">", ">="):
        need = pl.Requirement(quantity="bought", comparison=comparison, value=0.4)
        assert need.distance(NOTHING).tolist() == [[1.0] * 4]
        assert pl.Forbidden(name="no", all_of=(need,)).beyond({"bought": NOTHING}).max() == -np.inf


def test_limit_leaves_out_ticks_without_a_value_and_misses_where_there_is_none() -> None:
    some = np.array([[np.nan, 0.5, np.nan, 0.2], [np.nan, np.nan, np.nan, 0.5]])
    least = pl.Limit(name="least", quantity="bought", lower=0.4)
    held = -np.inf
    np.testing.assert_allclose(least.beyond({"bought": some})[:, :3], held)
    np.testing.assert_allclose(least.beyond({"bought": some})[:, 3], [0.2, held])
    early = replace(least, from_tick=1, to_tick=2)
    np.testing.assert_allclose(
        early.beyond({"bought": some}), [[held] * 4, [held, held, 1.0, held]]
    )


def test_goal_of_a_window_is_its_flow_share_on_any_threads_and_batches(society: Society) -> None:
    scenario = society(size=300, replicates=8, horizon=5)
    asked = problem(scenario)
    answer = pl.plan(asked, threads=1, batch=3, best=9)
    other = pl.plan(asked, threads=2, partitions=2, best=9)
    assert len(answer.plans) == 3
    for plan, again in zip(answer.plans, other.plans, strict=True):
        assert plan.digest == again.digest
        assert plan.values.tobytes() == again.values.tobytes()
        flows = av.simulate_ensemble(plan.scenario).flows[:, 2:].sum(axis=(1, 2, 3))
        assert plan.values.tobytes() == (flows[:, PUMP] / flows.sum(axis=1)).tobytes()
    assert answer.best is not None
    assert answer.best.steps[0].tick == 1


def test_path_whose_goal_has_no_value_is_no_plan_and_says_so(society: Society) -> None:
    still = quiet(society, replacement_rate=0.0)
    asked = problem(still)
    answer = pl.plan(asked)
    assert not answer.plans
    assert answer.infeasibility is not None
    assert "'value of goals[0]' by 1" in answer.infeasibility.words
    searched = pl.explored(problem(still, actions=(subsidy(), buying(1.0))))
    found = [{step.action for step in node.steps} for node in searched.plans]
    assert found
    assert all("renew" in names for names in found)


def test_gain_against_what_has_no_value_is_refused(society: Society) -> None:
    still = quiet(society, replacement_rate=0.0)
    with pytest.raises(PlanError, match="no value in 100% of the replicates") as refused:
        pl.plan(problem(still, actions=(buying(1.0),)))
    assert refused.value.field == "goals[0]"


@pytest.mark.parametrize(
    ("signal", "field"),
    [
        (replace(BOUGHT, flow_ticks=0), "signals[0].flow_ticks"),
        (replace(BOUGHT, flow_ticks=7), "signals[0].flow_ticks"),
        (replace(BOUGHT, flow_ticks=1.5), "signals[0].flow_ticks"),
    ],
)
def test_window_beyond_the_run_is_refused_by_field(
    signal: pl.Signal, field: str, society: Society
) -> None:
    with pytest.raises(PlanError) as refused:
        problem(society(size=40), signals=(signal,))
    assert refused.value.field == field


def test_forecast_may_leave_a_flow_without_a_value_and_nothing_else(society: Society) -> None:
    asked = problem(society(size=60, horizon=5), goals=(pl.Goal(quantity="pump"),))

    def gaps(_: object, __: object) -> dict[str, Any]:
        return {"bought": np.full(6, np.nan), "pump": np.full(6, 0.5)}

    def wrong(_: object, __: object) -> dict[str, Any]:
        return {"bought": np.full(6, 0.5), "pump": np.full(6, np.nan)}

    assert pl.explored(asked, forecast=gaps).plans
    with pytest.raises(PlanError, match="not finite, for 'pump'"):
        pl.explored(asked, forecast=wrong)
