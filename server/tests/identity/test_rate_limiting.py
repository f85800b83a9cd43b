"""Requests are limited for users, keys, tenants, addresses and questions, in all processes at once.

Quotas are so small that a request comes back only after many seconds: no test waits for one.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from factories.identity import Member, add_member, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient

from agentverse.identity import rate_limiting
from agentverse.platform import settings as settings_module
from agentverse.platform.settings import Settings

SetLimits = Callable[..., None]
ME = "/api/v1/auth/me"


@pytest.fixture
def limit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetLimits]:
    """Sets quotas per minute by the names of their settings."""
    rate_limiting.forget()

    def set_limits(**quotas: int) -> None:
        for name, quota in quotas.items():
            monkeypatch.setenv(f"AGENTVERSE_{name.upper()}_PER_MINUTE", str(quota))
        settings_module.get_settings.cache_clear()

    yield set_limits
    monkeypatch.undo()
    settings_module.get_settings.cache_clear()


def ask_me(client: TestClient, member: Member) -> Any:
    return client.get(ME, headers=bearer(member))


def test_requests_beyond_the_users_limit_are_refused_and_told_when_to_come_again(
    client: TestClient, member: Member, limit: SetLimits
) -> None:
    limit(requests=3)
    answers = [ask_me(client, member) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"user";q=3;w=60'
    left = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
    assert left == ["r=2", "r=1", "r=0", "r=0"]
    refused = answers[3]
    assert refused.json()["code"] == "rate_limited"
    # One of three in a minute comes back every 20 seconds.
    assert 10 <= int(refused.headers["Retry-After"]) <= 20


@pytest.mark.parametrize(("backlog", "seconds"), [(60.0, 20), (45.5, 6), (40.0, None)])
def test_retry_after_says_when_the_next_request_is_let_in(
    client: TestClient,
    member: Member,
    limit: SetLimits,
    owner: psycopg.Connection,
    backlog: float,
    seconds: int | None,
) -> None:
    limit(requests=3)
    assert ask_me(client, member).status_code == 200
    tenant = str(member.scope.tenant_id)
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (tenant,))
    owner.execute(
        "UPDATE rate_limits SET spent_until = clock_timestamp() + make_interval(secs => %s)",
        (backlog,),
    )
    rate_limiting.forget()
    answer = ask_me(client, member)
    if seconds is None:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 429
        assert abs(int(answer.headers["Retry-After"]) - seconds) <= 1


def test_what_one_process_lets_in_is_spent_in_the_others(
    client: TestClient, member: Member, limit: SetLimits
) -> None:
    limit(requests=3)
    found: list[int] = []
    for _ in range(4):
        found.append(ask_me(client, member).status_code)
        # As another process, which has nothing in memory.
        rate_limiting.forget()
    assert found == [200, 200, 200, 429]


def test_racing_requests_get_no_more_than_the_limit(member: Member, limit: SetLimits) -> None:
    limit(requests=6)

    def let_in(_number: int) -> bool:
        rate_limiting.forget()
        allowances = rate_limiting.limit_request(member.scope, address="", rate_class=None)
        return not allowances[0].retry_after_seconds

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(let_in, range(32))) == 6


def test_process_asks_the_database_once_for_a_second_of_requests(
    member: Member, limit: SetLimits, owner: psycopg.Connection
) -> None:
    limit(requests=600)
    spent: list[float] = []
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(member.scope.tenant_id),))
    for _ in range(11):
        rate_limiting.limit_request(member.scope, address="", rate_class=None)
        found = owner.execute("SELECT spent_until FROM rate_limits").fetchone()
        assert found is not None
        spent.append(found[0])
    assert len(set(spent[:10])) == 1
    assert spent[10] > spent[9]


def test_refused_requests_are_not_counted(
    member: Member, limit: SetLimits, owner: psycopg.Connection
) -> None:
    limit(requests=1)
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(member.scope.tenant_id),))
    found: set[Any] = set()
    for _ in range(20):
        rate_limiting.limit_request(member.scope, address="", rate_class=None)
        found |= {row[0] for row in owner.execute("SELECT spent_until FROM rate_limits")}
    assert len(found) == 1


def test_users_of_a_tenant_share_its_limit_and_another_tenant_does_not_feel_it(
    client: TestClient, member: Member, other_member: Member, limit: SetLimits
) -> None:
    limit(requests=3, tenant_requests=4)
    colleague = add_member(member, "viewer")
    found = [ask_me(client, who).status_code for who in (member, colleague) * 2]
    assert found == [200] * 4
    refused = ask_me(client, colleague)
    assert refused.status_code == 429
    assert refused.json()["policy"] == "tenant"
    assert ask_me(client, other_member).status_code == 200


def test_questions_have_a_limit_of_their_own(
    client: TestClient, member: Member, limit: SetLimits
) -> None:
    limit(requests=100, asks=1)
    path, asked = f"/api/v1/projects/{uuid4()}/ask", {"question": "price up 5 %"}
    answers = [client.post(path, json=asked, headers=bearer(member)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 429]
    assert answers[1].json()["policy"] == "ask"
    assert ask_me(client, member).status_code == 200


def test_key_has_a_limit_apart_from_its_makers_and_a_revoked_one_is_told_so_first(
    client: TestClient, member: Member, limit: SetLimits
) -> None:
    limit(requests=3)
    made = client.post(
        "/api/v1/api-keys", json={"name": "k", "scopes": ["projects:read"]}, headers=bearer(member)
    ).json()
    with_key = {"Authorization": f"Bearer {made['key']}"}
    found = [client.get("/api/v1/projects", headers=with_key).status_code for _ in range(4)]
    assert found == [200, 200, 200, 429]
    path = f"/api/v1/api-keys/{made['id']}"
    assert client.delete(path, headers=bearer(member)).status_code == 204
    assert client.get("/api/v1/projects", headers=with_key).status_code == 401


def test_address_is_limited_before_sign_in_only(
    app: FastAPI, client: TestClient, member: Member, limit: SetLimits
) -> None:
    limit(address_requests=3)
    path, wrong = "/api/v1/auth/login", {"email": "x", "password": "wrong wrong wrong"}
    found = [client.post(path, json=wrong).status_code for _ in range(4)]
    assert found[3] == 429
    assert 429 not in found[:3]
    assert client.get("/api/v1/health/live").status_code == 200
    assert ask_me(client, member).status_code == 200
    with TestClient(app, client=("192.0.2.7", 1)) as elsewhere:
        assert elsewhere.post(path, json=wrong).status_code != 429


def test_without_limits_nothing_is_told(client: TestClient, member: Member) -> None:
    answer = ask_me(client, member)
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers
