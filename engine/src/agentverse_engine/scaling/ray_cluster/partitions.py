"""Partitions of personas as actors of a Ray cluster."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import TickEffects
from agentverse_engine.errors import EngineError
from agentverse_engine.execution.advancing import Sums
from agentverse_engine.execution.executor import LARGEST_BATCH, Work
from agentverse_engine.execution.preparing import Prepared
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.state import PopulationTotals
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.optional import require
from agentverse_engine.scaling.partitions import (
    HaloUpdate,
    Partition,
    PartitionFailed,
    PartitionGroup,
    received_by,
    run_partitioned,
)
from agentverse_engine.scaling.ray_cluster.objects import (
    Reference,
    pickled_by_value,
    ray_failures,
    running_ray,
)
from agentverse_engine.scaling.shards import Shard, shards


class PartitionedRay:
    """Runs each batch on actors of a Ray cluster, cut by personas: for more than a worker holds.

    partitions: how many actors, spread over the nodes, each with `threads` cores. An actor holds
    its own personas and what they read of others; the driver holds the scenario, which it cuts,
    and everybody's public columns, which it records. A batch that loses an actor or its node goes
    on from its checkpoint of `checkpoint_every` ticks (or of the caller's), up to `retries` times,
    as soon as the cluster has cores for all partitions. RequestError: a number below 1 (`retries`:
    below 0). MissingExtra: Ray is not installed.
    """

    def __init__(
        self, *, partitions: int, threads: int = 1, retries: int = 3, checkpoint_every: int = 8
    ) -> None:
        require("ray", extra="ray")
        self.partitions = at_least("partitions", partitions, 1)
        self.threads = at_least("threads", threads, 1)
        self.retries = at_least("retries", retries, 0)
        self.checkpoint_every = at_least("checkpoint_every", checkpoint_every, 1)

    def batch_size(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        return min(LARGEST_BATCH, replicates)

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs.

        Raises RequestError where Ray is not running, WorkerLost where actors were lost more often
        than `retries` allows, RuleError as PartitionedLocal does.
        """

        def start_workers(prepared: Prepared) -> PartitionGroup:
            return _RayPartitions(prepared, self.partitions)

        return run_partitioned(
            work, start_workers, checkpoint_every=self.checkpoint_every, retries=self.retries
        )


class _PartitionActor:
    """A partition in an actor."""

    def __init__(self, shard: Shard, threads: int) -> None:
        self.partition = Partition(shard, threads)

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        self.partition.begin(choice, levels)

    def step(
        self,
        effects: TickEffects,
        population: PopulationTotals,
        first_replicate: int,
        tick: int,
        *received: HaloUpdate | None,
    ) -> tuple[Sums | EngineError, HaloUpdate | None, *tuple[HaloUpdate | None, ...]]:
        try:
            sums, update, for_others = self.partition.step(
                effects, population, first_replicate, tick, received
            )
        except EngineError as fault:
            return fault, None, *(None for _ in self.partition.shard.receivers)
        return sums, update, *for_others


class _RayPartitions:
    """The partitions of one scenario, each in an actor that is sent its own shard only."""

    def __init__(self, prepared: Prepared, partitions: int) -> None:
        self.ray = running_ray()
        self.threads = prepared.options.threads
        self.rows: list[NDArray[np.int32]] = []
        self.shards: list[Reference] = []
        with pickled_by_value(self.ray.cloudpickle, prepared.scenario.pack):
            for shard in shards(prepared, partitions):
                self.rows.append(shard.rows)
                self.shards.append(self.ray.put(shard))
        self.member = self.ray.remote(
            num_cpus=self.threads, max_restarts=0, scheduling_strategy="SPREAD"
        )(_PartitionActor)
        self.actors: list[Any] = []
        self.sent: list[list[Reference]] = []

    def begin(self, choice: NDArray[np.uint8], levels: NDArray[np.int32]) -> None:
        self.sent = []
        if not self.actors:
            self.actors = [self.member.remote(shard, self.threads) for shard in self.shards]
        self._results(
            [
                actor.begin.remote(choice[rows], levels.take(rows, axis=1))
                for actor, rows in zip(self.actors, self.rows, strict=True)
            ]
        )

    def step(
        self, effects: TickEffects, population: PopulationTotals, first_replicate: int, tick: int
    ) -> Sequence[tuple[Sums, HaloUpdate]]:
        sent = self.ray.put(effects)
        done = [
            actor.step.options(num_returns=2 + len(self.actors)).remote(
                sent, population, first_replicate, tick, *received_by(index, self.sent)
            )
            for index, actor in enumerate(self.actors)
        ]
        self.sent = [for_others for _, _, *for_others in done]
        sums = [_unless_fault(one) for one in self._results([one for one, *_ in done])]
        return list(zip(sums, self._results([update for _, update, *_ in done]), strict=True))

    def _results(self, references: list[Reference]) -> list[Any]:
        """Wait for all; if one failed, stop the others as well, since they are a tick ahead."""
        try:
            return self.ray.get(references)
        except ray_failures(self.ray) as fault:
            self.end()
            raise PartitionFailed(f"{type(fault).__name__}, {fault}".partition("\n")[0]) from fault

    def end(self) -> None:
        for actor in self.actors:
            self.ray.kill(actor)
        self.actors = []


def _unless_fault(sums: Sums | EngineError) -> Sums:
    if isinstance(sums, EngineError):
        raise sums
    return sums
