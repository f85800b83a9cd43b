"""The run: what the caller may ask for, checked, handed to an executor, and merged."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agentverse_engine.errors import CheckpointError
from agentverse_engine.execution.checkpoints import Checkpoint, check_recorded
from agentverse_engine.execution.executor import (
    MOST_WORKERS,
    Executor,
    KeepCheckpoint,
    Progress,
    RunMonitor,
    ShouldCancel,
    Work,
)
from agentverse_engine.execution.preparing import RunOptions
from agentverse_engine.execution.recording import BatchRecord, merged
from agentverse_engine.execution.running import batches
from agentverse_engine.execution.threads import ThreadExecutor
from agentverse_engine.numerics.canonical import listed
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.results.trajectory import Trajectory
from agentverse_engine.scenario.scenario import Scenario


def simulate(scenario: Scenario, **options: Any) -> Trajectory:
    """Run one replicate of a scenario to its horizon; options as in simulate_ensemble.

    Raises what that raises: RequestError, CheckpointError, Cancelled and the errors of plausibility
    checks.
    """
    return simulate_ensemble(replace(scenario, replicates=1), **options)


def simulate_ensemble(
    scenario: Scenario,
    *,
    executor: Executor | None = None,
    threads: int | None = None,
    partitions: int = 1,
    batch: int | None = None,
    progress: Progress | None = None,
    should_cancel: ShouldCancel | None = None,
    dense_replicates: int = 1,
    keyframe_every: int = 12,
    checkpoint_every: int | None = None,
    keep_checkpoint: KeepCheckpoint | None = None,
    resume: Sequence[Checkpoint] = (),
) -> Trajectory:
    """Run every replicate to the horizon.

    `executor` says where (default: on threads of this process), `threads` (of each worker),
    `partitions` (contiguous ranges of personas) and `batch` (replicates at a time) change how
    fast it goes and how much memory it takes, never a bit of the result. `progress` is called
    with (tick, horizon) as ticks complete, over all batches together; where it has a `close`, that
    is called at the end, whichever it is. `should_cancel` is asked at every tick boundary, and its
    yes raises Cancelled. `keep_checkpoint` is given a Checkpoint of each running batch every
    `checkpoint_every` ticks and at the end of each batch; with `resume` those batches go on from
    there, in this scenario or in a branch of it. WorkerLost: a worker elsewhere died more often
    than the executor tries again. NetworkError, PopulationError, ScriptError: isolated personas,
    empty segments or regions, scripts that reach nobody (`plausibility_checks`), unless the
    scenario's `allow` says that they are meant. RequestError: an option out of range.
    CheckpointError: a checkpoint of another scenario, or of a run that recorded less.
    """
    chosen = executor or ThreadExecutor()
    options = run_options(
        chosen,
        threads=threads,
        partitions=partitions,
        dense_replicates=dense_replicates,
        keyframe_every=keyframe_every,
    )
    batch_size = batch_size_of(chosen, scenario, batch)
    if checkpoint_every is not None:
        _between("checkpoint_every", checkpoint_every, None)
    for checkpoint in listed(resume, field="resume", of=Checkpoint, error=CheckpointError):
        check_recorded(checkpoint, options.dense_replicates, options.keyframe_every)
    jobs = batches(scenario, batch_size, resume)
    monitor = RunMonitor(
        scenario.horizon,
        jobs,
        progress=progress,
        should_cancel=should_cancel,
        checkpoint_every=checkpoint_every,
        keep_checkpoint=keep_checkpoint,
    )
    work = Work(scenarios=(scenario,), options=options, jobs=tuple(jobs), monitor=monitor)
    try:
        records = chosen.run(work)
    finally:
        monitor.end()
    return trajectory_of(scenario, records, options)


def run_options(
    executor: Executor,
    *,
    threads: int | None = None,
    partitions: int = 1,
    dense_replicates: int = 1,
    keyframe_every: int = 12,
) -> RunOptions:
    """Return the options of a run, checked; a RequestError names the one out of range."""
    wanted = executor.threads if threads is None else threads
    return RunOptions(
        threads=_between("threads", wanted, MOST_WORKERS),
        partitions=_between("partitions", partitions, MOST_WORKERS),
        dense_replicates=at_least("dense_replicates", dense_replicates, 0),
        keyframe_every=_between("keyframe_every", keyframe_every, None),
    )


def batch_size_of(executor: Executor, scenario: Scenario, batch: int | None) -> int:
    """Return how many replicates go together: as asked for, or as suits the executor."""
    wanted = executor.batch_size(scenario.replicates) if batch is None else batch
    return _between("batch", wanted, scenario.replicates)


def trajectory_of(
    scenario: Scenario, records: Sequence[BatchRecord], options: RunOptions
) -> Trajectory:
    """Return the trajectory of batches that together hold every replicate once."""
    return merged(
        scenario,
        records,
        dense_replicates=options.dense_replicates,
        keyframe_every=options.keyframe_every,
    )


def _between(name: str, value: int, most: int | None) -> int:
    number = at_least(name, value, 1)
    return number if most is None else min(number, most)
