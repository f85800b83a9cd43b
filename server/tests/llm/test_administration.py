"""The administration over HTTP, to the letter of its contract."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories.identity import Member, add_member, bearer, key_bearer
from factories.llm import make_model
from factories.model_server import ModelServer, fail, model_server, say, usage
from fastapi.testclient import TestClient
from sqlalchemy import select

from agentverse import audit
from agentverse.audit.models import AuditEntryRow
from agentverse.identity import platform_tokens
from agentverse.platform.clock import now
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope, system_scope
from agentverse.platform.settings import get_settings

ADMIN = "/api/v1/admin/llm"
Ask = Callable[..., Any]


class Admin:
    """A platform admin's client: `admin.post("/models", …)`."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        token = platform_tokens.issue_to_home_owner(get_settings())
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(self, path: str, expected: int = 201, **body: Any) -> Any:
        return self._checked("POST", path, expected, json=body)

    def patch(self, path: str, expected: int = 200, **body: Any) -> Any:
        return self._checked("PATCH", path, expected, json=body)

    def get(self, path: str, params: dict[str, str] | None = None, **more: Any) -> Any:
        return self._checked("GET", path, 200, params={**(params or {}), **more})

    def refuse(self, path: str, **params: str) -> None:
        self._checked("GET", path, 422, params=params)

    def _checked(self, method: str, path: str, expected: int, **options: Any) -> Any:
        found = self.client.request(method, ADMIN + path, headers=self.headers, **options)
        assert found.status_code == expected, found.text
        return found.json()


@pytest.fixture
def admin(client: TestClient) -> Admin:
    return Admin(client)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as opened:
        yield opened


def offer(admin: Admin, server: ModelServer, provider: str = "primary", **fields: Any) -> Any:
    """A provider with the model `m`."""
    admin.post("/providers", name=provider, base_url=server.base_url, allow_private_network=True)
    prices: dict[str, Any] = {
        "input_usd_per_million": "0.15",
        "output_usd_per_million": "0.6",
    }
    sizes: dict[str, Any] = {"context_window": 1000, "max_output_tokens": 100}
    return admin.post("/models", provider=provider, model="m", **sizes, **{**prices, **fields})


def actions(scope: Scope) -> list[str]:
    with tenant_session(scope) as db:
        rows = db.scalars(select(AuditEntryRow).order_by(AuditEntryRow.id)).all()
    return [row.action for row in rows if row.action.startswith("llm_")]


def test_first_call_of_a_new_installation(admin: Admin, server: ModelServer, ask: Ask) -> None:
    model = offer(admin, server)
    assert model["name"] == "primary/m"
    profile = admin.post("/profiles", profile_key="CHAT", model=model["name"], aliases=["gpt-x"])
    assert (profile["version"], profile["max_retries"]) == (1, 2)

    found = ask("gpt-x")

    assert found.status_code == 200
    call = admin.get(f"/calls/{found.headers['x-av-call-id']}")
    assert (call["state"], call["served_model"], call["provider"]) == (
        "succeeded",
        "primary/m",
        "primary",
    )
    # 1000 × 0.15 + 250 × 0.60 USD per million
    assert (call["cost_usd"], call["cost_source"]) == ("0.0003", "price_snapshot")
    assert call["attempts"][0]["outcome"] == "succeeded"
    assert set(call) >= {"hold_usd", "overhead_ms", "total_ms", "settled_at", "api_key_id"}


def test_changes_are_audited_in_the_installations_stream(
    admin: Admin, server: ModelServer, scope: Scope
) -> None:
    model = offer(admin, server)
    profile = admin.post("/profiles", profile_key="CHAT", model="primary/m")
    admin.patch(f"/models/{model['id']}", input_usd_per_million="0.3")
    admin.patch(f"/profiles/{profile['id']}", temperature=0.5)
    budget = admin.post(
        "/budgets",
        tenant_id=str(scope.tenant_id),
        scope="tenant",
        scope_id=None,
        window="day",
        limit_usd="1.5",
    )
    admin.patch(f"/budgets/{budget['id']}", limit_usd="2")

    assert actions(system_scope(audit.INSTALLATION)) == [
        "llm_provider.create",
        "llm_model.create",
        "llm_profile.create",
        "llm_model.update",
        "llm_profile.update",
    ]
    assert actions(scope) == ["llm_budget.create", "llm_budget.update"]


