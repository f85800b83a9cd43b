"""Wherever batches run, and whoever dies on the way: the same bits."""

import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from societies.moods import dividing, mood_scenario, moods, not_a_number

import agentverse_engine as av
from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.errors import EngineError, RequestError, RuleError, ScenarioError, WorkerLost
from agentverse_engine.execution.advancing import Sums
from agentverse_engine.execution.preparing import Prepared, RunOptions, prepare
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, CheckpointPolicy, Report, batches, reports
from agentverse_engine.execution.state import PopulationTotals
from agentverse_engine.results.trajectory import Trajectory
from agentverse_engine.scaling import (
    Executor,
    PartitionedLocal,
    ProcessExecutor,
    RunMonitor,
    ThreadExecutor,
    Work,
)
from agentverse_engine.scaling.partitions import (
    HaloUpdate,
    LocalPartitions,
    PartitionFailed,
    PartitionGroup,
    run_partitioned,
)
from agentverse_engine.scaling.worker_pool import WorkerFailed, WorkerMessage, dispatch


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessExecutor]:
    with ProcessExecutor(workers=2, checkpoint_every=2) as executor:
        yield executor


@pytest.fixture(scope="module")
def whole() -> Trajectory:
    return av.simulate_ensemble(mood_scenario(), dense_replicates=3)


class FlakyCrew:
    """Workers in this process that are lost after the ticks of their replicates in `losses`."""

    def __init__(self, work: Work, failures: dict[int, list[int]], workers: int = 2) -> None:
        self.prepared = [prepare(scenario, work.options) for scenario in work.scenarios]
        self.failures = {first: list(ticks) for first, ticks in failures.items()}
        self.workers = workers
        self.running: dict[tuple[int, int], Iterator[Report]] = {}
        self.started: list[Batch] = []

    def has_capacity(self) -> bool:
        return len(self.running) < self.workers

    def start(self, job: Batch, policy: CheckpointPolicy) -> None:
        self.started.append(job)
        self.running[job.scenario_index, job.first] = reports(
            self.prepared[job.scenario_index], job, policy
        )

    def receive(self, seconds: float) -> Iterator[WorkerMessage]:
        for key, sent in list(self.running.items()):
            report = next(sent)
            failures = self.failures.get(report.first, [])
            if failures and report.tick >= failures[0]:
                failures.pop(0)
                del self.running[key]
                yield WorkerFailed(
                    scenario_index=report.scenario_index,
                    first=report.first,
                    reason="a test wants it so",
                )
                continue
            if report.record is not None:
                del self.running[key]
            yield report

    def cancel_all(self) -> None:
        self.running.clear()


class FlakyExecutor:
    """Runs a FlakyCrew."""

    threads = 1

    def __init__(self, failures: dict[int, list[int]], *, every: int = 3, retries: int = 2) -> None:
        self.failures, self.every, self.retries = failures, every, retries
        self.started: list[Batch] = []

    def batch_size(self, replicates: int) -> int:
        return 2

    def run(self, work: Work) -> list[BatchRecord]:
        pool = FlakyCrew(work, self.failures)
        self.started = pool.started
        return dispatch(work, pool, checkpoint_every=self.every, retries=self.retries)


class FlakyMembers(LocalPartitions):
    """Partitions of which one is lost instead of doing the ticks in `losses`."""

    def __init__(self, failures: list[int]) -> None:
        self.failures = failures
        self.ticks: list[int] = []

    def enlisted(self, prepared: Prepared) -> PartitionGroup:
        super().__init__(prepared, partitions=3)
        return self

    def step(
        self, effects: TickEffects, population: PopulationTotals, first_replicate: int, tick: int
    ) -> Sequence[tuple[Sums, HaloUpdate]]:
        if self.failures and tick == self.failures[0]:
            self.failures.pop(0)
            raise PartitionFailed("a test wants it so")
        self.ticks.append(tick)
        return super().step(effects, population, first_replicate, tick)


