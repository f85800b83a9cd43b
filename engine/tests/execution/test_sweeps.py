"""Sweeps use common random numbers; early stopping ends when it may, and says what it knows."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.moods import mood_scenario

import agentverse_engine as av
from agentverse_engine.errors import RequestError, VariableError
from agentverse_engine.execution.sweeps import at_point, simulate_until, sweep
from agentverse_engine.results.ensembles import normal_width, wilson_interval
from agentverse_engine.scaling import PartitionedLocal, ProcessExecutor


def final_yes(run: av.Trajectory) -> NDArray[np.float64]:
    return run.shares()[:, -1, 1]


def no_numbers(run: av.Trajectory) -> NDArray[np.float64]:
    return np.full(run.replicates, np.nan)


UNUSABLE: list[tuple[Any, type[av.EngineError], str]] = [
    ({}, RequestError, "points"),
    ([], RequestError, "points"),
    ([{}], RequestError, "points"),
    ({"pull": []}, RequestError, "points"),
    ({"age": [1.0]}, RequestError, "points"),
    ({"pull": [2.0]}, VariableError, "pull"),
    ({"pull": [math.nan]}, VariableError, "pull"),
]


# ---- sweeps --------------------------------------------------------------------------------------


def test_sweep_over_a_grid_is_each_ensemble_in_order() -> None:
    scenario = mood_scenario()
    found = sweep(scenario, {"pull": [0.0, 0.5], "press": [-0.1, 0.2]}, batch=4)
    assert [tuple(point.values()) for point, _ in found] == [
        (0.0, -0.1), (0.0, 0.2), (0.5, -0.1), (0.5, 0.2),
    ]  # fmt: skip
    for point, run in found:
        alone = av.simulate_ensemble(at_point(scenario, point))
        assert run.digest == alone.digest == found[point].digest
        assert run.scenario_digest == alone.scenario_digest
    assert repr(found) == "Sweep(4 points of pull, press; 6 replicates)"


def test_sweep_at_the_defaults_is_the_ensemble_and_numbers_are_common() -> None:
    scenario = mood_scenario()
    found = sweep(scenario, [{"pull": 0.4}, {"pull": 0.4, "press": 0.0}, {"press": 0.3}])
    here = av.simulate_ensemble(scenario)
    one, other, pressed = found.trajectories
    assert one.digest == other.digest == here.digest
    np.testing.assert_array_equal(pressed.tick_digests[:, 0], here.tick_digests[:, 0])
    assert (final_yes(pressed) > final_yes(here)).all()  # every replicate, not just their mean


@pytest.mark.parametrize("executor", [PartitionedLocal(partitions=3), None])
def test_sweep_over_executors_is_one(executor: Any) -> None:
    points = {"pull": [0.0, 0.2, 0.9]}
    expected = sweep(mood_scenario(), points, threads=1)
    told: list[int] = []
    with ProcessExecutor(workers=1) as processes:
        found = sweep(
            mood_scenario(),
            points,
            executor=executor or processes,
            batch=2,
            progress=lambda tick, _: told.append(tick),
        )
    assert [one.digest for one in found.trajectories] == [
        one.digest for one in expected.trajectories
    ]
    assert told == sorted(set(told))
    assert told[-1] == 8


@pytest.mark.parametrize(("points", "error", "field"), UNUSABLE)
def test_sweep_over_unusable_points_is_refused(
    points: Any, error: type[av.EngineError], field: str
) -> None:
    with pytest.raises(error) as caught:
        sweep(mood_scenario(), points)
    assert caught.value.field == field


def test_sweep_without_the_point_says_so() -> None:
    found = sweep(mood_scenario(), {"pull": [0.1]})
    with pytest.raises(RequestError) as caught:
        found[{"pull": 0.2}]
    assert caught.value.field == "sweep"


# ---- early stopping ------------------------------------------------------------------------------


def test_simulate_until_stops_at_the_first_narrow_look() -> None:
    scenario = mood_scenario(size=60, horizon=4)
    told: list[tuple[int, int]] = []
    found = simulate_until(
        scenario,
        final_yes,
        half_width=0.025,
        most=500,
        batch=7,
        progress=lambda count, most: told.append((count, most)),
    )
    assert found.is_narrow
    assert found.half_width <= 0.025
    assert 30 < found.replicates < 500
    whole = av.simulate_ensemble(mood_scenario(size=60, horizon=4, replicates=found.replicates))
    assert found.trajectory.digest == whole.digest
    assert found.trajectory.ledger == whole.ledger
    counts = [count for count, _ in told]
    assert counts[:3] == [30, 45, 68]
    for count in counts:
        spread = final_yes(whole)[:count].std(ddof=1) / math.sqrt(count)
        assert (1.6448536 * spread <= 0.025) == (count == counts[-1])


def test_simulate_until_gives_up_at_the_most() -> None:
    found = simulate_until(mood_scenario(), final_yes, half_width=1e-9, least=4, most=11, level=0.5)
    assert (found.replicates, found.is_narrow, found.level) == (11, False, 0.5)
    assert found.half_width > 1e-9


def test_simulate_until_a_share_of_replicates_is_not_fooled_by_unanimity() -> None:
    """The standard deviation of thirty times yes is 0; Wilson's interval still has a width."""
    found = simulate_until(
        mood_scenario(size=20, horizon=4),
        lambda run: np.ones(run.replicates, dtype=np.bool_),
        half_width=0.02,
        most=200,
    )
    low, high = wilson_interval(found.replicates, found.replicates)
    assert found.replicates > 30
    assert found.half_width == float(high - low) / 2
    assert found.mean == 1.0


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"half_width": 0.0}, "half_width"),
        ({"half_width": math.nan}, "half_width"),
        ({"half_width": math.inf}, "half_width"),
        ({"level": 1.0}, "level"),
        ({"least": 1}, "least"),
        ({"most": 29}, "most"),
        ({"outcome": av.Trajectory.shares}, "outcome"),
        ({"outcome": no_numbers}, "outcome"),
    ],
)
def test_simulate_until_without_an_aim_is_refused(arguments: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"outcome": final_yes, "half_width": 0.1, **arguments}
    with pytest.raises(RequestError) as caught:
        simulate_until(mood_scenario(size=10, horizon=4), **given)
    assert caught.value.field == field


