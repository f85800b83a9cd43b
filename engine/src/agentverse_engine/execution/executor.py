"""What an ensemble asks of whoever runs it, and how those who started it are told."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agentverse_engine.errors import Cancelled
from agentverse_engine.execution.checkpoints import Checkpoint
from agentverse_engine.execution.preparing import RunOptions
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, Keeping, Report
from agentverse_engine.scenario.scenario import Scenario

LARGEST_BATCH = 32
MOST_WORKERS = 256
DRAWS_TOGETHER = 4  # replicates that share a block of random words

Progress = Callable[[int, int], None]
ShouldCancel = Callable[[], bool]
KeepCheckpoint = Callable[[Checkpoint], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """Batches of one scenario or of several that differ in their variables or scripts."""

    scenarios: tuple[Scenario, ...]
    options: RunOptions
    jobs: tuple[Batch, ...]
    watch: "Watch"


class Executor(Protocol):
    """Runs batches somewhere; whichever it is, the results are the same, bit for bit."""

    @property
    def threads(self) -> int:
        """How many threads each worker has, where the caller does not say."""
        ...

    def lanes(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        ...

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs."""
        ...


class Watch:
    """What happens between ticks: stop if asked to, tell how far it is, keep checkpoints."""

    def __init__(
        self,
        horizon: int,
        jobs: Sequence[Batch],
        *,
        progress: Progress | None = None,
        should_cancel: ShouldCancel | None = None,
        checkpoint_every: int | None = None,
        keep_checkpoint: KeepCheckpoint | None = None,
    ) -> None:
        self.horizon = horizon
        self.keeping = Keeping(every=checkpoint_every or 0, at_end=True)
        if keep_checkpoint is None:
            self.keeping = Keeping()
        self._ticks = {(job.place, job.first): job.tick for job in jobs}
        self._counts = {(job.place, job.first): job.count for job in jobs}
        self._progress = progress
        self._should_cancel = should_cancel
        self._keep_checkpoint = keep_checkpoint
        self._told = -1

    @property
    def tick(self) -> int:
        """The mean tick over all replicates, rounded down; batches are not all of one size."""
        ticks = sum(tick * self._counts[key] for key, tick in self._ticks.items())
        return ticks // sum(self._counts.values())

    def check(self) -> None:
        """Raise Cancelled if the caller wants the run to stop."""
        if self._should_cancel is not None and self._should_cancel():
            raise Cancelled(
                f"was stopped at {self.tick} of {self.horizon} ticks.",
                field="run",
                fix="Start it again to have its result.",
            )

    def hear(self, report: Report) -> None:
        """Note what a worker did; what a second worker does again is not told again."""
        key = report.place, report.first
        self._ticks[key] = max(self._ticks[key], report.tick)
        if self._progress is not None and self.tick > self._told:
            self._told = self.tick
            self._progress(self.tick, self.horizon)
        due = self.keeping.due(report.tick, self.horizon)
        if due and self._keep_checkpoint is not None and report.checkpoint is not None:
            self._keep_checkpoint(report.checkpoint)

    def end(self) -> None:
        """Close what shows the progress, such as a bar: done, cancelled or failed."""
        close = getattr(self._progress, "close", None)
        if close is not None:
            close()


def shared_out(replicates: int, workers: int) -> int:
    """Return how many replicates a batch holds when each worker is to have some."""
    each = -(-replicates // workers)
    return min(LARGEST_BATCH, -(-each // DRAWS_TOGETHER) * DRAWS_TOGETHER)


def watched(reports: Iterable[Report], watch: Watch) -> BatchRecord:
    """Run a batch to its end, asking and telling at every tick."""
    watch.check()
    for report in reports:
        watch.hear(report)
        if report.record is not None:
            return report.record
        watch.check()
    raise AssertionError("a batch ends with its record")  # pragma: no cover
