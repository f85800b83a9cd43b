"""The life of a task: each way to end it ends it once, whoever else works on it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from factories.identity import Member
from factories.tasks import Told, audited, enter, task_of

from agentverse import tasks
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import Conflict
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.tasks import (
    TaskCancelled,
    TaskKind,
    TaskMonitor,
    TaskSuperseded,
    handling,
    lifecycle,
)
from agentverse.tasks.errors import TaskAlreadyFinished, TaskNotFound
from agentverse.tasks.lifecycle import Attempt


def nothing(_db: TenantSession) -> None:
    """A result without anything to store."""


def succeed(_attempt: Attempt) -> tasks.Store:
    return nothing


def claimed(scope: Scope, task_id: UUID) -> Attempt:
    attempt = lifecycle.claim(scope, task_id)
    assert attempt is not None
    return attempt


def finish(attempt: Attempt) -> None:
    """As the worker does with what the handler gave back."""
    with tenant_session(attempt.scope) as db:
        lifecycle.close(db, tasks.owned(db, attempt), "succeeded")


def test_task_is_queued_run_and_ended_with_an_entry_of_each_end(
    scope: Scope, kind: TaskKind, told: Told
) -> None:
    subject_id = new_id()
    task_id = enter(scope, kind, subject_id=subject_id, total=12)
    tasks.handles(kind)(succeed)
    assert [outcome.error for outcome in run_queued_jobs()] == [None]
    row = task_of(scope, task_id)
    assert (row.status, row.attempt, row.done, row.total) == ("succeeded", 1, 12, 12)
    assert row.started_at is not None
    assert row.finished_at is not None
    assert told.of(subject_id) == ["running", "succeeded"]
    assert told.committed == [subject_id]
    assert audited(scope, subject_id) == ["sample.create", "sample.finish"]


def test_result_is_stored_in_the_transaction_that_ends_the_task(
    scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)

    def store(db: TenantSession) -> None:
        enter_again = tasks.enter(db, kind, new_id(), title="never")
        assert enter_again
        raise Conflict("The result does not fit.")

    tasks.handles(kind)(lambda _attempt: store)
    run_queued_jobs()
    row = task_of(scope, task_id)
    assert (row.status, row.problem and row.problem["code"]) == ("failed", "conflict")
    assert run_queued_jobs() == [], "what store had queued went with its transaction"


def test_cancel_of_a_queued_task_ends_it_at_once(scope: Scope, kind: TaskKind, told: Told) -> None:
    subject_id = new_id()
    task_id = enter(scope, kind, subject_id=subject_id)
    with tenant_session(scope) as db:
        tasks.cancel(db, task_id)
    assert task_of(scope, task_id).status == "cancelled"
    assert lifecycle.claim(scope, task_id) is None
    assert told.of(subject_id) == ["cancelled"]
    assert audited(scope, subject_id) == ["sample.create", "sample.cancel", "sample.finish"]


def test_cancel_of_a_running_task_ends_it_when_its_worker_looks(
    scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)

    def until_told(attempt: Attempt) -> tasks.Store:
        monitor = TaskMonitor(attempt=attempt)
        assert not monitor.should_cancel()
        with tenant_session(scope) as db:
            tasks.cancel(db, task_id)
        fresh = TaskMonitor(attempt=attempt)
        assert fresh.should_cancel()
        raise TaskCancelled

    handling.work(scope, task_id, until_told)
    assert task_of(scope, task_id).status == "cancelled"


def test_cancel_that_was_accepted_holds_although_the_work_was_done_by_then(
    scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)

    def too_late(_attempt: Attempt) -> tasks.Store:
        with tenant_session(scope) as db:
            tasks.cancel(db, task_id)
        return nothing

    handling.work(scope, task_id, too_late)
    assert task_of(scope, task_id).status == "cancelled"


def test_cancel_twice_of_a_running_task_is_one_cancellation(scope: Scope, kind: TaskKind) -> None:
    subject_id = new_id()
    task_id = enter(scope, kind, subject_id=subject_id)
    claimed(scope, task_id)
    for _ in range(2):
        with tenant_session(scope) as db:
            assert tasks.cancel(db, task_id).status == "running"
    assert audited(scope, subject_id) == ["sample.create", "sample.cancel"]
    assert lifecycle.claim(scope, task_id) is None, "the next worker ends it"
    assert audited(scope, subject_id)[2:] == ["sample.finish"]


def test_cancel_of_an_ended_task_is_refused(scope: Scope, kind: TaskKind) -> None:
    task_id = enter(scope, kind)
    handling.work(scope, task_id, succeed)
    with pytest.raises(TaskAlreadyFinished, match="succeeded"), tenant_session(scope) as db:
        tasks.cancel(db, task_id)


def test_cancel_of_one_of_a_group_ends_the_others_too(scope: Scope, kind: TaskKind) -> None:
    group_id = new_id()
    queued, running, ended = (enter(scope, kind, group_id=group_id) for _ in range(3))
    claimed(scope, running)
    handling.work(scope, ended, succeed)
    with tenant_session(scope) as db:
        tasks.cancel(db, queued)
    statuses = [task_of(scope, task_id).status for task_id in (queued, running, ended)]
    assert statuses == ["cancelled", "running", "succeeded"]
    assert task_of(scope, running).cancel_requested


def test_task_of_another_tenant_does_not_exist(
    scope: Scope, kind: TaskKind, other_member: Member
) -> None:
    task_id = enter(scope, kind)
    with pytest.raises(TaskNotFound), tenant_session(other_member.scope) as db:
        tasks.cancel(db, task_id)
    with pytest.raises(TaskNotFound):
        lifecycle.claim(other_member.scope, task_id)
    assert task_of(scope, task_id).status == "queued"


def test_task_whose_subject_is_gone_fails_with_what_the_api_would_say(
    scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)

    def look_for(attempt: Attempt) -> tasks.Store:
        raise TaskNotFound(f"There is no sample {attempt.subject_id}.")

    tasks.handles(kind)(look_for)
    run_queued_jobs()
    problem = task_of(scope, task_id).problem
    assert problem is not None
    assert (problem["status"], problem["code"]) == (404, "task_not_found")


def test_handler_that_raises_before_it_has_stored_anything_fails_after_its_last_attempt(
    scope: Scope, kind: TaskKind
) -> None:
    subject_id = new_id()
    task_id = enter(scope, kind, subject_id=subject_id)

    def broken(_attempt: Attempt) -> tasks.Store:
        raise RuntimeError("a bug")

    tasks.handles(kind)(broken)
    run_queued_jobs(raise_unexpected=False)
    row = task_of(scope, task_id)
    assert (row.status, row.attempt) == ("failed", 4)
    assert row.problem is not None
    assert row.problem["code"] == "internal_error"
    assert "a bug" not in str(row.problem)
    assert audited(scope, subject_id) == ["sample.create", "sample.finish"]


def test_handler_that_raises_after_its_own_commit_is_run_again_and_ends_once(
    scope: Scope, kind: TaskKind
) -> None:
    """What it committed by itself is there; the second attempt finds it and goes on."""
    subject_id = new_id()
    task_id = enter(scope, kind, subject_id=subject_id)
    committed: list[int] = []

    def commits_then_raises(attempt: Attempt) -> tasks.Store:
        TaskMonitor(attempt=attempt).report(1, 2, "halfway")
        committed.append(attempt.number)
        if attempt.number == 1:
            raise RuntimeError("after its own commit")
        assert attempt.done == 1
        return nothing

    tasks.handles(kind)(commits_then_raises)
    run_queued_jobs(raise_unexpected=False)
    assert committed == [1, 2]
    assert task_of(scope, task_id).status == "succeeded"
    assert audited(scope, subject_id) == ["sample.create", "sample.finish"]


def test_worker_that_fails_after_the_task_has_ended_changes_nothing(
    scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)
    handling.work(scope, task_id, succeed)
    lifecycle.fail(scope, task_id, RuntimeError("on the way out"))
    assert task_of(scope, task_id).status == "succeeded"


def test_payload_of_another_release_ends_the_task_with_a_clear_problem(
    scope: Scope, kind: TaskKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Older(kind.payload):
        """What the same payload was before: it had a field that is known no more."""

        share: float = 0.5

    Older.__module__, Older.__name__ = kind.payload.__module__, kind.payload.__name__
    older = TaskKind(
        name="sample",
        subject_type="sample",
        noun="sample",
        payload=Older,
        read_permission="runs:read",
        write_permission="runs:write",
    )
    task_id = enter(scope, older)
    tasks.handles(kind)(succeed)
    run_queued_jobs()
    row = task_of(scope, task_id)
    assert row.status == "failed"
    assert row.problem is not None
    assert row.problem["code"] == "payload_unreadable"
    assert "Start it again" in row.problem["detail"]


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_clock_that_jumps_ends_the_task_all_the_same(
    scope: Scope, kind: TaskKind, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    task_id = enter(scope, kind)
    attempt = claimed(scope, task_id)
    monkeypatch.setattr(lifecycle, "now", lambda: datetime.now(UTC) + jump)
    finish(attempt)
    row = task_of(scope, task_id)
    assert row.status == "succeeded"
    assert row.started_at is not None
    assert row.finished_at is not None
    assert row.finished_at >= row.started_at


def test_attempt_that_was_superseded_may_neither_end_nor_report_nor_fail(
    scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)
    old = claimed(scope, task_id)
    new = claimed(scope, task_id)
    for act in (
        lambda: finish(old),
        lambda: TaskMonitor(attempt=old).report(1, 2),
        lambda: TaskMonitor(attempt=old).should_cancel(),
    ):
        with pytest.raises(TaskSuperseded):
            act()
    finish(new)
    assert task_of(scope, task_id).status == "succeeded"


def test_handler_that_raises_after_another_took_over_leaves_the_task_alone(
    scope: Scope, kind: TaskKind
) -> None:
    task_id = enter(scope, kind)

    def taken_over(attempt: Attempt) -> tasks.Store:
        if attempt.number == 1:
            claimed(scope, task_id)
        raise Conflict("It cannot be done.")

    tasks.handles(kind)(taken_over)
    run_queued_jobs()
    row = task_of(scope, task_id)
    assert (row.status, row.attempt, row.problem) == ("running", 2, None)


def test_ends_at_the_same_moment_are_one_end(scope: Scope, kind: TaskKind) -> None:
    """Worker, failure and cancellation race; the row lock lets one of them through."""
    for _ in range(10):
        subject_id = new_id()
        task_id = enter(scope, kind, subject_id=subject_id)
        attempt = claimed(scope, task_id)
        barrier = Barrier(3)
        _race(
            barrier,
            lambda attempt=attempt: finish(attempt),
            lambda task_id=task_id: lifecycle.fail(scope, task_id, Conflict("No.")),
            lambda task_id=task_id: _cancel(scope, task_id),
        )
        assert audited(scope, subject_id).count("sample.finish") == 1
        assert task_of(scope, task_id).status in ("succeeded", "failed")


def _cancel(scope: Scope, task_id: UUID) -> None:
    with tenant_session(scope) as db:
        tasks.cancel(db, task_id)


def _race(barrier: Barrier, *acts: Callable[[], None]) -> None:
    def run(act: Callable[[], None]) -> None:
        barrier.wait(30)
        with suppress(TaskSuperseded, TaskAlreadyFinished):
            act()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_monitor_writes_no_more_than_five_times_a_second(scope: Scope, kind: TaskKind) -> None:
    task_id = enter(scope, kind, total=10)
    moment = 0.0
    monitor = TaskMonitor(attempt=claimed(scope, task_id), clock=lambda: moment)
    monitor.report(1, 10)
    moment = 0.1
    monitor.report(2, 10)
    assert task_of(scope, task_id).done == 1
    moment = 0.2
    monitor.report(3, 10)
    assert task_of(scope, task_id).done == 3
    monitor.report(4, 10, "storing")
    row = task_of(scope, task_id)
    assert (row.done, row.label) == (4, "storing")
