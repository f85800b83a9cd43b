"""Dispatches batches to workers elsewhere; a batch whose worker failed goes to another one."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from agentverse_engine.errors import EngineError, WorkerLost
from agentverse_engine.execution.executor import RunMonitor, Work
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, CheckpointPolicy, Report

POLL_SECONDS = 0.1  # between two looks at whether the caller wants to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFailed:
    """The worker that ran a batch has died."""

    scenario_index: int
    first: int
    reason: str


WorkerMessage = Report | WorkerFailed | EngineError


class WorkerPool(Protocol):
    """Workers that run one batch each at a time."""

    def has_capacity(self) -> bool:
        """Whether another batch can start now."""
        ...

    def start(self, job: Batch, policy: CheckpointPolicy) -> None:
        """Let a free worker run a batch."""
        ...

    def receive(self, seconds: float) -> Iterable[WorkerMessage]:
        """Return the messages since the last call; wait at most `seconds` for the first."""
        ...

    def cancel_all(self) -> None:
        """Stop every batch that still runs."""
        ...


def dispatch(
    work: Work, pool: WorkerPool, *, checkpoint_every: int, retries: int
) -> list[BatchRecord]:
    """Return the record of each job, in the order of the jobs.

    A batch whose worker failed continues from its last checkpoint on another worker, at most
    `retries` times; after that WorkerLost is raised.
    """
    dispatch_ = _Dispatch(work, checkpoint_every, retries)
    try:
        while dispatch_.unfinished():
            dispatch_.start_waiting(pool)
            for message in pool.receive(POLL_SECONDS):
                dispatch_.handle(message)
                work.monitor.check()
            work.monitor.check()
    finally:
        pool.cancel_all()
    return [dispatch_.records[job.scenario_index, job.first] for job in work.jobs]


class _Dispatch:
    """Which batches wait, their latest checkpoints, and the records of those that ended."""

    def __init__(self, work: Work, checkpoint_every: int, retries: int) -> None:
        self.monitor: RunMonitor = work.monitor
        self.every = checkpoint_every
        self.retries = retries
        self.latest = {(job.scenario_index, job.first): job for job in work.jobs}
        self.waiting = deque(work.jobs)
        self.failures = dict.fromkeys(self.latest, 0)
        self.records: dict[tuple[int, int], BatchRecord] = {}

    def unfinished(self) -> bool:
        return len(self.records) < len(self.latest)

    def start_waiting(self, pool: WorkerPool) -> None:
        policy = self._policy()
        while self.waiting and pool.has_capacity():
            pool.start(self.waiting.popleft(), policy)

    def handle(self, message: WorkerMessage) -> None:
        if isinstance(message, EngineError):
            raise message
        if isinstance(message, WorkerFailed):
            self._retry(message)
            return
        key = message.scenario_index, message.first
        if message.checkpoint is not None:
            self.latest[key] = replace(self.latest[key], checkpoint=message.checkpoint)
        if message.record is not None:
            self.records[key] = message.record
        self.monitor.note(message)

    def _policy(self) -> CheckpointPolicy:
        """The caller's own checkpoints serve, if there are any between the ends."""
        wanted = self.monitor.policy
        return wanted if wanted.every else replace(wanted, every=self.every)

    def _retry(self, failed: WorkerFailed) -> None:
        key = failed.scenario_index, failed.first
        job = self.latest[key]
        self.failures[key] += 1
        if self.failures[key] > self.retries:
            raise WorkerLost(
                f"lost its worker {self.failures[key]} times, last at tick {job.tick} or later: "
                f"{failed.reason}.",
                field=f"replicates {job.first} to {job.first + job.count - 1}",
                fix="Look for want of memory; smaller batches or fewer workers need less.",
            )
        self.waiting.appendleft(job)
