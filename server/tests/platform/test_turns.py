"""Tenants take turns in the queue, whoever queued first or most."""

from itertools import pairwise

import psycopg
import pytest
from sqlalchemy import text

from agentverse.platform.db import engines
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs import registry, rescuing
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.jobs.registry import handles
from agentverse.platform.jobs.testing import FETCH, REGISTER
from agentverse.platform.scope import Scope
from agentverse.platform.wire import WireModel


class Errand(WireModel):
    number: int


@pytest.fixture(autouse=True)
def handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlings", {})

    def nothing(_scope: Scope, _payload: Errand) -> None: ...

    handles(Errand, maximum_attempts=3)(nothing)


def queue(scope: Scope, count: int = 1, *, lock: str | None = None) -> list[int]:
    with tenant_session(scope) as db:
        return [enqueue(db, Errand(number=n), lock=lock) for n in range(count)]


def fetch(*, finish: bool = True) -> tuple[int, str]:
    """What a worker is given next: the job's number and tenant."""
    with engines.current().engine.begin() as connection:
        worker = connection.execute(REGISTER).scalar_one()
        row = connection.execute(FETCH, {"worker": worker}).one()
        if finish:
            connection.execute(rescuing.FINISH, {"number": row.id, "status": "succeeded"})
    return row.id, row.args["scope"]["tenant_id"]


def order(count: int) -> list[str]:
    return [fetch()[1] for _ in range(count)]


def test_late_tenant_does_not_wait_for_all_that_another_has_queued(
    scope: Scope, other_scope: Scope
) -> None:
    queue(scope, 20)
    order(5)
    queue(other_scope, 3)
    served = order(8)
    assert served.count(str(other_scope.tenant_id)) == 3
    assert str(other_scope.tenant_id) in served[:2]


def test_tenant_that_queues_one_after_the_other_starves_nobody(
    scope: Scope, other_scope: Scope
) -> None:
    """B always has one job waiting; A's forty are served one for one all the same."""
    queue(scope, 40)
    served: list[str] = []
    for _ in range(40):
        queue(other_scope)
        served += order(1)
    ours = str(scope.tenant_id)
    assert 19 <= served.count(ours) <= 21
    assert all(ours in pair for pair in pairwise(served))


def test_who_was_idle_has_saved_no_turns_up(scope: Scope, other_scope: Scope) -> None:
    queue(scope, 30)
    order(20)
    queue(other_scope, 10)
    served = order(10)
    assert 4 <= served.count(str(scope.tenant_id)) <= 6


def test_jobs_of_one_tenant_keep_their_order(scope: Scope) -> None:
    queued = queue(scope, 6)
    assert [fetch()[0] for _ in range(6)] == queued


def test_job_that_kills_its_worker_is_tried_again_behind_the_others(
    scope: Scope, other_scope: Scope
) -> None:
    (poison,) = queue(scope)
    assert fetch(finish=False)[0] == poison
    queue(other_scope, 4)
    _silence_workers()
    assert rescuing.rescue(engines.current().engine, 5.0) == 1
    served = [fetch()[0] for _ in range(5)]
    assert served.index(poison) >= 1


def test_job_of_a_lock_keeps_its_place_when_it_is_tried_again(scope: Scope) -> None:
    first, second = queue(scope, 2, lock="one")
    assert fetch(finish=False)[0] == first
    _silence_workers()
    rescuing.rescue(engines.current().engine, 5.0)
    assert [fetch()[0], fetch()[0]] == [first, second]


def test_turn_is_found_by_indexes_however_long_the_queue_is(
    scope: Scope, owner: psycopg.Connection
) -> None:
    queue(scope, 3)
    owner.execute("SET enable_seqscan = off")
    for question in (
        "SELECT max(priority) FROM procrastinate_jobs WHERE status = 'todo'",
        "SELECT min(priority) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') "
        "AND args -> 'scope' ->> 'tenant_id' = 'x'",
    ):
        plan = "\n".join(line for (line,) in owner.execute(f"EXPLAIN {question}".encode()))
        assert "Index" in plan, plan


def _silence_workers() -> None:
    with engines.current().engine.begin() as connection:
        connection.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        )