def test_provider_never_shows_its_key_and_uses_a_new_one_at_once(
    admin: Admin, server: ModelServer, ask: Ask
) -> None:
    made = admin.post(
        "/providers",
        name="keyed",
        base_url=server.base_url,
        api_key="sk-first",
        allow_private_network=True,
    )
    assert made["has_api_key"] is True
    assert "sk-first" not in json.dumps(made)
    sizes: dict[str, Any] = {"context_window": 1000, "max_output_tokens": 100}
    admin.post("/models", provider="keyed", model="m", **sizes, free=True)
    ask("keyed/m")
    admin.patch(f"/providers/{made['id']}", api_key="sk-second")
    ask("keyed/m")

    sent = [exchange.headers["authorization"] for exchange in server.received]
    assert sent == ["Bearer sk-first", "Bearer sk-second"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [("http://127.0.0.1:1/v1", False), ("http://10.0.0.1/v1", False), ("nonsense", True)],
)
def test_provider_at_a_private_or_impossible_address_is_refused(
    admin: Admin, url: str, allowed: bool
) -> None:
    found = admin.post("/providers", 422, name="x", base_url=url, allow_private_network=allowed)

    assert found["errors"][0]["field"] == "base_url"


@pytest.mark.parametrize(
    "body",
    [
        {"provider": "primary", "model": "n", "context_window": 1, "max_output_tokens": 1},
        {"provider": "nobody", "model": "n", "context_window": 1, "max_output_tokens": 1,
         "free": True},
        {"provider": "primary", "model": "n", "context_window": 0, "max_output_tokens": 1,
         "free": True},
        {"provider": "primary", "model": "n", "context_window": 1, "max_output_tokens": 1,
         "free": True, "color": "red"},
        {"provider": "primary", "model": "n", "context_window": 1, "max_output_tokens": 1,
         "input_usd_per_million": "-1", "output_usd_per_million": "1"},
    ],
)  # fmt: skip
def test_impossible_model_is_refused(admin: Admin, server: ModelServer, body: Any) -> None:
    offer(admin, server)
    admin.post("/models", 422, **body)


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "nobody/m"},
        {"fallback_models": ["nobody/m"]},
        {"fallback_models": ["primary/m"]},
        {"aliases": ["primary/m"]},
        {"total_seconds": 0},
        {"max_retries": -1},
        {"project_id": str(new_id())},
    ],
)
def test_impossible_profile_is_refused(admin: Admin, server: ModelServer, fields: Any) -> None:
    offer(admin, server)
    admin.post("/profiles", 422, **{"profile_key": "CHAT", "model": "primary/m", **fields})


def test_profile_edit_makes_a_version_and_clears_what_is_null(
    admin: Admin, server: ModelServer, ask: Ask
) -> None:
    offer(admin, server)
    made = admin.post("/profiles", profile_key="CHAT", model="primary/m", temperature=0.25)
    edited = admin.patch(f"/profiles/{made['id']}", temperature=None, max_tokens=7)
    ask("profile:CHAT")

    assert (edited["version"], edited["temperature"], edited["max_tokens"]) == (2, None, 7)
    assert server.received[0].document["max_tokens"] == 7
    assert "temperature" not in server.received[0].document
    admin.patch(f"/profiles/{made['id']}", 422, model=None)
    admin.patch(f"/profiles/{new_id()}", 404, max_tokens=7)


def test_overrides_hold_project_before_tenant_before_everybody(
    admin: Admin, server: ModelServer, ask: Ask, scope: Scope
) -> None:
    project = str(new_id())
    for name in ("primary", "tenants", "projects"):
        offer(admin, server, name)
    tenant = str(scope.tenant_id)
    admin.post("/profiles", profile_key="CHAT", model="primary/m")
    before = ask("profile:CHAT").headers["x-av-served-model"]
    admin.post("/profiles", profile_key="CHAT", model="tenants/m", tenant_id=tenant)
    admin.post(
        "/profiles", profile_key="CHAT", model="projects/m", tenant_id=tenant, project_id=project
    )
    labelled = {"x-av-project-id": project}

    assert before == "primary/m"
    assert ask("profile:CHAT").headers["x-av-served-model"] == "tenants/m"
    found = ask("profile:CHAT", headers_too=labelled)
    assert found.headers["x-av-served-model"] == "projects/m"


