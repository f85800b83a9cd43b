"""A hybrid run that is put aside and goes on is the run that never stopped, ledger and all."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from societies.actors import BOUGHT, LAND_MOOD, both, campaign, cheaper, lobby, regulator, subsidise
from societies.moods import mood_scenario

import agentverse_engine as av
from agentverse_engine import hybrid as hy
from agentverse_engine import planning as pl
from agentverse_engine.errors import CheckpointError, RequestError
from agentverse_engine.hybrid import hybrid_checkpoints
from agentverse_engine.numerics.array_bytes import packed, unpacked

Society = Callable[..., av.Scenario]


def lobbied(society: Society) -> tuple[av.Scenario, list[hy.Actor]]:
    """Budget, chance, time, decision variables, blocks, and a script with a condition."""
    condition = av.Condition(outcome="pump", comparison=">", value=0.32)
    scenario = society(size=200, horizon=10, replicates=7)
    return scenario.branch([cheaper(1.0, condition=condition)]), both()


def kept_of(scenario: av.Scenario, actors: Sequence[hy.Actor], **options: Any) -> Any:
    """Return the run, its checkpoints of every tick, and the bytes each had when it was taken."""
    kept: list[hy.HybridCheckpoint] = []
    packets: list[bytes] = []

    def keep(checkpoint: hy.HybridCheckpoint) -> None:
        kept.append(checkpoint)
        packets.append(checkpoint.to_bytes(compressed=False))

    run = hy.simulate_hybrid(scenario, actors, checkpoint_every=1, keep_checkpoint=keep, **options)
    return run, kept, packets


def assert_same(one: hy.HybridRun, other: hy.HybridRun) -> None:
    assert one.digest == other.digest
    assert one.ledger == other.ledger
    assert one.trajectory.ledger == other.trajectory.ledger


def assert_resumes_at_every_tick(
    scenario: av.Scenario, actors: Sequence[hy.Actor], **options: Any
) -> None:
    whole = hy.simulate_hybrid(scenario, actors, **options)
    run_monitored, kept, packets = kept_of(scenario, actors, batch=3, **options)
    assert_same(run_monitored, whole)
    assert [one.to_bytes(compressed=False) for one in kept] == packets
    for tick in range(1, scenario.horizon + 1):
        resume = [
            hy.HybridCheckpoint.from_bytes(one.to_bytes()) for one in kept if one.tick == tick
        ]
        assert sum(one.replicates for one in resume) == scenario.replicates
        assert_same(hy.simulate_hybrid(scenario, actors, resume=resume, **options), whole)


def test_resume_at_every_tick_has_the_digest_and_the_ledger_of_the_run(society: Society) -> None:
    scenario, actors = lobbied(society)
    assert_resumes_at_every_tick(scenario, actors)


def test_resume_where_parameters_remember_equals_the_run() -> None:
    assert_resumes_at_every_tick(mood_scenario(), [campaign()], signals=[LAND_MOOD])


def stops_at_its_third(sight: hy.Sight) -> Sequence[str]:
    return ["stop"] if len(sight.taken) == 2 else [one for one in sight.options if one == "go"]


def test_resume_keeps_what_an_actor_took_and_what_that_blocks(society: Society) -> None:
    go = subsidise(name="go", preconditions=(), cooldown_ticks=0)
    stop = subsidise(name="stop", preconditions=(), blocks=("go",), most_uses=1)
    actor = regulator(actions=(go, stop), policy=stops_at_its_third)
    scenario = society(size=200, horizon=6, replicates=3)
    assert_resumes_at_every_tick(scenario, [actor])
    ledger = hy.simulate_hybrid(scenario, [actor]).ledger
    assert [one.action for one in ledger if one.replicate == 2] == ["go", "go", "stop"]


def test_resume_asks_no_actor_about_ticks_that_are_done(society: Society) -> None:
    asked: list[int] = []

    def notes(sight: hy.Sight) -> Sequence[str]:
        asked.append(sight.tick)
        return sight.options

    scenario, _ = lobbied(society)
    actors = [lobby(), regulator(policy=notes)]
    whole, kept, _ = kept_of(scenario, actors)
    asked.clear()
    for _ in range(2):  # the first leaves the checkpoint as it was
        assert_same(hy.simulate_hybrid(scenario, actors, resume=kept[:6]), whole)
    assert min(asked) > 6


def test_resume_of_some_batches_runs_the_others_from_the_start(society: Society) -> None:
    scenario, actors = lobbied(society)
    whole, kept, _ = kept_of(scenario, actors, batch=3)
    some = [one for one in kept if one.first == 3 and one.tick <= 4]
    assert_same(hy.simulate_hybrid(scenario, actors, resume=some, batch=2), whole)


# ---- refused -------------------------------------------------------------------------------------


def first_of_all(sight: hy.Sight) -> Sequence[str]:
    return sight.options[:1]


def foreign() -> dict[str, tuple[av.Scenario, list[hy.Actor], dict[str, Any]]]:
    known: dict[str, Any] = {"signals": [LAND_MOOD]}
    party, here = campaign(), mood_scenario()
    richer = hy.Actor(name="party", actions=party.actions, budget=9.0)
    other = hy.Actor(name="party", actions=party.actions, policy=first_of_all)
    elsewhere = type(LAND_MOOD)(name="land mood", outcome="mood", segments=("town",))
    return {
        "scenario": (mood_scenario(seed=4), [party], known),
        "horizon": (mood_scenario(horizon=9), [party], known),
        "budget": (here, [richer], known),
        "policy": (here, [other], known),
        "one actor more": (here, [party, hy.Actor(name="b", actions=party.actions)], known),
        "signal": (here, [party], {"signals": [elsewhere]}),
        "recorded less": (here, [party], {**known, "dense_replicates": 2}),
    }


@pytest.mark.parametrize("case", foreign())
def test_checkpoint_of_another_run_is_refused(case: str) -> None:
    _, kept, _ = kept_of(mood_scenario(), [campaign()], signals=[LAND_MOOD])
    scenario, actors, options = foreign()[case]
    with pytest.raises(CheckpointError) as caught:
        hy.simulate_hybrid(scenario, actors, resume=[kept[2]], **options)
    assert caught.value.field == "resume"


@pytest.mark.parametrize("case", [case for case in foreign() if case != "recorded less"])
def test_check_resumable_refuses_what_the_run_would(case: str) -> None:
    known: dict[str, Any] = {"signals": [LAND_MOOD]}
    _, kept, _ = kept_of(mood_scenario(), [campaign()], **known)
    hy.check_resumable(kept[2], mood_scenario(), [campaign()], **known)
    scenario, actors, options = foreign()[case]
    with pytest.raises(CheckpointError):
        hy.check_resumable(kept[2], scenario, actors, **options)


def test_checkpoints_of_the_other_kind_of_run_are_refused(society: Society) -> None:
    scenario, actors = lobbied(society)
    coupled: list[hy.HybridCheckpoint] = []
    plain: list[av.Checkpoint] = []
    hy.simulate_hybrid(scenario, actors, checkpoint_every=5, keep_checkpoint=coupled.append)
    av.simulate_ensemble(scenario, checkpoint_every=5, keep_checkpoint=plain.append)
    with pytest.raises(CheckpointError, match="resume"):
        hy.simulate_hybrid(scenario, actors, resume=plain)  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match="resume"):
        av.simulate_ensemble(scenario, resume=coupled)  # type: ignore[arg-type]
    assert repr(coupled[0]) == "HybridCheckpoint(tick 5, replicates 0 to 6)"


def test_bytes_cut_short_or_changed_are_refused() -> None:
    _, kept, _ = kept_of(mood_scenario(20, replicates=2), [campaign()], signals=[LAND_MOOD])
    packet = kept[3].to_bytes()
    draw = np.random.default_rng(5)
    cuts = [packet[:length] for length in draw.integers(len(packet), size=40).tolist()]
    changed: list[bytes] = []
    for place in draw.integers(len(packet), size=100).tolist():
        byte = packet[place] ^ (1 << int(draw.integers(8)))
        changed.append(packet[:place] + bytes([byte]) + packet[place + 1 :])
    for damaged in (b"", packet + b"x", kept[3].society.to_bytes(), *cuts, *changed):
        with pytest.raises(CheckpointError) as caught:
            hy.HybridCheckpoint.from_bytes(damaged)
        assert caught.value.field == "bytes"


def test_whole_bytes_that_lack_something_are_refused() -> None:
    scenario = mood_scenario(20, replicates=2)
    _, kept, _ = kept_of(scenario, [campaign()], signals=[LAND_MOOD])
    labels, arrays = unpacked(hybrid_checkpoints.KIND, kept[3].to_bytes())
    for name in arrays:
        rest = {other: array for other, array in arrays.items() if other != name}
        with pytest.raises(CheckpointError):
            hy.simulate_hybrid(
                scenario,
                [campaign()],
                signals=[LAND_MOOD],
                resume=[
                    hy.HybridCheckpoint.from_bytes(
                        packed(hybrid_checkpoints.KIND, labels, rest, compressed=True)
                    )
                ],
            )


def test_checkpoint_every_below_one_is_refused() -> None:
    with pytest.raises(RequestError, match="checkpoint_every"):
        hy.simulate_hybrid(mood_scenario(20), [], checkpoint_every=0)


# ---- killed --------------------------------------------------------------------------------------


def run_until_killed(folder: str) -> None:
    """Keep the checkpoints in files, and die as by `kill -9` after tick 5 of the second batch."""
    ticks = iter(range(1, 99))

    def keep(checkpoint: hy.HybridCheckpoint) -> None:
        Path(folder, str(checkpoint.first)).write_bytes(checkpoint.to_bytes())

    def die_in_time() -> bool:
        if next(ticks) == 8 + 1 + 5:  # asked before each tick of the first batch, then of this one
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    hy.simulate_hybrid(
        mood_scenario(),
        [campaign()],
        signals=[LAND_MOOD],
        batch=3,
        checkpoint_every=3,
        keep_checkpoint=keep,
        should_cancel=die_in_time,
    )


def test_killed_process_is_resumed_from_its_files_with_the_same_digest(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=run_until_killed, args=(str(tmp_path),)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    resume = [hy.HybridCheckpoint.from_bytes(path.read_bytes()) for path in tmp_path.iterdir()]
    assert {one.first: one.tick for one in resume} == {0: 8, 3: 3}
    told: list[tuple[int, int]] = []
    options: dict[str, Any] = {"signals": [LAND_MOOD]}
    again = hy.simulate_hybrid(
        mood_scenario(),
        [campaign()],
        resume=resume,
        progress=lambda tick, horizon: told.append((tick, horizon)),
        **options,
    )
    assert told[0] == ((8 + 3) // 2, 8)  # the first batch is done: its report tells no new tick
    assert_same(again, hy.simulate_hybrid(mood_scenario(), [campaign()], **options))


def buyers(society: Society, **options: Any) -> av.Scenario:
    """So few that in many ticks nobody takes anything up."""
    given = {"size": 40, "horizon": 10, "replicates": 7, "replacement_rate": 0.05, "mean_degree": 4}
    return society(**(given | options))


def test_resume_at_every_tick_knows_the_flows_of_a_window(society: Society) -> None:
    need = pl.Requirement(quantity="bought", comparison="<", value=0.3)
    actors = [regulator(actions=(subsidise(preconditions=(need,)),))]
    assert_resumes_at_every_tick(buyers(society), actors, signals=[BOUGHT])


def test_resume_with_another_window_is_refused(society: Society) -> None:
    scenario = buyers(society)
    _, kept, _ = kept_of(scenario, [regulator()], signals=[BOUGHT])
    for other in (replace(BOUGHT, flow_ticks=4), replace(BOUGHT, flow_ticks=None)):
        with pytest.raises(CheckpointError, match="another hybrid run"):
            hy.simulate_hybrid(scenario, [regulator()], signals=[other], resume=kept[:1])
