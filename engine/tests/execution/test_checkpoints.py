"""A run that is put aside and goes on, in memory or from bytes, is the run that never stopped."""

import hashlib
import pickle
from typing import Any

import numpy as np
import pytest
from societies.moods import mood_scenario

import agentverse_engine as av
from agentverse_engine.errors import CheckpointError, RequestError
from agentverse_engine.execution import checkpoints

LATER = av.EventScript(
    variable="press", operation="add", value=-0.4, scope=av.Scope(start_tick=5, personas=(1, 2, 7))
)


def taken_at_every_tick(scenario: av.Scenario, **options: Any) -> list[av.Checkpoint]:
    kept: list[av.Checkpoint] = []
    av.simulate_ensemble(scenario, checkpoint_every=1, keep_checkpoint=kept.append, **options)
    return kept


def content(checkpoint: av.Checkpoint) -> str:
    """Hash everything in a checkpoint, but for the two unused buffers."""
    return hashlib.sha256(checkpoint.to_bytes(compressed=False)).hexdigest()


def assert_same(one: av.Trajectory, other: av.Trajectory) -> None:
    assert one.digest == other.digest
    assert one.ledger == other.ledger
    for column, track in one.tracks.items():
        for name in ("keyframes", "indptr", "rows", "values"):
            np.testing.assert_array_equal(getattr(track, name), getattr(other.tracks[column], name))


@pytest.mark.parametrize("batch", [2, 6])
def test_resume_at_every_tick_through_bytes_equals_the_run(batch: int) -> None:
    scenario = mood_scenario()
    whole = av.simulate_ensemble(scenario, dense_replicates=3)
    kept = taken_at_every_tick(scenario, batch=batch, dense_replicates=3)
    assert sorted({checkpoint.tick for checkpoint in kept}) == list(range(1, 9))
    for tick in range(1, 9):
        packets = [one.to_bytes(compressed=tick % 2 == 0) for one in kept if one.tick == tick]
        resumed = av.simulate_ensemble(
            scenario,
            dense_replicates=3,
            resume=[av.Checkpoint.from_bytes(packet) for packet in packets],
        )
        assert_same(resumed, whole)


def test_resume_of_a_random_scenario_equals_the_run(random_scenario: Any) -> None:
    for seed in range(12):
        scenario = random_scenario(seed)
        whole = av.simulate_ensemble(scenario)
        for checkpoint in taken_at_every_tick(scenario):
            again = av.Checkpoint.from_bytes(checkpoint.to_bytes())
            assert_same(av.simulate_ensemble(scenario, resume=[again]), whole)


def test_fork_with_later_scripts_equals_the_branch_run_from_the_start() -> None:
    scenario = mood_scenario()
    branch = scenario.branch([LATER])
    whole = av.simulate_ensemble(branch)
    assert whole.digest != av.simulate_ensemble(scenario).digest
    for checkpoint in taken_at_every_tick(scenario):
        if checkpoint.tick < 5:
            again = av.Checkpoint.from_bytes(checkpoint.to_bytes())
            assert_same(av.simulate_ensemble(branch, resume=[checkpoint]), whole)
            assert_same(av.simulate_ensemble(branch, resume=[again]), whole)


def test_fork_leaves_the_checkpoint_as_it_was() -> None:
    scenario = mood_scenario()
    kept = taken_at_every_tick(scenario)
    for checkpoint in (kept[2], av.Checkpoint.from_bytes(kept[2].to_bytes())):
        before = content(checkpoint)
        forks = [
            av.simulate_ensemble(scenario.branch([script]), resume=[checkpoint])
            for script in (LATER, LATER)
        ]
        assert content(checkpoint) == before
        assert forks[0].digest == forks[1].digest
        for name in checkpoints.STATE:
            assert not getattr(checkpoint.state, name).flags.writeable


def test_pickled_checkpoint_is_the_checkpoint() -> None:
    (checkpoint, *_) = taken_at_every_tick(mood_scenario())
    again = pickle.loads(pickle.dumps(checkpoint))  # noqa: S301  our own bytes
    assert content(again) == content(checkpoint)
    with pytest.raises(ValueError, match="read-only"):
        again.state.choice[0] = 1


def test_bytes_of_the_same_checkpoint_are_the_same() -> None:
    one, other = (taken_at_every_tick(mood_scenario())[3].to_bytes() for _ in range(2))
    assert one == other


