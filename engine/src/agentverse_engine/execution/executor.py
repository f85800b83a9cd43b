"""The protocol of executors, and the monitor that reports progress between ticks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agentverse_engine.errors import Cancelled
from agentverse_engine.execution.checkpoints import Checkpoint
from agentverse_engine.execution.preparing import RunOptions
from agentverse_engine.execution.recording import BatchRecord
from agentverse_engine.execution.running import Batch, CheckpointPolicy, Report
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
    monitor: "RunMonitor"


class Executor(Protocol):
    """Runs batches somewhere; whichever it is, the results are the same, bit for bit."""

    @property
    def threads(self) -> int:
        """How many threads each worker has, where the caller does not say."""
        ...

    def batch_size(self, replicates: int) -> int:
        """Return how many replicates go together, where the caller does not say."""
        ...

    def run(self, work: Work) -> list[BatchRecord]:
        """Return the record of each job, in the order of the jobs."""
        ...


class RunMonitor:
    """What happens between ticks: cancel if asked to, report progress, keep checkpoints."""

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
        self.policy = CheckpointPolicy(every=checkpoint_every or 0, at_end=True)
        if keep_checkpoint is None:
            self.policy = CheckpointPolicy()
        self._ticks = {(job.scenario_index, job.first): job.tick for job in jobs}
        self._counts = {(job.scenario_index, job.first): job.count for job in jobs}
        self._progress = progress
        self._should_cancel = should_cancel
        self._keep_checkpoint = keep_checkpoint
        self._reported_tick = -1

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

    def note(self, report: Report) -> None:
        """Record the progress of a batch; a tick that is computed again is not reported again."""
        key = report.scenario_index, report.first
        self._ticks[key] = max(self._ticks[key], report.tick)
        if self._progress is not None and self.tick > self._reported_tick:
            self._reported_tick = self.tick
            self._progress(self.tick, self.horizon)
        due = self.policy.due(report.tick, self.horizon)
        if due and self._keep_checkpoint is not None and report.checkpoint is not None:
            self._keep_checkpoint(report.checkpoint)

    def end(self) -> None:
        """Close what shows the progress, such as a bar: done, cancelled or failed."""
        close = getattr(self._progress, "close", None)
        if close is not None:
            close()


def batch_per_worker(replicates: int, workers: int) -> int:
    """Return how many replicates a batch holds when each worker is to have some."""
    each = -(-replicates // workers)
    return min(LARGEST_BATCH, -(-each // DRAWS_TOGETHER) * DRAWS_TOGETHER)


def run_monitored(reports: Iterable[Report], monitor: RunMonitor) -> BatchRecord:
    """Run a batch to its end; between ticks check for cancellation and report progress."""
    monitor.check()
    for report in reports:
        monitor.note(report)
        if report.record is not None:
            return report.record
        monitor.check()
    raise AssertionError("a batch ends with its record")  # pragma: no cover
