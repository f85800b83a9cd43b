"""A kind of task for tests: nothing but its life; it notes what its owner is told."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from agentverse import tasks
from agentverse.audit.models import AuditEntryRow
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.jobs import registry
from agentverse.platform.scope import Scope
from agentverse.tasks import (
    Attempt,
    TaskKind,
    TaskPayload,
    TaskStatus,
    kinds,
    lifecycle,
    repository,
)
from agentverse.tasks.handling import Handler
from agentverse.tasks.models import TaskRow


class DoSample(TaskPayload):
    """Payload of the kind below."""


class Told:
    """What the owner of the subjects was told, in order."""

    def __init__(self) -> None:
        self.statuses: list[tuple[UUID, TaskStatus]] = []
        self.committed: list[UUID] = []

    def __call__(self, db: TenantSession, subject_id: UUID, status: TaskStatus) -> None:
        self.statuses.append((subject_id, status))
        if status not in tasks.UNFINISHED:
            db.call_after_commit(lambda: self.committed.append(subject_id))

    def of(self, subject_id: UUID) -> list[TaskStatus]:
        return [status for told_id, status in self.statuses if told_id == subject_id]


@contextmanager
def sample_kind(told: Told) -> Generator[TaskKind]:
    """The kind "sample", in a registry of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinds, "_kinds", dict(kinds._kinds))  # pyright: ignore[reportPrivateUsage]
        patch.setattr(registry, "_handlings", {})
        yield tasks.declare(
            TaskKind(
                name="sample",
                subject_type="sample",
                noun="sample",
                payload=DoSample,
                read_permission="runs:read",
                write_permission="runs:write",
                on_status=told,
            )
        )


def enter(scope: Scope, kind: TaskKind, **options: Any) -> UUID:
    with tenant_session(scope) as db:
        return tasks.enter(db, kind, options.pop("subject_id", new_id()), title="A", **options)


def task_of(scope: Scope, task_id: UUID) -> TaskRow:
    with tenant_session(scope, read_only=True) as db:
        return repository.get_task(db, task_id)


def task_of_subject(scope: Scope, subject_id: UUID) -> UUID:
    """The newest task of a population, run, plan …"""
    with tenant_session(scope, read_only=True) as db:
        return tasks.latest(db, [subject_id])[subject_id].id


def work_on(scope: Scope, subject_id: UUID, handler: Handler) -> None:
    """What the worker does with the newest job of a subject, in this thread."""
    tasks.work(scope, task_of_subject(scope, subject_id), handler)


def claim_of_a_dead_worker(scope: Scope, subject_id: UUID) -> Attempt:
    """The hold of a worker that has taken the job and says nothing more."""
    attempt = lifecycle.claim(scope, task_of_subject(scope, subject_id))
    assert attempt is not None
    return attempt


def fail_for_good(scope: Scope, subject_id: UUID) -> None:
    """As after the last attempt."""
    lifecycle.fail(scope, task_of_subject(scope, subject_id), RuntimeError("for good"))


def audited(scope: Scope, subject_id: UUID) -> list[str]:
    """Actions of the audit entries of a subject, oldest first."""
    with tenant_session(scope, read_only=True) as db:
        statement = select(AuditEntryRow.action).where(AuditEntryRow.resource_id == subject_id)
        return list(db.scalars(statement.order_by(AuditEntryRow.id)))
