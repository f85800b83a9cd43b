"""The same on a Ray cluster: batches of replicates as tasks, partitions of personas as actors."""

import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.errors import EngineError, RequestError
from agentverse_engine.execution.advancing import Sums
from agentverse_engine.execution.executor import LARGEST_BATCH, Work, shared_out
from agentverse_engine.execution.preparing import Prepared, RunOptions
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, Keeping, Report, reports
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.optional import require
from agentverse_engine.packs.pack import Pack
from agentverse_engine.scaling.partitions import (
    MemberLost,
    Members,
    News,
    Partition,
    heard_by,
    run_partitioned,
)
from agentverse_engine.scaling.payloads import Part, parcel_of, unpack
from agentverse_engine.scaling.shards import Shard, shards
from agentverse_engine.scaling.worker_pool import Heard, Lost, dispatch
from agentverse_engine.scenario.scenario import Scenario

MOST_REMEMBERED = 4
MOST_UNHEARD = 8  # reports that a task may be ahead; it then waits for the driver

Reference = Any  # to an object in Ray's store
Shipment = tuple[str, bytes, Mapping[str, Reference]]  # key, content, parts of a parcel


class RayExecutor:
    """Runs batches as tasks of a Ray cluster, which ray.init has joined before.

    workers: tasks at a time (default: as many as the cluster has cores for); batch: replicates in
    a task (default: so that every worker has some); threads: cores of each task. The scenario is
    put into Ray's store once. A batch whose worker or node is lost goes on elsewhere, up to
    `retries` times, from its checkpoint of `checkpoint_every` ticks (or of the caller's).
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        batch: int | None = None,
        threads: int = 1,
        retries: int = 3,
        checkpoint_every: int = 8,
    ) -> None:
        require("ray", extra="ray")
        self.workers = workers if workers is None else at_least("workers", workers, 1)
        self.batch = batch if batch is None else at_least("batch", batch, 1)
        self.threads = at_least("threads", threads, 1)
        self.retries = at_least("retries", retries, 0)
        self.checkpoint_every = at_least("checkpoint_every", checkpoint_every, 1)

    def lanes(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        return self.batch or min(LARGEST_BATCH, shared_out(replicates, self._room()))

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs."""
        crew = _Tasks(work, min(self._room(), len(work.jobs)), self.threads)
        return dispatch(work, crew, checkpoint_every=self.checkpoint_every, retries=self.retries)

    def _room(self) -> int:
        if self.workers is not None:
            return self.workers
        cores = int(_joined().cluster_resources().get("CPU", 1))
        return max(1, cores // self.threads)


class PartitionedRay:
    """Runs each batch on actors of a Ray cluster, cut by personas: for more than a worker holds.

    partitions: how many actors, spread over the nodes, each with `threads` cores. An actor holds
    its own personas and what they read of others; the driver holds the scenario, which it cuts,
    and everybody's public columns, which it records. A batch that loses an actor or its node goes
    on from its checkpoint of `checkpoint_every` ticks (or of the caller's), up to `retries` times,
    as soon as the cluster has cores for all partitions.
    """

    def __init__(
        self, *, partitions: int, threads: int = 1, retries: int = 3, checkpoint_every: int = 8
    ) -> None:
        require("ray", extra="ray")
        self.partitions = at_least("partitions", partitions, 1)
        self.threads = at_least("threads", threads, 1)
        self.retries = at_least("retries", retries, 0)
        self.checkpoint_every = at_least("checkpoint_every", checkpoint_every, 1)

    def lanes(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        return min(LARGEST_BATCH, replicates)

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs."""

        def enlist(prepared: Prepared) -> Members:
            return _Actors(prepared, self.partitions)

        return run_partitioned(
            work, enlist, checkpoint_every=self.checkpoint_every, retries=self.retries
        )


def _joined() -> Any:
    """Return ray, or raise a RequestError while it is not running."""
    ray: Any = require("ray", extra="ray")
    if not ray.is_initialized():
        raise RequestError(
            "is not running here.",
            field="ray",
            fix="Call ray.init() first, or ray.init(address='auto') to join a cluster.",
        )
    return ray


def _shipped(ray: Any, scenario: Scenario, options: RunOptions, known: dict[str, Any]) -> Reference:
    """Put a scenario into Ray's store; parts that are there already (`known`) are not put again."""
    with _by_value(ray.cloudpickle, scenario.pack):
        parcel = parcel_of(scenario, options, ray.cloudpickle.CloudPickler)
    for digest, part in parcel.parts.items():
        if digest not in known:
            known[digest] = ray.put(part)
    parts = {digest: known[digest] for digest in parcel.parts}
    return ray.put((parcel.key, parcel.content, parts))


@contextmanager
def _by_value(cloudpickle: Any, pack: Pack) -> Generator[None]:
    """Let rules of one's own travel as code: other machines need not have their modules."""
    plain = [item.plain for item in (*pack.rules, *pack.filters)]
    names = {
        function.__module__ for function in plain
    } - cloudpickle.list_registry_pickle_by_value()
    modules = [
        sys.modules[name]
        for name in names
        if name in sys.modules and name.partition(".")[0] != "agentverse_engine"
    ]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


# ---- in a worker ---------------------------------------------------------------------------------

_remembered: dict[str, Prepared] = {}


def _unshipped(shipment: Shipment) -> Prepared:
    """Return what was shipped; a worker remembers the last few, for its next task."""
    key, content, parts = shipment
    if key not in _remembered:
        ray: Any = require("ray", extra="ray")

        def part_of(digest: str) -> Part:
            return ray.get(parts[digest])

        while len(_remembered) >= MOST_REMEMBERED:
            del _remembered[next(iter(_remembered))]
        _remembered[key] = unpack(content, part_of)
    return _remembered[key]


def _told(shipment: Shipment, job: Batch, keeping: Keeping) -> Iterator[Report | EngineError]:
    """Run one batch in a task that streams what it has to say."""
    try:
        yield from reports(_unshipped(shipment), job, keeping)
    except EngineError as fault:
        yield fault


class _Member:
    """A partition in an actor."""

    def __init__(self, shard: Shard, threads: int) -> None:
        self.partition = Partition(shard, threads)

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        self.partition.begin(choice, levels)

    def step(
        self, effects: TickEffects, first_replicate: int, tick: int, *heard: News | None
    ) -> tuple[Sums | EngineError, News | None, *tuple[News | None, ...]]:
        try:
            sums, news, for_others = self.partition.step(effects, first_replicate, tick, heard)
        except EngineError as fault:
            return fault, None, *(None for _ in self.partition.shard.listeners)
        return sums, news, *for_others


# ---- in the driver -------------------------------------------------------------------------------


class _Tasks:
    """The crew of one run: a task for each batch."""

    def __init__(self, work: Work, most: int, threads: int) -> None:
        self.ray = _joined()
        known: dict[str, Any] = {}
        self.shipments = [
            _shipped(self.ray, scenario, work.options, known) for scenario in work.scenarios
        ]
        self.most = most
        self.task = self.ray.remote(
            num_cpus=threads,
            max_retries=0,
            num_returns="streaming",
            _generator_backpressure_num_objects=MOST_UNHEARD,
        )(_told)
        self.running: dict[Any, Batch] = {}

    def has_room(self) -> bool:
        return len(self.running) < self.most

    def start(self, job: Batch, keeping: Keeping) -> None:
        self.running[self.task.remote(self.shipments[job.place], job, keeping)] = job

    def hear(self, seconds: float) -> Iterator[Heard]:
        ready, _ = self.ray.wait(list(self.running), num_returns=1, timeout=seconds)
        for stream in ready:
            said = self._next(stream)
            if isinstance(said, Lost | EngineError) or said.record is not None:
                del self.running[stream]
            yield said

    def _next(self, stream: Any) -> Heard:
        try:
            return self.ray.get(next(stream))
        except (StopIteration, *_losses(self.ray)) as fault:
            job = self.running[stream]
            why = f"{type(fault).__name__}, {fault}".partition("\n")[0]
            return Lost(place=job.place, first=job.first, why=why)

    def leave_off(self) -> None:
        for stream in self.running:
            self.ray.cancel(stream, force=True)
        self.running.clear()


class _Actors:
    """The partitions of one scenario, each in an actor that is sent its own shard only."""

    def __init__(self, prepared: Prepared, partitions: int) -> None:
        self.ray = _joined()
        self.threads = prepared.options.threads
        self.rows: list[NDArray[np.int32]] = []
        self.shards: list[Reference] = []
        with _by_value(self.ray.cloudpickle, prepared.scenario.pack):
            for shard in shards(prepared, partitions):
                self.rows.append(shard.rows)
                self.shards.append(self.ray.put(shard))
        self.member = self.ray.remote(
            num_cpus=self.threads, max_restarts=0, scheduling_strategy="SPREAD"
        )(_Member)
        self.actors: list[Any] = []
        self.told: list[list[Reference]] = []

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        self.told = []
        if not self.actors:
            self.actors = [self.member.remote(shard, self.threads) for shard in self.shards]
        self._got(
            [
                actor.begin.remote(choice[rows], levels.take(rows, axis=1))
                for actor, rows in zip(self.actors, self.rows, strict=True)
            ]
        )

    def step(
        self, effects: TickEffects, first_replicate: int, tick: int
    ) -> Sequence[tuple[Sums, News]]:
        told = self.ray.put(effects)
        done = [
            actor.step.options(num_returns=2 + len(self.actors)).remote(
                told, first_replicate, tick, *heard_by(place, self.told)
            )
            for place, actor in enumerate(self.actors)
        ]
        self.told = [for_others for _, _, *for_others in done]
        sums = [_unless_fault(one) for one in self._got([one for one, *_ in done])]
        return list(zip(sums, self._got([news for _, news, *_ in done]), strict=True))

    def _got(self, references: list[Reference]) -> list[Any]:
        """Wait for all; if one was lost, let the others go as well, for they have gone on."""
        try:
            return self.ray.get(references)
        except _losses(self.ray) as fault:
            self.end()
            raise MemberLost(f"{type(fault).__name__}, {fault}".partition("\n")[0]) from fault

    def end(self) -> None:
        for actor in self.actors:
            self.ray.kill(actor)
        self.actors = []


def _unless_fault(sums: Sums | EngineError) -> Sums:
    if isinstance(sums, EngineError):
        raise sums
    return sums


def _losses(ray: Any) -> tuple[type[Exception], ...]:
    """Return what Ray raises when a worker, a node or what it held is gone."""
    kinds = ray.exceptions
    return (
        kinds.RayActorError,
        kinds.WorkerCrashedError,
        kinds.NodeDiedError,
        kinds.ObjectLostError,
        kinds.OutOfMemoryError,
    )
