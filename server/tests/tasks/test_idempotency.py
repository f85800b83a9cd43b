"""Idempotency-Keys: one key, one request, one thing made; each actor's own; not for ever."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from factories.identity import Member, add_member
from factories.tasks import enter
from sqlalchemy import func, select

from agentverse import tasks
from agentverse.platform.clock import now
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import Conflict, IdempotencyConflict
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.tasks import TaskKind, idempotency
from agentverse.tasks.models import IdempotencyKeyRow, TaskRow


def made(scope: Scope, key: str | None = "key", digest: str = "digest") -> UUID:
    """Make something under the key, or find what was made before."""
    resource_id = new_id()
    with tenant_session(scope) as db:
        return tasks.made_before(db, key, digest, resource_id=resource_id) or resource_id


def keys(scope: Scope) -> int:
    with tenant_session(scope, read_only=True) as db:
        return db.scalar(select(func.count()).select_from(IdempotencyKeyRow)) or 0


def test_same_key_with_the_same_request_gives_what_was_made(scope: Scope) -> None:
    assert made(scope) == made(scope)


def test_same_key_with_another_request_is_refused(scope: Scope) -> None:
    made(scope)
    with pytest.raises(IdempotencyConflict, match="other content"):
        made(scope, digest="another")


def test_without_a_key_everything_is_new(scope: Scope) -> None:
    assert made(scope, None) != made(scope, None)
    assert keys(scope) == 0


def test_key_of_another_actor_or_tenant_is_another_key(
    member: Member, other_member: Member
) -> None:
    colleague = add_member(member, "analyst")
    scopes = (member.scope, colleague.scope, other_member.scope)
    assert len({made(scope) for scope in scopes}) == 3


def test_key_of_a_request_that_failed_is_free_again(scope: Scope) -> None:
    with pytest.raises(Conflict), tenant_session(scope) as db:
        tasks.made_before(db, "key", "digest", resource_id=new_id())
        raise Conflict("It cannot be made.")
    resource_id = new_id()
    with tenant_session(scope) as db:
        assert tasks.made_before(db, "key", "another", resource_id=resource_id) is None


def test_key_that_has_expired_may_be_used_anew_and_the_others_are_swept(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(scope)
    made(scope, "left behind")
    later = now() + idempotency.KEPT + timedelta(seconds=1)
    monkeypatch.setattr(idempotency, "now", lambda: later)
    second = made(scope, digest="another")
    assert second != first
    assert made(scope, digest="another") == second
    assert keys(scope) == 1


def test_equal_keys_at_once_make_one_task(scope: Scope, kind: TaskKind) -> None:
    barrier, found = Barrier(6), list[UUID]()

    def send() -> None:
        barrier.wait(30)
        with tenant_session(scope) as db:
            subject_id = new_id()
            known = tasks.made_before(db, "key", "digest", resource_id=subject_id)
            if known is None:
                tasks.enter(db, kind, subject_id, title="A")
            found.append(known or subject_id)

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    with tenant_session(scope, read_only=True) as db:
        assert db.scalars(select(TaskRow.subject_id)).all() == [found[0]]


def test_equal_keys_at_once_where_the_first_fails_make_one_task(
    scope: Scope, kind: TaskKind
) -> None:
    """The second waits for the first; what that one rolls back the second makes."""
    first_has_the_key, second_waits = Barrier(2), list[UUID]()

    def second() -> None:
        first_has_the_key.wait(30)
        second_waits.append(made(scope))

    thread = Thread(target=second)
    thread.start()
    with pytest.raises(Conflict), tenant_session(scope) as db:
        assert tasks.made_before(db, "key", "digest", resource_id=new_id()) is None
        first_has_the_key.wait(30)
        raise Conflict("It cannot be made.")
    thread.join()
    assert len(second_waits) == 1
    assert made(scope) == second_waits[0]
    assert enter(scope, kind)