def test_bytes_cut_short_or_changed_are_refused() -> None:
    packet = taken_at_every_tick(mood_scenario(20, replicates=2))[3].to_bytes()
    draw = np.random.default_rng(5)
    cuts = [packet[:length] for length in draw.integers(len(packet), size=40).tolist()]
    changed: list[bytes] = []
    places: list[int] = draw.integers(len(packet), size=200).tolist()
    for place in places:
        byte = packet[place] ^ (1 << int(draw.integers(8)))
        changed.append(packet[:place] + bytes([byte]) + packet[place + 1 :])
    for damaged in (b"", b"PK", packet + b"x", *cuts, *changed):
        with pytest.raises(CheckpointError) as caught:
            av.Checkpoint.from_bytes(damaged)
        assert caught.value.field == "bytes"


def test_bytes_that_hold_no_checkpoint_are_refused() -> None:
    for labels in ({}, {"tick": 3}):
        packet = checkpoints.packed(
            checkpoints.KIND,
            {"engine": checkpoints.ENGINE_VERSION, **labels},
            {"tick": np.zeros(1)},
            compressed=True,
        )
        with pytest.raises(CheckpointError, match="hold no checkpoint"):
            av.Checkpoint.from_bytes(packet)


def test_bytes_of_another_engine_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = taken_at_every_tick(mood_scenario())[0]
    monkeypatch.setattr(checkpoints, "ENGINE_VERSION", "9.9.9+semantics.99")
    packet = checkpoint.to_bytes()
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match=r"9\.9\.9\+semantics\.99"):
        av.Checkpoint.from_bytes(packet)


def test_resume_where_it_does_not_fit_is_refused() -> None:
    scenario = mood_scenario()
    early, *_, last = taken_at_every_tick(scenario)
    late = av.EventScript(variable="press", operation="add", value=0.1)
    refused: list[tuple[av.Scenario, list[av.Checkpoint], dict[str, Any], str]] = [
        (scenario.branch([late]), [early], {}, "event_scripts[2].scope.start_tick"),
        (mood_scenario(seed=4), [early], {}, "resume"),
        (mood_scenario(horizon=5), [last], {}, "resume"),
        (mood_scenario(replicates=3), [early], {}, "resume"),
        (scenario, [early], {"dense_replicates": 2}, "resume"),
        (scenario, [last], {"keyframe_every": 4}, "resume"),
    ]
    for other, resume, options, field in refused:
        with pytest.raises(CheckpointError) as caught:
            av.simulate_ensemble(other, resume=resume, **options)
        assert caught.value.field == field


@pytest.mark.parametrize("resume", [None, ["tick 3"], [b"bytes"]])
def test_resume_from_what_is_no_checkpoint_is_refused(resume: Any) -> None:
    with pytest.raises(CheckpointError, match="resume"):
        av.simulate_ensemble(mood_scenario(), resume=resume)


def test_resume_from_overlapping_batches_is_refused() -> None:
    scenario = mood_scenario()
    two = taken_at_every_tick(scenario, batch=4)
    three = taken_at_every_tick(scenario, batch=3)
    with pytest.raises(RequestError) as caught:
        av.simulate_ensemble(scenario, resume=[two[0], three[-1]])
    assert caught.value.field == "resume"


def test_progress_of_a_finished_run_ends_at_the_horizon() -> None:
    scenario = mood_scenario()
    told: list[tuple[int, int]] = []
    last = taken_at_every_tick(scenario)[-1]
    av.simulate_ensemble(
        scenario, resume=[last], progress=lambda tick, horizon: told.append((tick, horizon))
    )
    assert told == [(8, 8)]


def test_progress_of_batches_of_unequal_size_is_the_mean_over_replicates() -> None:
    scenario = mood_scenario()
    assert scenario.replicates == 6
    ended = [one for one in taken_at_every_tick(scenario, batch=4) if one.tick == 8]
    told: list[int] = []
    large = next(one for one in ended if one.first == 0)
    av.simulate_ensemble(
        scenario, resume=[large], batch=4, progress=lambda tick, _: told.append(tick)
    )
    assert told[0] >= 8 * 4 // 6, "four of six replicates had ended before"
    assert told == sorted(told)
    assert told[-1] == 8
