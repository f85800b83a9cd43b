"""Work ends with the authority of who started it: when it is claimed, and while it runs."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from factories.identity import Member, add_member, suspend
from factories.tasks import enter, task_of

from agentverse import identity, tasks
from agentverse.identity import members, sessions
from agentverse.identity.schemas import MemberUpdate
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.jobs import authority
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import system_scope
from agentverse.tasks import TaskKind, TaskMonitor
from agentverse.tasks.lifecycle import Attempt


@pytest.fixture(autouse=True)
def as_in_the_worker() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authority, "_revalidate", identity.revalidate)
        yield


def suspend_tenant(owner: Member, _maker: Member) -> None:
    suspend(owner.tenant_id)


def remove(owner: Member, maker: Member) -> None:
    with tenant_session(owner.scope) as db:
        members.remove_member(db, maker.user_id)


def demote(owner: Member, maker: Member) -> None:
    with tenant_session(owner.scope) as db:
        members.update_member(db, maker.user_id, MemberUpdate(role="viewer"))


CHANGES: dict[str, Callable[[Member, Member], None]] = {
    "tenant_suspended": suspend_tenant,
    "session_ended": remove,
    "task_forbidden": demote,
}


def problem_of(owner: Member, task_id: UUID) -> tuple[str, str]:
    row = task_of(system_scope(owner.tenant_id), task_id)
    return row.status, (row.problem or {})["code"]


def nothing(_db: TenantSession) -> None:
    """A result without anything to store."""


@pytest.mark.parametrize("code", CHANGES)
def test_queued_work_of_who_lost_the_authority_is_not_begun(
    member: Member, kind: TaskKind, code: str
) -> None:
    maker = add_member(member, "analyst")
    task_id = enter(maker.scope, kind)
    begun: list[Attempt] = []

    def handler(attempt: Attempt) -> tasks.Store:
        begun.append(attempt)
        return nothing

    tasks.handles(kind)(handler)
    CHANGES[code](member, maker)
    run_queued_jobs()
    assert begun == []
    assert problem_of(member, task_id) == ("failed", code)


@pytest.mark.parametrize("code", CHANGES)
def test_running_work_of_who_lost_the_authority_ends_at_its_next_look(
    member: Member, kind: TaskKind, code: str
) -> None:
    maker = add_member(member, "analyst")
    task_id = enter(maker.scope, kind)
    looks: list[bool] = []

    def handler(attempt: Attempt) -> tasks.Store:
        seconds = iter(range(10))
        monitor = TaskMonitor(attempt=attempt, clock=lambda: float(next(seconds)))
        looks.append(monitor.should_cancel())
        CHANGES[code](member, maker)
        looks.append(monitor.should_cancel())
        return nothing

    tasks.handles(kind)(handler)
    run_queued_jobs()
    assert looks == [False], "the second look ended it"
    assert problem_of(member, task_id) == ("failed", code)


def test_work_goes_on_for_who_still_may(member: Member, kind: TaskKind) -> None:
    """The positive control: signing out, or a higher role, ends nothing."""
    maker = add_member(member, "analyst")
    task_id = enter(maker.scope, kind)

    def handler(attempt: Attempt) -> tasks.Store:
        seconds = iter(range(10))
        monitor = TaskMonitor(attempt=attempt, clock=lambda: float(next(seconds)))
        with tenant_session(member.scope) as db:
            members.update_member(db, maker.user_id, MemberUpdate(role="admin"))
            sessions.end_all_of(db, maker.user_id, because="sign_out")
        assert not monitor.should_cancel()
        return nothing

    tasks.handles(kind)(handler)
    run_queued_jobs()
    assert task_of(system_scope(member.tenant_id), task_id).status == "succeeded"
