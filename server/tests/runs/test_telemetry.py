"""Telemetry: what is written is what is read, small, tagged, and enough to replay from."""

import json

import numpy as np
import pytest
from factories.scenarios import make_scenario

from agentverse.runs import telemetry
from agentverse.runs.errors import TelemetryUnreadable
from agentverse_engine import Trajectory, simulate_ensemble


@pytest.fixture(scope="module")
def trajectory() -> Trajectory:
    return simulate_ensemble(make_scenario(personas=2000, horizon=20, replicates=8), threads=1)


def test_encode_the_same_trajectory_twice_gives_the_same_bytes(trajectory: Trajectory) -> None:
    assert telemetry.encode(trajectory) == telemetry.encode(trajectory)


def test_decode_series_returns_every_count(trajectory: Trajectory) -> None:
    series = telemetry.decode_series(telemetry.encode(trajectory)["series"])
    assert np.array_equal(series.installs, trajectory.flows)
    assert np.array_equal(series.stock, trajectory.stock)
    assert series.alternatives == trajectory.alternatives


def test_choices_at_every_tick_equal_the_engines_own(trajectory: Trajectory) -> None:
    files = telemetry.encode(trajectory)
    indptr = trajectory.tracks["choice"].indptr[0]
    for tick in range(21):
        state, changed = telemetry.choices_at(files["keyframes"], files["deltas"], tick)
        assert np.array_equal(state, trajectory.state_at(tick)), tick
        assert changed == indptr[tick + 1] - indptr[tick]


def test_encode_stays_below_a_byte_per_agent_tick() -> None:
    long = simulate_ensemble(make_scenario(personas=20_000, horizon=36, replicates=8), threads=1)
    size = sum(len(data) for data in telemetry.encode(long).values())
    assert size < 20_000 * 36


def test_decode_damaged_files_is_refused_with_a_way_out(trajectory: Trajectory) -> None:
    files = telemetry.encode(trajectory)
    with pytest.raises(TelemetryUnreadable, match="Run the node again"):
        telemetry.decode_series(files["series"][:-100])
    with pytest.raises(TelemetryUnreadable, match="Run the node again"):
        telemetry.choices_at(files["keyframes"], files["series"], 3)


def test_summarise_holds_the_whole_run_per_replicate(trajectory: Trajectory) -> None:
    summary = telemetry.summarise(trajectory, ["flow_share", "stock_share"])
    installed = trajectory.flows[:, 1:].sum(axis=(1, 2, 3))
    expected = installed[:, 0] / installed.sum(axis=1)
    assert summary["shares"]["flow_share"]["a"] == pytest.approx(expected.tolist())
    json.dumps(summary, allow_nan=False)