class FlakyPartitions(PartitionedLocal):
    """Runs FlakyMembers."""

    def __init__(self, group: FlakyMembers, retries: int) -> None:
        super().__init__(partitions=3)
        self.group, self.retries = group, retries

    def run(self, work: Work) -> list[BatchRecord]:
        return run_partitioned(work, self.group.enlisted, checkpoint_every=3, retries=self.retries)


def assert_same(one: Trajectory, other: Trajectory) -> None:
    assert one.digest == other.digest
    assert one.ledger == other.ledger
    for column, track in one.tracks.items():
        for name in ("keyframes", "indptr", "rows", "values"):
            np.testing.assert_array_equal(getattr(track, name), getattr(other.tracks[column], name))


def end_all_workers() -> None:
    """Kill every process that this one started, as `kill -9` would."""
    for child in multiprocessing.active_children():
        child.kill()


# ---- the same bits -------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1, 4, 5])
def test_processes_give_the_digest_of_threads(
    processes: ProcessExecutor, whole: Trajectory, batch: int
) -> None:
    run = av.simulate_ensemble(
        mood_scenario(), executor=processes, batch=batch, dense_replicates=3, partitions=batch
    )
    assert_same(run, whole)


def test_executors_agree_on_random_scenarios(
    processes: ProcessExecutor, random_scenario: Callable[[int], av.Scenario]
) -> None:
    for seed in range(20):
        scenario = random_scenario(seed)
        runs = [
            av.simulate_ensemble(scenario, executor=executor)
            for executor in (
                ThreadExecutor(threads=2),
                processes,
                FlakyExecutor({0: [2]}),
                PartitionedLocal(partitions=3),
            )
        ]
        for run in runs[1:]:
            assert_same(run, runs[0])


@pytest.mark.parametrize(
    ("rule", "field"), [(dividing, "moods"), (not_a_number, "moods.mood")], ids=["zero", "nan"]
)
def test_fault_in_a_process_is_raised_here(
    processes: ProcessExecutor, rule: Callable[..., float], field: str
) -> None:
    scenario = mood_scenario()
    broken = av.Rule(name="drift", function=rule, writes=("mood",), source="made up")
    pack = replace(scenario.pack, rules=(broken, scenario.pack.rules[1]))
    for executor in (ThreadExecutor(), processes, PartitionedLocal(partitions=2)):
        with pytest.raises(RuleError, match="at tick 3") as caught:
            av.simulate_ensemble(replace(scenario, pack=pack), executor=executor)
        assert caught.value.field == field


@pytest.mark.parametrize(("partitions", "threads"), [(1, 1), (2, 2), (7, 1), (130, 1)])
def test_partitions_give_the_digest_of_one_process(
    whole: Trajectory, partitions: int, threads: int
) -> None:
    executor = PartitionedLocal(partitions=partitions, threads=threads)
    run = av.simulate_ensemble(mood_scenario(), executor=executor, batch=4, dense_replicates=3)
    assert_same(run, whole)


# ---- lost workers --------------------------------------------------------------------------------


