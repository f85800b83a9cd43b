"""One run cut by personas: each partition holds its own and what they read of others.

After each tick the partitions tell each other what changed; their sums are of whole numbers, so
however many there are, the bits stay the same.
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
from agentverse_engine.execution.executor import LARGEST_BATCH, Watch, Work, watched
from agentverse_engine.execution.preparing import Prepared, prepare
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Advance, Batch, Keeping, Report, reports_by
from agentverse_engine.execution.state import State
from agentverse_engine.kernels.device_functions import BINS
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.scaling.shards import Listener, Shard, shards

SPARSE = 4  # changes are told one by one while at most one value in so many changed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class News:
    """What changed in a tick, in rows first … first+size-1 of whoever hears it: the choice, then
    level by level.

    columns: (places int64[changes] in the flattened block [size, R], new values), or (None, the
    whole block) where much changed.
    """

    first: int
    size: int
    columns: tuple[tuple[NDArray[np.int64] | None, NDArray[Any]], ...]

    def write(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        """Bring choice uint8[n, R] and levels int32[K, n, R] up to date."""
        for column, (places, values) in zip((choice, *levels), self.columns, strict=True):
            block = column[self.first : self.first + self.size].reshape(-1)
            block[slice(None) if places is None else places] = values


def news_of(first: int, before: Sequence[NDArray[Any]], after: Sequence[NDArray[Any]]) -> News:
    """Compare the blocks [size, R] of two ticks, which the hearer holds from row `first` on."""
    return News(
        first=first,
        size=len(before[0]),
        columns=tuple(
            _changed(old.reshape(-1), new.reshape(-1))
            for old, new in zip(before, after, strict=True)
        ),
    )


def _changed(old: NDArray[Any], new: NDArray[Any]) -> tuple[NDArray[np.int64] | None, NDArray[Any]]:
    places = np.flatnonzero(old != new)
    if places.size * SPARSE > new.size:
        return None, new.copy()
    return places, new[places]


class Partition:
    """A shard at work, on one worker."""

    def __init__(self, shard: Shard, threads: int) -> None:
        self.shard = shard
        self.portion = shard.portion()
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
        self, effects: TickEffects, first_replicate: int, tick: int, heard: Sequence[News | None]
    ) -> tuple[Sums, News, list[News | None]]:
        """Advance the own personas one tick; heard: what changed in the halo in the tick before.

        Return the sums, what changed in the scenario's rows, and what each partition is told: None
        if it reads nobody here.
        """
        state, own = self.state, len(self.shard)
        for news in filter(None, heard):
            news.write(state.choice, state.levels)
        totals = written(self.portion, state, effects, self.pool, first_replicate, tick)
        before = [column[:own] for column in (state.choice, *state.levels)]
        after = [column[:own] for column in (state.next_choice, *state.next_levels)]
        told = news_of(self.shard.first, before, after)
        for_others = [_news_for(listener, before, after) for listener in self.shard.listeners]
        for old, new in zip(before, after, strict=True):
            old[:] = new
        return totals.parts(), told, for_others


def _news_for(
    listener: Listener, before: Sequence[NDArray[Any]], after: Sequence[NDArray[Any]]
) -> News | None:
    rows = listener.rows
    if not rows.size:
        return None
    return news_of(listener.first, [one[rows] for one in before], [one[rows] for one in after])


class MemberLost(Exception):
    """A partition's worker is no more."""


class Members(Protocol):
    """The partitions of one scenario, wherever they are."""

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        """Let all start from a public state, with new workers for those that were lost."""
        ...

    def step(
        self, effects: TickEffects, first_replicate: int, tick: int
    ) -> Sequence[tuple[Sums, News]]:
        """Advance all by a tick; MemberLost if a worker died."""
        ...

    def end(self) -> None:
        """Let the workers go."""
        ...


Enlist = Callable[[Prepared], Members]


