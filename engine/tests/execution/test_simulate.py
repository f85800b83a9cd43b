"""Running: progress, cancelling, refused arguments, recorded states, warm-up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from societies import ANYTHING

import agentverse_engine as av
from agentverse_engine.errors import RequestError

Society = Callable[..., av.Scenario]


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_progress_reaches_the_horizon_once_tick_by_tick(society: Society, batch: int) -> None:
    told: list[tuple[int, int]] = []
    av.simulate_ensemble(
        society(200),
        batch=batch,
        progress=lambda tick, horizon: told.append((tick, horizon)),
    )
    ticks = [tick for tick, _ in told]
    assert ticks == sorted(set(ticks))
    assert told[-1] == (6, 6)
    assert len(told) >= 6


def test_cancel_stops_at_the_next_tick_boundary(society: Society) -> None:
    ticks: list[int] = []
    with pytest.raises(av.Cancelled) as caught:
        av.simulate_ensemble(
            society(200),
            progress=lambda tick, _: ticks.append(tick),
            should_cancel=lambda: len(ticks) == 3,
        )
    assert ticks == [1, 2, 3]
    assert "3 of 6" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"threads": 0}, "threads"),
        ({"partitions": 0}, "partitions"),
        ({"batch": 0}, "batch"),
        ({"dense_replicates": -1}, "dense_replicates"),
        ({"keyframe_every": 0}, "keyframe_every"),
    ],
)
def test_arguments_out_of_range_are_refused(
    society: Society, arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(RequestError) as caught:
        av.simulate_ensemble(society(50), **arguments)
    assert caught.value.field == field


@pytest.mark.parametrize("keyframe_every", [1, 4, 100])
def test_states_do_not_depend_on_the_keyframes(society: Society, keyframe_every: int) -> None:
    scenario = society(300)
    every = av.simulate_ensemble(scenario, dense_replicates=4, keyframe_every=1)
    other = av.simulate_ensemble(scenario, dense_replicates=4, keyframe_every=keyframe_every)
    for replicate in range(4):
        for tick in range(7):
            np.testing.assert_array_equal(
                other.state_at(tick, replicate), every.tracks["choice"].keyframes[replicate, tick]
            )


def test_states_that_were_not_recorded_are_refused(society: Society) -> None:
    run = av.simulate_ensemble(society(50))
    for tick, replicate, field in ((7, 0, "tick"), (-1, 0, "tick"), (0, 1, "replicate")):
        with pytest.raises(RequestError) as caught:
            run.state_at(tick, replicate)
        assert caught.value.field == field
    none = av.simulate_ensemble(society(50), dense_replicates=0)
    track = none.tracks["choice"]
    assert track.keyframes.shape[0] == track.indptr.shape[0] == track.rows.size == 0


def test_one_persona_is_a_population(society: Society) -> None:
    alone = replace(society(1, mean_degree=0, replacement_rate=1.0), allow=ANYTHING)
    run = av.simulate_ensemble(alone)
    np.testing.assert_array_equal(run.flows[:, 1:].sum(axis=(2, 3, 4)), 1)


def test_trajectory_says_what_it_holds(society: Society) -> None:
    run = av.simulate_ensemble(society(200))
    share = run.stock[:, -1, :, :, 2].sum() / 800
    assert "200 personas, 6 ticks, 4 replicates" in repr(run)
    assert f"pump {share:.1%}" in repr(run)


def test_runs_at_the_same_time_do_not_disturb_each_other(society: Society) -> None:
    scenario = society(9000, horizon=3)
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(av.simulate_ensemble, scenario, threads=2) for _ in range(6)]
    assert len({run.result().digest for run in runs}) == 1


def test_warm_up_runs_more_than_once() -> None:
    av.warm_up()
    av.warm_up()