@pytest.mark.parametrize("tick", range(1, 9))
def test_worker_lost_at_any_tick_leaves_the_same_digest(whole: Trajectory, tick: int) -> None:
    executor = FlakyExecutor({0: [tick], 2: [tick, tick], 4: [9 - tick]})
    assert_same(av.simulate_ensemble(mood_scenario(), executor=executor, dense_replicates=3), whole)
    ticks = [job.tick for job in executor.started if job.first == 2]
    assert ticks[1:] == [(tick - 1) // 3 * 3] * 2  # from the checkpoint before, of every third tick


@pytest.mark.parametrize("tick", range(1, 9))
def test_partition_lost_at_any_tick_leaves_the_same_digest(whole: Trajectory, tick: int) -> None:
    group = FlakyMembers([tick, tick])
    run = av.simulate_ensemble(
        mood_scenario(), executor=FlakyPartitions(group, retries=2), dense_replicates=3, batch=6
    )
    assert_same(run, whole)
    before = (tick - 1) // 3 * 3
    assert group.ticks == [*range(1, tick), *range(before + 1, tick), *range(before + 1, 9)]


def test_partition_lost_too_often_is_an_error() -> None:
    executor = FlakyPartitions(FlakyMembers([2, 2]), retries=1)
    with pytest.raises(WorkerLost) as caught:
        av.simulate_ensemble(mood_scenario(), executor=executor, batch=6)
    assert caught.value.field == "replicates 0 to 5"


def test_worker_lost_too_often_is_an_error() -> None:
    with pytest.raises(WorkerLost) as caught:
        av.simulate_ensemble(mood_scenario(), executor=FlakyExecutor({2: [4, 1, 5]}))
    assert caught.value.field == "replicates 2 to 3"
    assert "3 times" in str(caught.value)


# ---- progress, cancelling, checkpoints -----------------------------------------------------------


@pytest.mark.parametrize("failures", [{}, {0: [3, 5], 4: [7]}])
def test_progress_only_rises_and_ends_at_the_horizon(failures: dict[int, list[int]]) -> None:
    sent: list[tuple[int, int]] = []
    av.simulate_ensemble(
        mood_scenario(),
        executor=FlakyExecutor(failures),
        progress=lambda tick, horizon: sent.append((tick, horizon)),
    )
    ticks = [tick for tick, _ in sent]
    assert ticks == sorted(set(ticks))
    assert sent[-1] == (8, 8)


def test_progress_of_processes_only_rises_and_ends_at_the_horizon(
    processes: ProcessExecutor,
) -> None:
    sent: list[tuple[int, int]] = []
    av.simulate_ensemble(
        mood_scenario(),
        executor=processes,
        batch=2,
        progress=lambda tick, horizon: sent.append((tick, horizon)),
    )
    ticks = [tick for tick, _ in sent]
    assert ticks == sorted(set(ticks))
    assert sent[-1] == (8, 8)


def test_checkpoints_of_processes_are_those_asked_for(
    processes: ProcessExecutor, whole: Trajectory
) -> None:
    kept: list[av.Checkpoint] = []
    scenario = mood_scenario()
    av.simulate_ensemble(
        scenario,
        executor=processes,
        batch=3,
        dense_replicates=3,
        checkpoint_every=3,
        keep_checkpoint=kept.append,
    )
    assert sorted((one.first, one.tick) for one in kept) == [
        (first, tick) for first in (0, 3) for tick in (3, 6, 8)
    ]
    resume = [one for one in kept if one.tick == 6]
    assert_same(
        av.simulate_ensemble(scenario, executor=processes, dense_replicates=3, resume=resume), whole
    )


def test_recovery_checkpoints_are_not_given_to_the_caller(processes: ProcessExecutor) -> None:
    kept: list[av.Checkpoint] = []
    av.simulate_ensemble(mood_scenario(), executor=processes, keep_checkpoint=kept.append)
    assert {one.tick for one in kept} == {8}


# ---- what is refused -----------------------------------------------------------------------------


def test_rule_that_another_process_cannot_import_is_refused(processes: ProcessExecutor) -> None:
    def mine(mood: float) -> float:
        return mood

    pack = replace(
        moods(),
        rules=(
            av.Rule(name="mine", function=mine, writes=("mood",), source="made up"),
            *moods().rules,
        ),
    )
    scenario = replace(mood_scenario(), pack=pack)
    with pytest.raises(RuleError) as caught:
        av.simulate_ensemble(scenario, executor=processes)
    assert caught.value.field == "moods.mine"
    assert "module" in caught.value.fix


def test_scenario_that_cannot_be_sent_is_refused(processes: ProcessExecutor) -> None:
    pack = replace(moods(), labels={"no": Unsendable("no")})
    with pytest.raises(ScenarioError) as caught:
        av.simulate_ensemble(replace(mood_scenario(), pack=pack), executor=processes)
    assert caught.value.field == "scenario"


class Unsendable(str):
    __slots__ = ()

    def __reduce__(self) -> str:
        raise TypeError("it holds an open file")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"workers": 0}, "workers"),
        ({"workers": 1.5}, "workers"),
        ({"batch": 0}, "batch"),
        ({"batch": "8"}, "batch"),
        ({"threads": 0}, "threads"),
        ({"retries": -1}, "retries"),
        ({"checkpoint_every": 0}, "checkpoint_every"),
    ],
)
def test_process_executor_out_of_range_is_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        ProcessExecutor(**arguments)
    assert caught.value.field == field