def test_new_price_pays_the_next_call_and_leaves_the_last(
    admin: Admin, server: ModelServer, ask: Ask
) -> None:
    model = offer(admin, server)
    first = ask("primary/m")
    changed = admin.patch(f"/models/{model['id']}", input_usd_per_million="1.15")
    second = ask("primary/m")

    assert changed["price_version"] == 2
    assert first.headers["x-av-cost-usd"] == "0.0003"
    assert second.headers["x-av-cost-usd"] == "0.0013"
    assert admin.get(f"/calls/{first.headers['x-av-call-id']}")["cost_usd"] == "0.0003"


def test_every_version_of_a_price_stays_readable(
    admin: Admin, server: ModelServer, client: TestClient, member: Member
) -> None:
    made = offer(admin, server)
    offer(admin, server, provider="other")
    admin.patch(f"/models/{made['id']}", output_usd_per_million="5")

    found = admin.get("/prices", model_id=made["id"])["items"]
    told = [
        (price["model"], price["version"], price["is_current"], price["rates"][1])
        for price in found
    ]
    output = {"unit": "output", "above_input_tokens": 0}
    assert told == [
        ("primary/m", 1, False, {**output, "usd_per_million": "0.6"}),
        ("primary/m", 2, True, {**output, "usd_per_million": "5"}),
    ]
    assert len(admin.get("/prices")["items"]) == 3
    assert client.get(f"{ADMIN}/prices", headers=bearer(member)).status_code == 403


def test_cache_tells_what_it_keeps_and_whom_it_answered(
    admin: Admin, server: ModelServer, ask: Ask, client: TestClient, member: Member
) -> None:
    offer(admin, server)
    admin.post("/profiles", profile_key="KEPT", model="primary/m", cache_enabled=True)
    for _ in range(3):
        ask("profile:KEPT")
    ask("primary/m")

    whole = admin.get("/cache")
    size = whole.pop("size_bytes")
    assert whole == {"entries": 1, "calls": 4, "cached": 2, "coalesced": 0, "replayed": 0}
    assert size > 100
    own = client.get("/api/v1/llm/cache?profile_key=KEPT", headers=bearer(member)).json()
    assert (own["entries"], own["calls"], own["cached"]) == (1, 3, 2)
    assert admin.get("/cache", tenant_id=str(new_id()))["entries"] == 0


def test_tier_prices_the_whole_call(admin: Admin, ask: Ask) -> None:
    counted = usage(2000, 100, prompt_tokens_details={"cached_tokens": 500})
    with model_server(say(counted=counted)) as server:
        tier = {
            "above_input_tokens": 1000,
            "input_usd_per_million": "2",
            "output_usd_per_million": "10",
            "cached_input_usd_per_million": "0.5",
        }
        offer(admin, server, tiers=[tier])
        found = ask("primary/m")

    # 1500 × 2 + 500 × 0.5 + 100 × 10 USD per million
    assert Decimal(found.headers["x-av-cost-usd"]) == Decimal("0.00425")


def test_budget_shows_what_its_window_has_spent(
    admin: Admin, server: ModelServer, ask: Ask, scope: Scope
) -> None:
    offer(admin, server)
    made = admin.post(
        "/budgets",
        tenant_id=str(scope.tenant_id),
        scope="tenant",
        scope_id=None,
        window="month",
        limit_usd="1",
        time_zone="Asia/Tokyo",
    )
    assert (made["spent_usd"], made["reserved_usd"], made["limit_usd"]) == ("0", "0", "1")
    ask("primary/m")

    found = admin.get(f"/budgets/{made['id']}")
    assert (found["spent_usd"], found["reserved_usd"], found["calls"]) == ("0.0003", "0", 1)
    # The first of the month, midnight in Tokyo: nine hours before UTC's.
    assert found["window_start"].endswith("T15:00:00Z")
    assert found["resets_at"] > found["window_start"]


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": "run", "scope_id": None},
        {"scope": "run", "scope_id": "no id"},
        {"scope": "tenant", "scope_id": "x"},
        {"scope": "nothing", "scope_id": None},
        {"time_zone": "Mars/Base"},
        {"window": "year"},
        {"limit_usd": "-1"},
        {"tenant_id": str(new_id())},
    ],
)
def test_impossible_budget_is_refused(admin: Admin, scope: Scope, fields: Any) -> None:
    body = {
        "tenant_id": str(scope.tenant_id),
        "scope": "tenant",
        "scope_id": None,
        "window": "total",
        "limit_usd": "1",
    }
    admin.post("/budgets", 422, **{**body, **fields})


