"""One run cut by personas: each partition holds its own and what they read of others.

After each tick the partitions exchange what changed; sums are of whole numbers, so the bits do not
depend on how many partitions there are.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.errors import WorkerLost
from agentverse_engine.execution.advancing import Sums, Totals, settled, written
from agentverse_engine.execution.checkpoints import Checkpoint
from agentverse_engine.execution.executor import LARGEST_BATCH, RunMonitor, Work, run_monitored
from agentverse_engine.execution.preparing import Prepared, prepare
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Advance, Batch, CheckpointPolicy, Report, reports_by
from agentverse_engine.execution.state import PopulationTotals, State
from agentverse_engine.kernels.device_functions import BINS
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.scaling.shards import HaloReceiver, Shard, shards

SPARSE = 4  # changes are sent one by one while at most one value in so many changed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HaloUpdate:
    """What changed in a tick, in rows first … first+size-1 of the receiving partition: the choice,
    then level by level.

    columns: (places int64[changes] in the flattened block [size, R], new values), or (None, the
    whole block) where much changed.
    """

    first: int
    size: int
    columns: tuple[tuple[NDArray[np.int64] | None, NDArray[Any]], ...]

    def write(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        """Bring choice uint8[n, R] and levels int32[K, n, R] up to date."""
        for column, (positions, values) in zip((choice, *levels), self.columns, strict=True):
            block = column[self.first : self.first + self.size].reshape(-1)
            block[slice(None) if positions is None else positions] = values


def halo_update(
    first: int, before: Sequence[NDArray[Any]], after: Sequence[NDArray[Any]]
) -> HaloUpdate:
    """Compare the blocks [size, R] of two ticks, which the receiver holds from row `first` on."""
    return HaloUpdate(
        first=first,
        size=len(before[0]),
        columns=tuple(
            _changed(old.reshape(-1), new.reshape(-1))
            for old, new in zip(before, after, strict=True)
        ),
    )


def _changed(old: NDArray[Any], new: NDArray[Any]) -> tuple[NDArray[np.int64] | None, NDArray[Any]]:
    positions = np.flatnonzero(old != new)
    if positions.size * SPARSE > new.size:
        return None, new.copy()
    return positions, new[positions]


class Partition:
    """A shard at work, on one worker."""

    def __init__(self, shard: Shard, threads: int) -> None:
        self.shard = shard
        self.kernel_inputs = shard.kernel_inputs()
        self.pool = ThreadPoolExecutor(threads)

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        """Take over the public state of the shard's rows, choice uint8[own + halo, R] and levels
        int32[K, own + halo, R], as copies."""
        pack, cells = self.shard.pack, self.shard.cells
        shape = (choice.shape[1], cells)
        levels_shape = (*shape, len(pack.levels))
        self.state = State(
            choice=choice.copy(),
            levels=levels.copy(),
            stock=np.zeros((*shape, len(pack.alternatives)), dtype=np.int64),
            level_sums=np.zeros(levels_shape, dtype=np.int64),
            level_bins=np.zeros((*levels_shape, BINS), dtype=np.int32),
            digest=np.zeros(shape[:1], dtype=np.uint64),
        )

    def step(
        self,
        effects: TickEffects,
        population: PopulationTotals,
        first_replicate: int,
        tick: int,
        received: Sequence[HaloUpdate | None],
    ) -> tuple[Sums, HaloUpdate, list[HaloUpdate | None]]:
        """Advance the own personas one tick; received: what changed in the halo in the tick before.

        Return the sums, what changed in the scenario's rows, and the update for each partition:
        None if it reads no persona of this one.
        """
        state, own = self.state, len(self.shard)
        for update in filter(None, received):
            update.write(state.choice, state.levels)
        totals = written(
            self.kernel_inputs, state, effects, population, self.pool, first_replicate, tick
        )
        before = [column[:own] for column in (state.choice, *state.levels)]
        after = [column[:own] for column in (state.next_choice, *state.next_levels)]
        sent = halo_update(self.shard.first, before, after)
        for_others = [_update_for(receiver, before, after) for receiver in self.shard.receivers]
        for old, new in zip(before, after, strict=True):
            old[:] = new
        return totals.parts(), sent, for_others


def _update_for(
    receiver: HaloReceiver, before: Sequence[NDArray[Any]], after: Sequence[NDArray[Any]]
) -> HaloUpdate | None:
    rows = receiver.rows
    if not rows.size:
        return None
    return halo_update(receiver.first, [one[rows] for one in before], [one[rows] for one in after])


class PartitionFailed(Exception):
    """The worker of a partition has died."""


class PartitionGroup(Protocol):
    """The partitions of one scenario, wherever they are."""

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        """Start all from a public state, with new workers in place of those that died."""
        ...

    def step(
        self, effects: TickEffects, population: PopulationTotals, first_replicate: int, tick: int
    ) -> Sequence[tuple[Sums, HaloUpdate]]:
        """Advance all by a tick; MemberLost if a worker died."""
        ...

    def end(self) -> None:
        """Stop the workers."""
        ...


StartWorkers = Callable[[Prepared], PartitionGroup]


class LocalPartitions:
    """Partitions in this process, one after the other."""

    def __init__(self, prepared: Prepared, partitions: int) -> None:
        threads = prepared.options.threads
        self.partitions = [Partition(shard, threads) for shard in shards(prepared, partitions)]
        self.sent: list[list[HaloUpdate | None]] = []

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        self.sent = []
        for partition in self.partitions:
            rows = partition.shard.rows
            partition.begin(choice[rows], levels.take(rows, axis=1))

    def step(
        self, effects: TickEffects, population: PopulationTotals, first_replicate: int, tick: int
    ) -> Sequence[tuple[Sums, HaloUpdate]]:
        done = [
            partition.step(
                effects, population, first_replicate, tick, received_by(index, self.sent)
            )
            for index, partition in enumerate(self.partitions)
        ]
        self.sent = [for_others for _, _, for_others in done]
        return [(sums, update) for sums, update, _ in done]

    def end(self) -> None:
        for partition in self.partitions:
            partition.pool.shutdown()


def received_by(index: int, sent: Sequence[Sequence[Any]]) -> list[Any]:
    """Return the updates that every partition sent to the partition `index`."""
    return [for_others[index] for for_others in sent]


class PartitionedLocal:
    """Runs partitions in this process: what PartitionedRay does, without a cluster.

    RequestError: a number below 1 (`retries`: below 0).
    """

    def __init__(self, *, partitions: int, threads: int = 1) -> None:
        self.partitions = at_least("partitions", partitions, 1)
        self.threads = at_least("threads", threads, 1)

    def batch_size(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        return min(LARGEST_BATCH, replicates)

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs.

        Raises WorkerLost where a partition failed more often than `retries` allows, RuleError for a
        rule that cannot be compiled or gave a value that is not a number.
        """

        def start_workers(prepared: Prepared) -> PartitionGroup:
            return LocalPartitions(prepared, self.partitions)

        return run_partitioned(work, start_workers, checkpoint_every=0, retries=0)