def test_lanes_give_every_worker_some_replicates() -> None:
    executor = ProcessExecutor(workers=3)
    assert [executor.batch_size(count) for count in (1, 12, 13, 1000)] == [4, 4, 8, 32]


def test_executors_are_executors() -> None:
    every: tuple[Executor, ...] = (ThreadExecutor(), ProcessExecutor(), FlakyExecutor({}))
    scenario = mood_scenario()
    jobs = tuple(batches(scenario, 4))
    work = Work(
        scenarios=(scenario,),
        options=RunOptions(),
        jobs=jobs,
        monitor=RunMonitor(scenario.horizon, jobs),
    )
    assert [record.first for record in every[0].run(work)] == [0, 4]
    assert issubclass(WorkerLost, EngineError)


# ---- at last, what costs workers, for they take seconds to come ----------------------------------


def test_cancel_stops_processes_within_a_few_ticks(processes: ProcessExecutor) -> None:
    ticks: list[int] = []
    with pytest.raises(av.Cancelled) as caught:
        av.simulate_ensemble(
            mood_scenario(horizon=5000),
            executor=processes,
            batch=6,
            progress=lambda tick, _: ticks.append(tick),
            should_cancel=lambda: len(ticks) >= 3,
        )
    assert len(ticks) == 3
    assert "of 5000" in str(caught.value)
    assert av.simulate_ensemble(mood_scenario(), executor=processes).horizon == 8


def test_processes_killed_at_a_random_tick_leave_the_same_digest(
    processes: ProcessExecutor,
) -> None:
    scenario = mood_scenario(horizon=60)  # too long for the pipes to hold all of its reports
    fatal = int(np.random.default_rng(11).integers(1, 40))
    killed: list[int] = []

    def progress(tick: int, _: int) -> None:
        if tick == fatal:
            killed.extend(child.pid or 0 for child in multiprocessing.active_children())
            end_all_workers()

    run = av.simulate_ensemble(
        scenario, executor=processes, progress=progress, dense_replicates=3, batch=3
    )
    alive = {child.pid for child in multiprocessing.active_children()}
    assert killed
    assert alive.isdisjoint(killed)
    assert_same(run, av.simulate_ensemble(scenario, dense_replicates=3))


def test_killed_process_without_retries_is_an_error() -> None:
    scenario = mood_scenario(horizon=60)  # a short one may be done before its worker is killed
    with (
        ProcessExecutor(workers=1, retries=0) as executor,
        pytest.raises(WorkerLost, match="ended with -9"),
    ):
        av.simulate_ensemble(
            scenario, executor=executor, progress=lambda _tick, _end: end_all_workers()
        )


def test_script_without_a_guard_is_told_to_have_one(tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import agentverse_engine as av\n"
        f"import sys; sys.path.append({str(Path(__file__).parents[1])!r})\n"
        "from societies.moods import mood_scenario\n"
        "with av.ProcessExecutor(workers=1, retries=0) as executor:\n"
        "    av.simulate_ensemble(mood_scenario(), executor=executor)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert "WorkerLost" in done.stderr.splitlines()[-1]
    assert "if __name__ == '__main__'" in done.stderr.splitlines()[-1]
