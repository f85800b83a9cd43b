"""Handing batches to workers elsewhere, and handing on what a lost worker had begun."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from agentverse_engine.errors import EngineError, WorkerLost
from agentverse_engine.execution.executor import Watch, Work
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, Keeping, Report

PATIENCE_SECONDS = 0.1  # between two looks at whether the caller wants to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The worker that had a batch is no more."""

    place: int
    first: int
    why: str


Heard = Report | Lost | EngineError


class Crew(Protocol):
    """Workers that run one batch each at a time."""

    def has_room(self) -> bool:
        """Whether another batch can start now."""
        ...

    def start(self, job: Batch, keeping: Keeping) -> None:
        """Let a free worker run a batch."""
        ...

    def hear(self, seconds: float) -> Iterable[Heard]:
        """Return what the workers said since, waiting at most so long for the first word."""
        ...

    def leave_off(self) -> None:
        """Stop what still runs; its result is not wanted any more."""
        ...


def dispatch(work: Work, crew: Crew, *, checkpoint_every: int, retries: int) -> list[BatchRecord]:
    """Return the record of each job, in the order of the jobs.

    A batch whose worker was lost goes on from its last checkpoint with another worker, at most
    `retries` times; after that WorkerLost is raised.
    """
    round_ = _Round(work, checkpoint_every, retries)
    try:
        while round_.unfinished():
            round_.hand_out(crew)
            for said in crew.hear(PATIENCE_SECONDS):
                round_.note(said)
                work.watch.check()
            work.watch.check()
    finally:
        crew.leave_off()
    return [round_.records[job.place, job.first] for job in work.jobs]


class _Round:
    """What is waiting, what is known and what is done."""

    def __init__(self, work: Work, checkpoint_every: int, retries: int) -> None:
        self.watch: Watch = work.watch
        self.every = checkpoint_every
        self.retries = retries
        self.latest = {(job.place, job.first): job for job in work.jobs}
        self.waiting = deque(work.jobs)
        self.losses = dict.fromkeys(self.latest, 0)
        self.records: dict[tuple[int, int], BatchRecord] = {}

    def unfinished(self) -> bool:
        return len(self.records) < len(self.latest)

    def hand_out(self, crew: Crew) -> None:
        keeping = self._keeping()
        while self.waiting and crew.has_room():
            crew.start(self.waiting.popleft(), keeping)

    def note(self, said: Heard) -> None:
        if isinstance(said, EngineError):
            raise said
        if isinstance(said, Lost):
            self._again(said)
            return
        key = said.place, said.first
        if said.checkpoint is not None:
            self.latest[key] = replace(self.latest[key], checkpoint=said.checkpoint)
        if said.record is not None:
            self.records[key] = said.record
        self.watch.hear(said)

    def _keeping(self) -> Keeping:
        """The caller's own checkpoints serve, if there are any between the ends."""
        wanted = self.watch.keeping
        return wanted if wanted.every else replace(wanted, every=self.every)

    def _again(self, lost: Lost) -> None:
        key = lost.place, lost.first
        job = self.latest[key]
        self.losses[key] += 1
        if self.losses[key] > self.retries:
            raise WorkerLost(
                f"lost its worker {self.losses[key]} times, last at tick {job.tick} or later: "
                f"{lost.why}.",
                field=f"replicates {job.first} to {job.first + job.count - 1}",
                fix="Look for want of memory; smaller batches or fewer workers need less.",
            )
        self.waiting.appendleft(job)
