"""Batches of replicates in processes of their own, which may die and are replaced."""

import multiprocessing
import os
import pickle
import signal
import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any, Self

from agentverse_engine.errors import EngineError
from agentverse_engine.execution.executor import LARGEST_BATCH, Work, batch_per_worker
from agentverse_engine.execution.preparing import Prepared
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, CheckpointPolicy, Report, reports
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.scaling.payloads import Part, Payload, check_importable, payload_of, unpack
from agentverse_engine.scaling.worker_pool import WorkerFailed, WorkerMessage, dispatch

# Orders to a worker: ("part", digest, part), ("scenario", place, content), ("run", job, keeping),
# ("forget", digests to keep).
Order = tuple[Any, ...]
EXIT_SECONDS = 1.0


class ProcessExecutor:
    """Runs batches in processes of this machine, each with its own memory.

    workers: how many processes (default: one per core); batch: replicates at a time (default: so
    that every worker has some); threads: of each worker. A worker that is lost is replaced up to
    `retries` times for each batch, which then goes on from its checkpoint of `checkpoint_every`
    ticks (or of the caller's). Workers stay for the next run until `close`, or the end of a with
    block. Rules of one's own have to be importable: functions of a module, not of a notebook. A
    script that uses this needs the guard `if __name__ == "__main__":`. RequestError: a number below
    1 (`retries`: below 0).
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
        self.workers = at_least("workers", os.cpu_count() or 1 if workers is None else workers, 1)
        self.batch = batch if batch is None else at_least("batch", batch, 1)
        self.threads = at_least("threads", threads, 1)
        self.retries = at_least("retries", retries, 0)
        self.checkpoint_every = at_least("checkpoint_every", checkpoint_every, 1)
        self._processes: list[_Worker] = []
        self._close = weakref.finalize(self, _stop_workers, self._processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; the next run starts new ones."""
        _stop_workers(self._processes)

    def batch_size(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        return self.batch or min(LARGEST_BATCH, batch_per_worker(replicates, self.workers))

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs.

        Raises RuleError for a rule that another process cannot import, ScenarioError for a scenario
        that cannot be sent to one, WorkerLost where a batch lost more workers than `retries`
        allows.
        """
        for scenario in work.scenarios:
            check_importable(scenario)
        payloads = [payload_of(scenario, work.options) for scenario in work.scenarios]
        pool = _Processes(self._processes, payloads, min(self.workers, len(work.jobs)))
        return dispatch(work, pool, checkpoint_every=self.checkpoint_every, retries=self.retries)


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    """One process. parts: digests of what it holds; scenario: the key of its payload."""

    process: SpawnProcess
    pipe: Connection
    parts: set[str] = field(default_factory=set[str])
    scenario: str = ""
    job: Batch | None = None


def _start_worker() -> _Worker:
    context = multiprocessing.get_context("spawn")
    own_end, worker_end = context.Pipe()
    process = context.Process(target=serve, args=(worker_end,), daemon=True)
    process.start()
    worker_end.close()  # so that the end of the worker is the end of the pipe
    return _Worker(process=process, pipe=own_end)


def _stop_workers(processes: list[_Worker]) -> None:
    while processes:
        _end(processes.pop())


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


def _exit_reason(code: int | None) -> str:
    """Say why a process ended: a run reports its errors, so code 1 is an error before any run."""
    if code == 1:
        return (
            "it ended with an error as it started, which it has printed. Can it import the main "
            "script, and is what starts the run there below if __name__ == '__main__'"
        )
    return f"it ended with {code}"


class _Processes:
    """The worker pool of one run."""

    def __init__(self, processes: list[_Worker], payloads: list[Payload], most: int) -> None:
        self.processes = processes
        self.payloads = payloads
        self.most = most

    def has_capacity(self) -> bool:
        return sum(worker.job is not None for worker in self.processes) < self.most

    def start(self, job: Batch, policy: CheckpointPolicy) -> None:
        worker = next((one for one in self.processes if one.job is None), None)
        if worker is None:
            worker = _start_worker()
            self.processes.append(worker)
        worker.job = job
        with suppress(BrokenPipeError, ConnectionResetError):  # `receive` reports that it died
            for order in self._orders(worker, job, policy):
                worker.pipe.send(order)

    def _orders(self, worker: _Worker, job: Batch, policy: CheckpointPolicy) -> Iterator[Order]:
        """Yield what the worker needs before a job, unless it has it, and the job."""
        wanted = {digest for payload in self.payloads for digest in payload.parts}
        if stale := worker.parts - wanted:
            worker.parts -= stale
            yield "forget", wanted
        payload = self.payloads[job.scenario_index]
        for digest, part in payload.parts.items():
            if digest not in worker.parts:
                worker.parts.add(digest)
                yield "part", digest, part
        if payload.key != worker.scenario:
            worker.scenario = payload.key
            yield "scenario", payload.content
        yield "run", job, policy

    def receive(self, seconds: float) -> Iterator[WorkerMessage]:
        working = {worker.pipe: worker for worker in self.processes if worker.job is not None}
        for pipe in wait(list(working), seconds):
            worker = working[pipe]  # pyright: ignore[reportArgumentType]  we gave it connections only
            try:
                message: WorkerMessage = worker.pipe.recv()
            except (EOFError, OSError, pickle.UnpicklingError):
                message = self._failure_of(worker)
            if isinstance(message, EngineError) or (isinstance(message, Report) and message.record):
                worker.job = None
            yield message

    def _failure_of(self, worker: _Worker) -> WorkerFailed:
        assert worker.job is not None  # noqa: S101  only those with a job are listened to
        worker.process.join(EXIT_SECONDS)  # it says itself how it ends, if it is ending
        _end(worker)
        self.processes.remove(worker)
        code = worker.process.exitcode
        return WorkerFailed(
            scenario_index=worker.job.scenario_index,
            first=worker.job.first,
            reason=_exit_reason(code),
        )

    def cancel_all(self) -> None:
        for worker in [one for one in self.processes if one.job is not None]:
            _end(worker)
            self.processes.remove(worker)


def serve(pipe: Connection) -> None:
    """Carry out orders until the other end of the pipe is closed: the main loop of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who pressed the keys will close the pipe
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _serve_orders(pipe)


def _serve_orders(pipe: Connection) -> None:
    parts: dict[str, Part] = {}
    prepared: Prepared | None = None
    while True:
        match pipe.recv():
            case "part", digest, part:
                parts[digest] = part
            case "forget", wanted:
                parts = {digest: part for digest, part in parts.items() if digest in wanted}
            case "scenario", content:
                prepared = unpack(content, parts.__getitem__)
            case "run", job, policy:
                assert prepared is not None  # noqa: S101  the scenario comes first
                _run(pipe, prepared, job, policy)
            case unknown:
                raise AssertionError(unknown)


def _run(pipe: Connection, prepared: Prepared, job: Batch, policy: CheckpointPolicy) -> None:
    try:
        for report in reports(prepared, job, policy):
            pipe.send(report)
    except EngineError as fault:
        pipe.send(fault)