def test_raised_budget_has_room_until_the_raise_ends(
    admin: Admin, server: ModelServer, ask: Ask, scope: Scope
) -> None:
    offer(admin, server)
    body: dict[str, Any] = {
        "scope": "tenant",
        "scope_id": None,
        "window": "total",
        "limit_usd": "0",
    }
    made = admin.post("/budgets", tenant_id=str(scope.tenant_id), **body)
    statuses = [ask("primary/m").status_code]
    for minutes in (5, -5):
        until = (now() + timedelta(minutes=minutes)).isoformat()
        admin.patch(f"/budgets/{made['id']}", raised_limit_usd="5", raised_until=until)
        statuses.append(ask("primary/m").status_code)

    assert statuses == [402, 200, 402]
    admin.patch(f"/budgets/{made['id']}", 422, raised_until=None)


def test_calls_are_filtered_and_paged(
    admin: Admin, server: ModelServer, ask: Ask, scope: Scope
) -> None:
    offer(admin, server)
    run = str(new_id())
    for labels in ({}, {"x-av-run-id": run}, {"x-av-run-id": run, "x-av-feature": "ask"}):
        ask("primary/m", headers_too=labels)

    first = admin.get("/calls", limit=2)
    rest = admin.get("/calls", limit=2, cursor=first["next_cursor"])
    ids = [call["id"] for call in first["items"] + rest["items"]]
    assert (len(ids), ids, rest["next_cursor"]) == (3, sorted(ids, reverse=True), None)
    assert len(admin.get("/calls", run_id=run)["items"]) == 2
    assert len(admin.get("/calls", feature="ask")["items"]) == 1
    assert len(admin.get("/calls", tenant_id=str(scope.tenant_id))["items"]) == 3
    assert admin.get("/calls", tenant_id=str(new_id()))["items"] == []
    assert admin.get("/calls", state="failed")["items"] == []
    soon = (now() + timedelta(minutes=1)).isoformat()
    assert admin.get("/calls", {"from": soon})["items"] == []
    assert len(admin.get("/calls", to=soon)["items"]) == 3
    admin.refuse("/calls", **{"from": "2026-01-01T00:00:00"})


def test_every_list_is_paged(admin: Admin, server: ModelServer, scope: Scope) -> None:
    for number in range(3):
        offer(admin, server, provider=f"p{number}")
        tenant_id = str(scope.tenant_id)
        key, model = f"OWN{number}", f"p{number}/m"
        admin.post("/profiles", profile_key=key, model=model, tenant_id=tenant_id)
        admin.post("/budgets", limit_usd="1", tenant_id=tenant_id, scope="tenant", window="day")

    for path in ("/providers", "/models", "/profiles", "/budgets"):
        whole = [found["id"] for found in admin.get(path)["items"]]
        pages: list[str] = []
        page = admin.get(path, limit=2)
        while page["next_cursor"]:
            pages += [found["id"] for found in page["items"]]
            page = admin.get(path, limit=2, cursor=page["next_cursor"])
        assert [*pages, *(found["id"] for found in page["items"])] == whole, path
        assert len(whole) >= 3
        admin.refuse(path, limit="0")
        admin.refuse(path, cursor="made up")


def test_costs_sum_what_was_called(admin: Admin, ask: Ask, scope: Scope) -> None:
    run = str(new_id())
    started = now().isoformat()
    with model_server(say(), say(), fail(400)) as server:
        offer(admin, server)
        for labels in ({"x-av-run-id": run}, {"x-av-feature": "ask"}, {}):
            ask("primary/m", headers_too=labels)

    whole = {
        "calls": 3,
        "cost_usd": "0.0006",
        "input_tokens": 2000,
        "output_tokens": 500,
        "unknown_cost_calls": 0,
    }
    assert admin.get("/costs/summary") == whole
    # Part of an hour is read from the calls themselves, and says the same.
    soon = (now() + timedelta(minutes=1)).isoformat()
    assert admin.get("/costs/summary", {"from": started, "to": soon}) == whole
    assert admin.get("/costs/summary", run_id=run)["calls"] == 1
    by_run = admin.get("/costs/report", group_by="run")["rows"]
    assert {row["key"]: row["calls"] for row in by_run} == {run: 1, "": 2}
    by_tenant = admin.get("/costs/report", group_by="tenant")["rows"]
    assert [(row["key"], row["cost_usd"]) for row in by_tenant] == [
        (str(scope.tenant_id), "0.0006")
    ]
    for group in ("project", "feature", "profile", "model", "day", "user", "key"):
        rows = admin.get("/costs/report", group_by=group)["rows"]
        assert sum(row["calls"] for row in rows) == 3
        edges = admin.get("/costs/report", {"from": started}, group_by=group)["rows"]
        assert edges == rows
    admin.refuse("/costs/report", group_by="colour")