def test_simulate_until_can_be_cancelled() -> None:
    with pytest.raises(av.Cancelled):
        simulate_until(mood_scenario(), final_yes, half_width=1e-9, should_cancel=lambda: True)


# ---- Wilson --------------------------------------------------------------------------------------


def test_wilson_interval_is_the_published_one() -> None:
    """Newcombe 1998, table I: 81/263, 15/148, 0/20 and 1/29 at 95 %, method 3."""
    low, high = wilson_interval([81, 15, 0, 1], [263, 148, 20, 29], 0.95)
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


def test_wilson_interval_solves_the_score_equation() -> None:
    n, z = 40.0, normal_width(0.9)
    for k in range(1, 40):
        for bound in wilson_interval(k, n):
            score = (k / n - bound) / np.sqrt(bound * (1 - bound) / n)
            assert abs(abs(float(score)) - z) < 1e-9


@pytest.mark.parametrize(
    ("successes", "trials", "level", "field"),
    [
        (1, 0, 0.9, "trials"),
        (1, math.nan, 0.9, "trials"),
        (1, math.inf, 0.9, "trials"),
        (-1, 5, 0.9, "successes"),
        (6, 5, 0.9, "successes"),
        (math.nan, 5, 0.9, "successes"),
        (1, 5, 0.0, "level"),
    ],
)
def test_wilson_interval_of_no_share_is_refused(
    successes: float, trials: float, level: float, field: str
) -> None:
    with pytest.raises(RequestError) as caught:
        wilson_interval(successes, trials, level)
    assert caught.value.field == field
