"""Random interleavings of all that may happen to tasks, beside a small reference.

25 in the suite, 1,000 in `make test-long`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from factories.tasks import Told, audited, enter, sample_kind, task_of
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agentverse import tasks
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import Conflict
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.job_attempts import WorkerLost
from agentverse.platform.scope import Scope
from agentverse.tasks import TaskKind, TaskMonitor, TaskSuperseded, lifecycle
from agentverse.tasks.errors import TaskAlreadyFinished
from agentverse.tasks.lifecycle import Attempt


@dataclass
class Expected:
    """The reference: what one task must be like."""

    subject_id: UUID
    group: int
    status: str = "queued"
    attempt: int = 0
    cancel_requested: bool = False
    entries: list[str] = field(default_factory=lambda: ["sample.create"])

    @property
    def unfinished(self) -> bool:
        return self.status in ("queued", "running")

    def end(self, status: str) -> None:
        self.status = status
        self.entries.append("sample.finish")


class Tasks(RuleBasedStateMachine):
    """Two to four tasks in two groups, workers that come, go, die and come back."""

    scope: Scope
    kind: TaskKind
    entered: Bundle[UUID] = Bundle("entered")
    held: Bundle[Attempt] = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[UUID, Expected] = {}
        self.groups = [new_id(), new_id()]
        self.attempts: list[Attempt] = []

    @initialize(target=entered, group=st.integers(0, 1))
    def first(self, group: int) -> UUID:
        return self._enter(group)

    @precondition(lambda self: len(self.expected) < 4)
    @rule(target=entered, group=st.integers(0, 1))
    def another(self, group: int) -> UUID:
        return self._enter(group)

    def _enter(self, group: int) -> UUID:
        subject_id = new_id()
        task_id = enter(
            self.scope, self.kind, subject_id=subject_id, group_id=self.groups[group], total=9
        )
        self.expected[task_id] = Expected(subject_id=subject_id, group=group)
        return task_id

    @rule(target=held, task_id=entered)
    def job_is_given_to_a_worker(self, task_id: UUID) -> Attempt | MultipleResults[Attempt]:
        """For the first time, after a retry, or because the last worker was killed."""
        reference = self.expected[task_id]
        attempt = lifecycle.claim(self.scope, task_id)
        if not reference.unfinished:
            assert attempt is None
        elif reference.cancel_requested:
            assert attempt is None
            reference.end("cancelled")
        else:
            reference.status = "running"
            reference.attempt += 1
            assert attempt is not None
            assert attempt.number == reference.attempt
            self.attempts.append(attempt)
        return multiple() if attempt is None else attempt

    @rule(task_id=entered)
    def cancel(self, task_id: UUID) -> None:
        reference = self.expected[task_id]
        if not reference.unfinished:
            with pytest.raises(TaskAlreadyFinished), tenant_session(self.scope) as db:
                tasks.cancel(db, task_id)
            return
        with tenant_session(self.scope) as db:
            tasks.cancel(db, task_id)
        if reference.cancel_requested:
            return
        reference.entries.append("sample.cancel")
        for one in self.expected.values():
            if one.group == reference.group and one.unfinished:
                one.cancel_requested = True
                if one.status == "queued":
                    one.end("cancelled")

    @rule(attempt=held, ends=st.booleans())
    def worker_is_done(self, attempt: Attempt, ends: bool) -> None:
        """Its handler has a result, or stopped because it was told to."""
        reference = self.expected[attempt.task_id]
        if not self._owns(attempt):
            with pytest.raises(TaskSuperseded):
                self._end(attempt, "succeeded")
            return
        status = "cancelled" if reference.cancel_requested or not ends else "succeeded"
        self._end(attempt, status)
        reference.end(status)

    @rule(attempt=held, done=st.integers(0, 8))
    def worker_reports(self, attempt: Attempt, done: int) -> None:
        monitor = TaskMonitor(attempt=attempt)
        if not self._owns(attempt):
            with pytest.raises(TaskSuperseded):
                monitor.report(done, 9)
            return
        monitor.report(done, 9)
        assert monitor.should_cancel() == self.expected[attempt.task_id].cancel_requested

    @rule(attempt=held)
    def handler_raises_for_good(self, attempt: Attempt) -> None:
        if not self._owns(attempt):
            with pytest.raises(TaskSuperseded):
                lifecycle.check_owned(attempt)
            return
        lifecycle.check_owned(attempt)
        lifecycle.fail(self.scope, attempt.task_id, Conflict("It cannot be done."))
        self.expected[attempt.task_id].end("failed")

    @rule(task_id=entered)
    def job_has_killed_every_worker(self, task_id: UUID) -> None:
        lifecycle.fail(self.scope, task_id, WorkerLost("The worker stopped 4 times."))
        if self.expected[task_id].unfinished:
            self.expected[task_id].end("failed")

    def _owns(self, attempt: Attempt) -> bool:
        reference = self.expected[attempt.task_id]
        return reference.status == "running" and reference.attempt == attempt.number

    def _end(self, attempt: Attempt, status: Any) -> None:
        with tenant_session(self.scope) as db:
            lifecycle.close(db, tasks.owned(db, attempt), status)

    @invariant()
    def rows_are_as_the_reference_says(self) -> None:
        for task_id, reference in self.expected.items():
            row = task_of(self.scope, task_id)
            assert (row.status, row.attempt, row.cancel_requested) == (
                reference.status,
                reference.attempt,
                reference.cancel_requested,
            )

    def teardown(self) -> None:
        owners = [attempt for attempt in self.attempts if self._owns(attempt)]
        assert len({attempt.task_id for attempt in owners}) == len(owners), "never two owners"
        for reference in self.expected.values():
            assert audited(self.scope, reference.subject_id) == reference.entries
            assert reference.entries.count("sample.finish") == (not reference.unfinished)
        self._leave_nothing_unfinished()

    def _leave_nothing_unfinished(self) -> None:
        """A tenant's unfinished tasks are limited, and a thousand machines share one tenant."""
        for task_id, reference in self.expected.items():
            if reference.unfinished:
                lifecycle.fail(self.scope, task_id, WorkerLost("The test is over."))


@pytest.fixture
def machine(scope: Scope) -> Iterator[type[Tasks]]:
    with sample_kind(Told()) as kind:

        class Bound(Tasks): ...

        Bound.scope, Bound.kind = scope, kind
        yield Bound


@pytest.mark.parametrize("examples", [25, pytest.param(1000, marks=pytest.mark.long)])
def test_any_interleaving_ends_each_task_once_with_one_owner(
    machine: type[Tasks], examples: int
) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # a failure names its steps; shrinking takes minutes
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