class LocalMembers:
    """Partitions in this process, one after the other."""

    def __init__(self, prepared: Prepared, partitions: int) -> None:
        threads = prepared.options.threads
        self.partitions = [Partition(shard, threads) for shard in shards(prepared, partitions)]
        self.told: list[list[News | None]] = []

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        self.told = []
        for partition in self.partitions:
            rows = partition.shard.rows
            partition.begin(choice[rows], levels.take(rows, axis=1))

    def step(
        self, effects: TickEffects, first_replicate: int, tick: int
    ) -> Sequence[tuple[Sums, News]]:
        done = [
            partition.step(effects, first_replicate, tick, heard_by(place, self.told))
            for place, partition in enumerate(self.partitions)
        ]
        self.told = [for_others for _, _, for_others in done]
        return [(sums, news) for sums, news, _ in done]

    def end(self) -> None:
        for partition in self.partitions:
            partition.pool.shutdown()


def heard_by(place: int, told: Sequence[Sequence[Any]]) -> list[Any]:
    """Return what everyone told the one at a place."""
    return [for_others[place] for for_others in told]


class PartitionedLocal:
    """Runs partitions in this process: what PartitionedRay does, without a cluster."""

    def __init__(self, *, partitions: int, threads: int = 1) -> None:
        self.partitions = at_least("partitions", partitions, 1)
        self.threads = at_least("threads", threads, 1)

    def lanes(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        return min(LARGEST_BATCH, replicates)

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs."""

        def enlist(prepared: Prepared) -> Members:
            return LocalMembers(prepared, self.partitions)

        return run_partitioned(work, enlist, checkpoint_every=0, retries=0)


def run_partitioned(
    work: Work, enlist: Enlist, *, checkpoint_every: int, retries: int
) -> list[BatchRecord]:
    """Return the record of each job, one after the other, each tick done by all partitions.

    A batch that loses a partition goes on from its last checkpoint, at most `retries` times.
    """
    keeping = work.watch.keeping
    keeping = keeping if keeping.every else replace(keeping, every=checkpoint_every)
    records: list[BatchRecord] = []
    for place, scenario in enumerate(work.scenarios):
        prepared = prepare(scenario, work.options)
        members = enlist(prepared)
        try:
            records += [
                _carried_out(prepared, members, job, keeping, work.watch, retries)
                for job in work.jobs
                if job.place == place
            ]
        finally:
            members.end()
    return records


def _carried_out(
    prepared: Prepared,
    members: Members,
    job: Batch,
    keeping: Keeping,
    watch: Watch,
    retries: int,
) -> BatchRecord:
    kept: list[Checkpoint] = [] if job.checkpoint is None else [job.checkpoint]
    for losses in range(retries + 1):
        start = replace(job, checkpoint=kept[-1] if kept else None)
        told = reports_by(_forward(prepared, members, job.first), prepared, start, keeping)
        try:
            return watched(_noting(told, kept), watch)
        except MemberLost as loss:
            if losses == retries:
                raise WorkerLost(
                    f"lost a partition {losses + 1} times: {loss}.",
                    field=f"replicates {job.first} to {job.first + job.count - 1}",
                    fix="Look for want of memory; smaller batches or more partitions need less.",
                ) from loss
    raise AssertionError("retries is 0 or more")  # pragma: no cover


def _noting(told: Iterator[Report], kept: list[Checkpoint]) -> Iterator[Report]:
    for report in told:
        if report.checkpoint is not None:
            kept[:] = [report.checkpoint]
        yield report


def _forward(prepared: Prepared, members: Members, first_replicate: int) -> Advance:
    """Return what advances a state by the work of all partitions, from the state it first meets."""
    begun = False

    def forward(state: State, effects: TickEffects, tick: int) -> NDArray[np.int32]:
        nonlocal begun
        if not begun:
            members.begin(state.choice, state.levels)
            begun = True
        state.open_next()
        state.next_choice[:], state.next_levels[:] = state.choice, state.levels
        totals = Totals(state)
        for sums, news in members.step(effects, first_replicate, tick):
            totals.add(sums)
            news.write(state.next_choice, state.next_levels)
        return settled(prepared.scenario, state, totals, first_replicate, tick)

    return forward