def exported(form: str, text: str) -> list[dict[str, Any]]:
    match form:
        case "csv":
            return list(csv.DictReader(io.StringIO(text)))
        case "jsonl":
            return [json.loads(line) for line in text.splitlines()]
        case _:
            return json.loads(text)


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_export_holds_every_call_and_no_formula(
    admin: Admin, server: ModelServer, ask: Ask, form: str
) -> None:
    offer(admin, server)
    for feature in ("=1+1", "plain"):
        ask("primary/m", headers_too={"x-av-feature": feature})
    found = admin.client.get(
        f"{ADMIN}/calls/export", params={"format": form}, headers=admin.headers
    )

    assert found.status_code == 200
    rows = exported(form, found.text)
    first = "'=1+1" if form == "csv" else "=1+1"
    assert [row["feature"] for row in rows] == [first, "plain"]
    assert {row["cost_usd"] for row in rows} == {"0.0003"}


@pytest.mark.parametrize(
    "path", ["/providers", "/models", "/profiles", "/budgets", "/calls", "/costs/summary"]
)
def test_nobody_of_a_tenant_gets_into_the_administration(
    client: TestClient, member: Member, path: str
) -> None:
    for headers in (bearer(member), key_bearer(member), bearer(add_member(member, "admin"))):
        assert client.get(ADMIN + path, headers=headers).status_code == 403
    assert client.get(ADMIN + path).status_code == 401


def test_tenant_sees_and_decides_its_own_and_nothing_of_others(
    admin: Admin,
    server: ModelServer,
    ask: Ask,
    client: TestClient,
    member: Member,
    other_member: Member,
) -> None:
    offer(admin, server)
    own = "/api/v1/llm"
    headers, others = bearer(member), bearer(other_member)
    call_id = ask("primary/m").headers["x-av-call-id"]
    limit = {"scope": "tenant", "window": "day", "limit_usd": "0"}
    made = client.post(f"{own}/budgets", json=limit, headers=headers)
    profile = {"profile_key": "CHAT", "model": "primary/m"}
    override = client.post(f"{own}/profiles", json=profile, headers=headers)

    assert (made.status_code, override.status_code) == (201, 201)
    assert ask("primary/m").status_code == 402
    assert client.get(f"{own}/calls/{call_id}", headers=headers).json()["id"] == call_id
    assert client.get(f"{own}/costs/summary", headers=headers).json()["calls"] == 1
    assert len(client.get(f"{own}/models", headers=headers).json()["items"]) == 1
    for path in (f"/calls/{call_id}", f"/budgets/{made.json()['id']}"):
        assert client.get(own + path, headers=others).status_code == 404
    for path in ("/calls", "/budgets", "/profiles"):
        assert client.get(own + path, headers=others).json()["items"] == []
    assert client.get(f"{own}/costs/summary", headers=others).json()["calls"] == 0
    viewer = bearer(add_member(member, "viewer"))
    assert client.post(f"{own}/budgets", json=limit, headers=viewer).status_code == 403


def test_api_key_is_named_in_its_calls_and_counts_in_its_budget(
    admin: Admin, server: ModelServer, client: TestClient, member: Member
) -> None:
    offer(admin, server)
    headers = key_bearer(member)
    body = {"model": "primary/m", "messages": [{"role": "user", "content": "Hi"}]}

    def call() -> Any:
        return client.post("/v1/chat/completions", json=body, headers=headers)

    first = admin.get(f"/calls/{call().headers['x-av-call-id']}")
    key_id = first["api_key_id"]
    assert key_id is not None
    admin.post(
        "/budgets",
        tenant_id=str(member.tenant_id),
        scope="api_key",
        scope_id=key_id,
        window="total",
        limit_usd="0",
    )
    refused = call()
    assert refused.status_code == 402
    assert refused.json()["error"]["budget"]["scope_id"] == key_id