def run_partitioned(
    work: Work, start_workers: StartWorkers, *, checkpoint_every: int, retries: int
) -> list[BatchRecord]:
    """Return the record of each job, one after the other, each tick done by all partitions.

    A batch that loses a partition goes on from its last checkpoint, at most `retries` times.
    """
    policy = work.monitor.policy
    policy = policy if policy.every else replace(policy, every=checkpoint_every)
    records: list[BatchRecord] = []
    for scenario_index, scenario in enumerate(work.scenarios):
        prepared = prepare(scenario, work.options)
        group = start_workers(prepared)
        try:
            records += [
                run_with_retries(prepared, group, job, policy, work.monitor, retries)
                for job in work.jobs
                if job.scenario_index == scenario_index
            ]
        finally:
            group.end()
    return records


def run_with_retries(
    prepared: Prepared,
    group: PartitionGroup,
    job: Batch,
    policy: CheckpointPolicy,
    monitor: RunMonitor,
    retries: int,
) -> BatchRecord:
    kept: list[Checkpoint] = [] if job.checkpoint is None else [job.checkpoint]
    for failures in range(retries + 1):
        start = replace(job, checkpoint=kept[-1] if kept else None)
        sent = reports_by(_forward(prepared, group, job.first), prepared, start, policy)
        try:
            return run_monitored(_noting(sent, kept), monitor)
        except PartitionFailed as failure:
            if failures == retries:
                raise WorkerLost(
                    f"lost a partition {failures + 1} times: {failure}.",
                    field=f"replicates {job.first} to {job.first + job.count - 1}",
                    fix="Look for want of memory; smaller batches or more partitions need less.",
                ) from failure
    raise AssertionError("retries is 0 or more")  # pragma: no cover


def _noting(sent: Iterator[Report], kept: list[Checkpoint]) -> Iterator[Report]:
    for report in sent:
        if report.checkpoint is not None:
            kept[:] = [report.checkpoint]
        yield report


def _forward(prepared: Prepared, group: PartitionGroup, first_replicate: int) -> Advance:
    """Return what advances a state by the work of all partitions, from the first one given."""
    begun = False

    def forward(state: State, effects: TickEffects, tick: int) -> NDArray[np.int32]:
        nonlocal begun
        if not begun:
            group.begin(state.choice, state.levels)
            begun = True
        state.open_next()
        state.next_choice[:], state.next_levels[:] = state.choice, state.levels
        totals, population = Totals(state), state.population_totals()
        for sums, update in group.step(effects, population, first_replicate, tick):
            totals.add(sums)
            update.write(state.next_choice, state.next_levels)
        return settled(prepared.scenario, state, totals, first_replicate, tick)

    return forward
