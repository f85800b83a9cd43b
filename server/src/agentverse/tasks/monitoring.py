"""Between work and task: progress and cancellation, a few times a second."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.authority import AuthorityWatch
from agentverse.tasks import lifecycle, repository
from agentverse.tasks.lifecycle import Attempt

PROGRESS_SECONDS: Final = 0.2
CANCEL_SECONDS: Final = 0.05


@dataclass(slots=True, kw_only=True)
class TaskMonitor:
    """Writes progress at most 5 times a second and looks for a cancellation 20 times a second.

    Raises TaskSuperseded once another attempt owns the task, and what tells why once who entered
    it may do it no more.
    """

    attempt: Attempt
    clock: Callable[[], float] = time.monotonic
    _authority: AuthorityWatch = field(init=False)
    _wrote: float = field(default=float("-inf"))
    _looked: float = field(default=float("-inf"))
    _label: str = field(default="")
    _stop: bool = False

    def __post_init__(self) -> None:
        self._authority = AuthorityWatch(scope=self.attempt.scope, clock=self.clock)

    def report(self, done: int, total: int | None, label: str = "") -> None:
        """How far the work is; a new label is told at once, the last step by the task's end."""
        early = self.clock() - self._wrote < PROGRESS_SECONDS
        last = total is not None and done >= total
        if label == self._label and (early or last):
            return
        self._wrote, self._label = self.clock(), label
        with tenant_session(self.attempt.scope) as db:
            self._heed(
                repository.advance(
                    db,
                    self.attempt.task_id,
                    attempt=self.attempt.number,
                    done=done,
                    total=None if total is None else max(1, total),
                    label=label,
                )
            )

    def should_cancel(self) -> bool:
        """Whether cancelling was asked for, as of a moment ago."""
        lifecycle.refuse_lost_role(self._authority.current(), self.attempt.kind)
        if not self._stop and self.clock() - self._looked >= CANCEL_SECONDS:
            self._looked = self.clock()
            with tenant_session(self.attempt.scope, read_only=True) as db:
                self._heed(
                    repository.cancel_requested(
                        db, self.attempt.task_id, attempt=self.attempt.number
                    )
                )
        return self._stop

    def _heed(self, wanted: bool | None) -> None:
        if wanted is None:
            raise lifecycle.superseded(self.attempt)
        self._stop = self._stop or wanted
