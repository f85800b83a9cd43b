"""Batches of replicates as tasks of a Ray cluster."""

from collections.abc import Iterator
from typing import Any

from agentverse_engine.errors import EngineError
from agentverse_engine.execution.executor import LARGEST_BATCH, Work, batch_per_worker
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, CheckpointPolicy, Report, reports
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.optional import require
from agentverse_engine.scaling.ray_cluster.objects import (
    Shipment,
    prepared_of,
    put_scenario,
    ray_failures,
    running_ray,
)
from agentverse_engine.scaling.worker_pool import WorkerFailed, WorkerMessage, dispatch

MOST_AHEAD = 8  # unread reports of a task, beyond which it waits for the driver


class RayExecutor:
    """Runs batches as tasks of a Ray cluster, which ray.init has joined before.

    workers: tasks at a time (default: as many as the cluster has cores for); batch: replicates in
    a task (default: so that every worker has some); threads: cores of each task. The scenario is
    put into Ray's store once. A batch whose worker or node is lost goes on elsewhere, up to
    `retries` times, from its checkpoint of `checkpoint_every` ticks (or of the caller's).
    RequestError: a number below 1 (`retries`: below 0). MissingExtra: Ray is not installed.
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

    def batch_size(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say.

        Raises RequestError where Ray is not running.
        """
        return self.batch or min(LARGEST_BATCH, batch_per_worker(replicates, self._workers()))

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs.

        Raises RequestError where Ray is not running, ScenarioError for a scenario that cannot be
        sent to another process, WorkerLost where a batch was lost more often than `retries` allows.
        """
        pool = _RayTasks(work, min(self._workers(), len(work.jobs)), self.threads)
        return dispatch(work, pool, checkpoint_every=self.checkpoint_every, retries=self.retries)

    def _workers(self) -> int:
        if self.workers is not None:
            return self.workers
        cores = int(running_ray().cluster_resources().get("CPU", 1))
        return max(1, cores // self.threads)


def _run_batch(
    shipment: Shipment, job: Batch, policy: CheckpointPolicy
) -> Iterator[Report | EngineError]:
    """Run one batch in a task that streams its reports."""
    try:
        yield from reports(prepared_of(shipment), job, policy)
    except EngineError as fault:
        yield fault


class _RayTasks:
    """The worker pool of one run: a task for each batch."""

    def __init__(self, work: Work, most: int, threads: int) -> None:
        self.ray = running_ray()
        references: dict[str, Any] = {}
        self.shipments = [
            put_scenario(self.ray, scenario, work.options, references)
            for scenario in work.scenarios
        ]
        self.most = most
        self.task = self.ray.remote(
            num_cpus=threads,
            max_retries=0,
            num_returns="streaming",
            _generator_backpressure_num_objects=MOST_AHEAD,
        )(_run_batch)
        self.running: dict[Any, Batch] = {}

    def has_capacity(self) -> bool:
        return len(self.running) < self.most

    def start(self, job: Batch, policy: CheckpointPolicy) -> None:
        self.running[self.task.remote(self.shipments[job.scenario_index], job, policy)] = job

    def receive(self, seconds: float) -> Iterator[WorkerMessage]:
        ready, _ = self.ray.wait(list(self.running), num_returns=1, timeout=seconds)
        for stream in ready:
            message = self._next(stream)
            if isinstance(message, WorkerFailed | EngineError) or message.record is not None:
                del self.running[stream]
            yield message

    def _next(self, stream: Any) -> WorkerMessage:
        try:
            return self.ray.get(next(stream))
        except (StopIteration, *ray_failures(self.ray)) as fault:
            job = self.running[stream]
            reason = f"{type(fault).__name__}, {fault}".partition("\n")[0]
            return WorkerFailed(scenario_index=job.scenario_index, first=job.first, reason=reason)

    def cancel_all(self) -> None:
        for stream in self.running:
            self.ray.cancel(stream, force=True)
        self.running.clear()