def test_cache_is_invalidated_for_the_next_call(
    admin: Admin, server: ModelServer, ask: Ask, client: TestClient, member: Member, scope: Scope
) -> None:
    offer(admin, server)
    admin.post("/profiles", profile_key="CHAT", model="primary/m", cache_enabled=True)

    def mark() -> str:
        return ask("profile:CHAT").headers["x-av-cache"]

    found = [mark(), mark()]
    nothing = admin.post("/cache/invalidate", 200, tenant_id=str(new_id()))
    found.append(mark())
    counted = admin.post("/cache/invalidate", 200, profile_key="CHAT")
    found += [mark(), mark()]
    own = client.post("/api/v1/llm/cache/invalidate", json={}, headers=bearer(member))
    found.append(mark())

    assert (nothing, counted, own.json()) == (
        {"invalidated": 0},
        {"invalidated": 1},
        {"invalidated": 1},
    )
    assert found == ["MISS", "HIT", "HIT", "MISS", "HIT", "MISS"]
    assert actions(scope) == ["llm_cache.invalidate"]


def test_profile_is_explained_without_a_call_and_tried_with_one(
    admin: Admin, server: ModelServer, client: TestClient, member: Member
) -> None:
    for name in ("primary", "backup"):
        offer(admin, server, name)
    admin.post("/profiles", profile_key="CHAT", model="primary/m", fallback_models=["backup/m"])
    path, headers = "/api/v1/llm/profiles/CHAT", bearer(member)
    body = {"prompt": "Hi", "max_tokens": 10}
    explained = client.post(f"{path}/explain", json=body, headers=headers).json()
    asked_before = len(server.received)
    tried = client.post(f"{path}/test", json=body, headers=headers).json()

    assert explained == {
        "profile_key": "CHAT",
        "profile_version": 1,
        "models": ["primary/m", "backup/m"],
        # Two bytes, and what a template may add around them.
        "input_tokens": 34,
        "output_tokens": 10,
        # 34 × 0.15 + 10 × 0.60 USD per million
        "hold_usd": "0.0000111",
        "max_cost_per_request_usd": None,
    }
    assert (asked_before, len(server.received)) == (0, 1)
    assert (tried["text"], tried["call"]["cost_usd"]) == ("Hello there", "0.0003")
    assert [attempt["outcome"] for attempt in tried["call"]["attempts"]] == ["succeeded"]
    unknown = client.post("/api/v1/llm/profiles/NOBODY/explain", json=body, headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "model_not_found")
    viewer = bearer(add_member(member, "viewer"))
    assert client.post(f"{path}/test", json=body, headers=viewer).status_code == 403


def test_what_may_be_asked_is_listed_with_prices_and_own_forms(
    client: TestClient, member: Member, admin: Admin
) -> None:
    name = make_model("http://127.0.0.1:9/v1")
    made = client.post(
        "/api/v1/llm/profiles",
        json={"profile_key": "EVENT_COMPILER_VARIABLE_MAP", "model": name},
        headers=bearer(member),
    )
    assert made.status_code == 201, made.text
    models = client.get("/api/v1/llm/available-models", headers=bearer(member)).json()
    (model,) = models["items"]
    assert (model["name"], model["free"], model["priced"]) == (name, False, True)
    assert {rate["unit"]: rate["usd_per_million"] for rate in model["rates"]} == {
        "input": "0.15",
        "output": "0.6",
    }
    keys = client.get("/api/v1/llm/profile-keys", headers=bearer(member)).json()["items"]
    own = {one["profile_key"]: one for one in keys}["EVENT_COMPILER_VARIABLE_MAP"]
    assert (own["is_standard"], own["is_overridden"], own["model"]) == (True, True, name)
    assert sum(one["is_overridden"] for one in keys) == 1
    seeded = {one["profile_key"]: one for one in keys}["DEEP_SEARCH"]
    assert (seeded["temperature"], seeded["max_tokens"]) == (0.5, 2000)
    assert seeded["cache_enabled"]
    assert admin.get("/available-models")["items"] == models["items"]
    assert not any(one["is_overridden"] for one in admin.get("/profile-keys")["items"])
    for name in ("available-models", "profile-keys"):
        assert client.get(f"{ADMIN}/{name}", headers=bearer(member)).status_code == 403
