"""How much work a tenant may have: reserved when it is queued, given back when it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from factories.identity import Member, bearer, platform_scope
from factories.populations import upload
from factories.tasks import enter
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agentverse.identity import platform_tokens, tenant_administration
from agentverse.identity.errors import TenantNotFound
from agentverse.identity.schemas import QuotaLimits
from agentverse.platform import clock
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.ids import least_id_of, new_id
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.populations.datasets import HEATING
from agentverse.tasks import TaskKind, lifecycle
from agentverse.tasks.errors import QuotaReached

API = "/api/v1"


def allow(tenant_id: UUID, **limits: int | None) -> None:
    tenant_administration.set_quotas(
        platform_scope(), tenant_id, QuotaLimits.model_validate(limits)
    )


def test_racing_requests_reserve_no_more_than_the_quota(scope: Scope, kind: TaskKind) -> None:
    allow(scope.tenant_id, unfinished_tasks=5)

    def one(_n: int) -> bool:
        try:
            enter(scope, kind)
        except QuotaReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(20))).count(True) == 5


def test_work_that_ended_gives_its_place_back(
    scope: Scope, other_scope: Scope, kind: TaskKind
) -> None:
    allow(scope.tenant_id, unfinished_tasks=1)
    first = enter(scope, kind)
    with pytest.raises(QuotaReached) as refused:
        enter(scope, kind)
    assert "may have 1 (unfinished_tasks) and has 1" in refused.value.detail
    assert enter(other_scope, kind), "another tenant's work is its own"
    with tenant_session(scope) as db:
        lifecycle.cancel(db, first)
    assert enter(scope, kind)


def test_work_of_a_day_is_counted_when_it_has_ended_too(scope: Scope, kind: TaskKind) -> None:
    allow(scope.tenant_id, tasks_per_day=2)
    for _ in range(2):
        task_id = enter(scope, kind)
        with tenant_session(scope) as db:
            lifecycle.cancel(db, task_id)
    with pytest.raises(QuotaReached) as refused:
        enter(scope, kind)
    assert 0 < refused.value.extra["retry_after_seconds"] <= 24 * 3600


def test_refused_work_leaves_nothing(scope: Scope, kind: TaskKind) -> None:
    allow(scope.tenant_id, unfinished_tasks=0)
    with pytest.raises(AgentVerseError):
        enter(scope, kind)
    with tenant_session(scope, read_only=True) as db:
        assert db.scalar(text("SELECT count(*) FROM tasks")) == 0


def test_only_the_platform_realm_sets_them(
    client: TestClient, member: Member, other_member: Member, settings: Settings
) -> None:
    path = f"{API}/admin/tenants/{member.tenant_id}/quotas"
    assert client.patch(path, json={}, headers=bearer(member)).status_code == 403
    platform = {"Authorization": f"Bearer {platform_tokens.issue_to_home_owner(settings)}"}
    body = {"unfinished_tasks": 7}
    assert client.patch(path, json=body, headers=platform).json() == {
        "unfinished_tasks": 7,
        "tasks_per_day": settings.tasks_per_day,
    }
    own = client.get(f"{API}/organizations/current/quotas", headers=bearer(member)).json()
    assert own["items"][0] == {"name": "unfinished_tasks", "limit": 7, "used": 0}
    other = client.get(f"{API}/organizations/current/quotas", headers=bearer(other_member)).json()
    assert other["items"][0]["limit"] == settings.unfinished_tasks
    back = client.patch(path, json={"unfinished_tasks": None}, headers=platform)
    assert back.json()["unfinished_tasks"] == settings.unfinished_tasks
    assert client.get(path, headers=platform).json() == back.json()
    wrong = client.patch(path, json={"unfinished_tasks": -1}, headers=platform)
    assert wrong.status_code == 422
    with pytest.raises(TenantNotFound):
        allow(new_id(), unfinished_tasks=1)


@pytest.mark.parametrize(
    "change", ["DELETE FROM tenant_quotas", "UPDATE tenant_quotas SET tasks = 1000000"]
)
def test_the_app_role_changes_no_quota(scope: Scope, change: str) -> None:
    allow(scope.tenant_id, unfinished_tasks=1)
    with pytest.raises(DBAPIError, match="permission denied"), tenant_session(scope) as db:
        db.execute(text(change))


def test_request_beyond_the_quota_is_429_and_says_which(client: TestClient, member: Member) -> None:
    population_id = upload(member.scope)
    allow(member.tenant_id, unfinished_tasks=0)
    answer = client.post(
        f"{API}/populations/{population_id}/import",
        json={"mapping": HEATING.mapping.model_dump(mode="json")},
        headers=bearer(member),
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_reached")
    assert answer.json()["quota"] == "unfinished_tasks"


def test_least_id_of_a_moment_is_before_the_ids_made_then() -> None:
    moment = clock.now()
    made = new_id()
    assert least_id_of(moment) <= made < least_id_of(moment + timedelta(seconds=10))
