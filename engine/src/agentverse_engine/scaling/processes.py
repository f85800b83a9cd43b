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
from agentverse_engine.execution.executor import LARGEST_BATCH, Work, shared_out
from agentverse_engine.execution.preparing import Prepared
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, Keeping, Report, reports
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.scaling.payloads import Parcel, Part, check_importable, parcel_of, unpack
from agentverse_engine.scaling.worker_pool import Heard, Lost, dispatch

# Orders to a worker: ("part", digest, part), ("scenario", place, content), ("run", job, keeping),
# ("forget", digests to keep).
Order = tuple[Any, ...]
LAST_WORDS_SECONDS = 1.0


class ProcessExecutor:
    """Runs batches in processes of this machine, each with its own memory.

    workers: how many processes (default: one per core); batch: replicates at a time (default: so
    that every worker has some); threads: of each worker. A worker that is lost is replaced up to
    `retries` times for each batch, which then goes on from its checkpoint of `checkpoint_every`
    ticks (or of the caller's). Workers stay for the next run until `close`, or the end of a with
    block. Rules of one's own have to be importable: functions of a module, not of a notebook. A
    script that uses this needs the guard `if __name__ == "__main__":`.
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
        self._staff: list[_Worker] = []
        self._close = weakref.finalize(self, _dismiss, self._staff)

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
        _dismiss(self._staff)

    def lanes(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        return self.batch or min(LARGEST_BATCH, shared_out(replicates, self.workers))

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs."""
        for scenario in work.scenarios:
            check_importable(scenario)
        parcels = [parcel_of(scenario, work.options) for scenario in work.scenarios]
        crew = _Processes(self._staff, parcels, min(self.workers, len(work.jobs)))
        return dispatch(work, crew, checkpoint_every=self.checkpoint_every, retries=self.retries)


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    """One process. parts: digests of what it holds; scenario: the key of its parcel."""

    process: SpawnProcess
    pipe: Connection
    parts: set[str] = field(default_factory=set[str])
    scenario: str = ""
    job: Batch | None = None


def _hired() -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # so that the end of the worker is the end of the pipe
    return _Worker(process=process, pipe=ours)


def _dismiss(staff: list[_Worker]) -> None:
    while staff:
        _end(staff.pop())


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


def _ended(code: int | None) -> str:
    """Say why a process ended; errors of a run are reported, so 1 is one before the first."""
    if code == 1:
        return (
            "it ended with an error as it started, which it has printed. Can it import the main "
            "script, and is what starts the run there below if __name__ == '__main__'"
        )
    return f"it ended with {code}"


class _Processes:
    """The crew of one run."""

    def __init__(self, staff: list[_Worker], parcels: list[Parcel], most: int) -> None:
        self.staff = staff
        self.parcels = parcels
        self.most = most

    def has_room(self) -> bool:
        return sum(worker.job is not None for worker in self.staff) < self.most

    def start(self, job: Batch, keeping: Keeping) -> None:
        worker = next((one for one in self.staff if one.job is None), None)
        if worker is None:
            worker = _hired()
            self.staff.append(worker)
        worker.job = job
        with suppress(BrokenPipeError, ConnectionResetError):  # lost: heard of in the next round
            for order in self._orders(worker, job, keeping):
                worker.pipe.send(order)

    def _orders(self, worker: _Worker, job: Batch, keeping: Keeping) -> Iterator[Order]:
        """Yield what the worker needs before a job, unless it has it, and the job."""
        wanted = {digest for parcel in self.parcels for digest in parcel.parts}
        if stale := worker.parts - wanted:
            worker.parts -= stale
            yield "forget", wanted
        parcel = self.parcels[job.place]
        for digest, part in parcel.parts.items():
            if digest not in worker.parts:
                worker.parts.add(digest)
                yield "part", digest, part
        if parcel.key != worker.scenario:
            worker.scenario = parcel.key
            yield "scenario", parcel.content
        yield "run", job, keeping

    def hear(self, seconds: float) -> Iterator[Heard]:
        busy = {worker.pipe: worker for worker in self.staff if worker.job is not None}
        for pipe in wait(list(busy), seconds):
            worker = busy[pipe]  # pyright: ignore[reportArgumentType]  we gave it connections only
            try:
                said: Heard = worker.pipe.recv()
            except (EOFError, OSError, pickle.UnpicklingError):
                said = self._buried(worker)
            if isinstance(said, EngineError) or (isinstance(said, Report) and said.record):
                worker.job = None
            yield said

    def _buried(self, worker: _Worker) -> Lost:
        assert worker.job is not None  # noqa: S101  only those with a job are listened to
        worker.process.join(LAST_WORDS_SECONDS)  # it says itself how it ends, if it is ending
        _end(worker)
        self.staff.remove(worker)
        code = worker.process.exitcode
        return Lost(place=worker.job.place, first=worker.job.first, why=_ended(code))

    def leave_off(self) -> None:
        for worker in [one for one in self.staff if one.job is not None]:
            _end(worker)
            self.staff.remove(worker)


def serve(pipe: Connection) -> None:
    """Carry out orders until the other end of the pipe is closed: a worker's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who pressed the keys will close the pipe
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _obey(pipe)


def _obey(pipe: Connection) -> None:
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
            case "run", job, keeping:
                assert prepared is not None  # noqa: S101  the scenario comes first
                _run(pipe, prepared, job, keeping)
            case unknown:
                raise AssertionError(unknown)


def _run(pipe: Connection, prepared: Prepared, job: Batch, keeping: Keeping) -> None:
    try:
        for report in reports(prepared, job, keeping):
            pipe.send(report)
    except EngineError as fault:
        pipe.send(fault)
