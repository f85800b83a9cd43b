"""Budgets tell of each threshold once a window, and each of a tenant's addresses once of each."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from factories.identity import Member, bearer
from factories.llm import make_budget, make_model
from factories.model_server import Exchange, ModelServer, fail, model_server, say, usage
from fastapi.testclient import TestClient
from sqlalchemy import select

from agentverse.llm import jobs
from agentverse.llm.models import AlertDeliveryRow, AlertRow
from agentverse.platform.clock import now
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import JobOutcome, run_queued_jobs
from agentverse.platform.outgoing import webhooks
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

Ask = Callable[..., Any]
assert jobs.deliver_alert  # importing registers the handler, as the worker does

CENT: dict[str, Any] = {"input_usd": Decimal(0), "output_usd": Decimal(1000)}
ONE_CENT = say(counted=usage(20, 10, cost=0.01))
HOOKS = "/api/v1/llm/alert-hooks"


@pytest.fixture
def cent() -> Iterator[str]:
    """A model whose every call costs a cent."""
    with model_server(ONE_CENT) as server:
        yield make_model(server.base_url, max_output_tokens=10, **CENT)


@pytest.fixture
def private_hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever runs the installation allows addresses on this machine."""
    monkeypatch.setenv("AGENTVERSE_WEBHOOKS_TO_PRIVATE_NETWORKS", "true")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


async def accept(exchange: Exchange) -> None:
    exchange.whole(204, b"", "text/plain")


def alerts(scope: Scope) -> list[tuple[int, Decimal]]:
    with tenant_session(scope) as db:
        rows = db.scalars(select(AlertRow).order_by(AlertRow.threshold))
        return [(row.threshold, row.spent_usd) for row in rows]


def deliveries(scope: Scope) -> list[AlertDeliveryRow]:
    with tenant_session(scope) as db:
        return list(db.scalars(select(AlertDeliveryRow)))


def register(client: TestClient, member: Member, url: str, expected: int = 201) -> Any:
    found = client.post(HOOKS, json={"url": url}, headers=bearer(member))
    assert found.status_code == expected, found.text
    return found.json()


def deliver() -> list[JobOutcome]:
    return [found for found in run_queued_jobs() if found.name == "llm.DeliverAlert"]


def test_thresholds_are_told_once_each_as_they_are_reached(
    ask: Ask, cent: str, scope: Scope, client: TestClient, member: Member
) -> None:
    make_budget(scope.tenant_id, "0.10")
    told: list[list[int]] = []
    for _ in range(10):
        assert ask(cent).status_code == 200
        told.append([threshold for threshold, _ in alerts(scope)])

    assert told == [[]] * 4 + [[50]] * 3 + [[50, 80]] * 2 + [[50, 80, 95, 100]]
    listed = client.get("/api/v1/llm/alerts", headers=bearer(member)).json()["items"]
    assert sorted(found["threshold"] for found in listed) == [50, 80, 95, 100]
    assert {found["limit_usd"] for found in listed} == {"0.1"}


def test_thresholds_are_told_once_under_parallel_calls(ask: Ask, cent: str, scope: Scope) -> None:
    make_budget(scope.tenant_id, "0.20")
    with ThreadPoolExecutor(8) as pool:
        statuses = [found.status_code for found in pool.map(ask, [cent] * 24)]

    assert statuses.count(200) == 20
    assert [threshold for threshold, _ in alerts(scope)] == [50, 80, 95, 100]


def test_next_window_tells_again(
    ask: Ask, cent: str, scope: Scope, owner: psycopg.Connection
) -> None:
    make_budget(scope.tenant_id, "0.02", period="day")
    ask(cent)
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    for table in ("llm_budget_windows", "llm_alerts"):
        # As if that had been yesterday.
        statement = f"UPDATE {table} SET window_start = window_start - interval '1 day'"
        owner.execute(statement.encode())
    ask(cent)

    assert alerts(scope) == [(50, Decimal("0.01"))] * 2


@pytest.mark.parametrize("limits", [{"limit_calls": 2}, {"limit_tokens": 50}])
def test_budget_in_calls_or_tokens_tells_too(
    ask: Ask, cent: str, scope: Scope, limits: dict[str, Any]
) -> None:
    make_budget(scope.tenant_id, "1000", **limits)
    ask(cent)

    assert [threshold for threshold, _ in alerts(scope)] == [50]


@pytest.mark.usefixtures("private_hooks")
def test_address_gets_each_alert_once_and_signed(
    ask: Ask, cent: str, scope: Scope, client: TestClient, member: Member
) -> None:
    make_budget(scope.tenant_id, "0.02")
    with model_server(accept) as receiver:
        hook = register(client, member, f"{receiver.base_url}/alerts")
        assert ask(cent).status_code == 200
        assert [found.error for found in deliver()] == [None]
        assert deliver() == []

    (sent,) = receiver.received
    assert is_signed(receiver, hook["secret"])
    assert sent.document["type"] == "llm.budget.threshold_reached"
    assert sent.document["data"]["threshold"] == 50
    assert sent.document["data"]["spent_usd"] == "0.01"
    (delivery,) = deliveries(scope)
    assert (delivery.attempts, delivery.delivered_at is None) == (1, False)


def is_signed(receiver: ModelServer, secret: str) -> bool:
    """As a receiver checks it: over the bytes that came."""
    (sent,) = receiver.received
    expected = webhooks.signature(
        secret,
        message_id=sent.headers["webhook-id"],
        timestamp=int(sent.headers["webhook-timestamp"]),
        body=json.dumps(sent.document, separators=(",", ":")).encode(),
    )
    return expected == sent.headers["webhook-signature"]


def test_signature_is_that_of_the_standard() -> None:
    # The example of the Standard Webhooks specification's reference libraries.
    found = webhooks.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.usefixtures("private_hooks")
def test_address_that_fails_is_tried_again(
    ask: Ask, cent: str, scope: Scope, client: TestClient, member: Member
) -> None:
    make_budget(scope.tenant_id, "0.02")
    with model_server(fail(500), accept) as receiver:
        register(client, member, receiver.base_url)
        ask(cent)
        outcomes = deliver()

    assert [found.error is None for found in outcomes] == [False, True]
    assert "The address answered 500" in str(outcomes[0].error)
    (delivery,) = deliveries(scope)
    assert (delivery.attempts, delivery.last_error) == (2, None)


def test_address_in_a_private_network_is_neither_taken_nor_called(
    client: TestClient, member: Member
) -> None:
    found = register(client, member, "http://169.254.169.254/latest", expected=422)
    assert found["errors"][0]["field"] == "url"
    with model_server(accept) as receiver, pytest.raises(webhooks.WebhookFailed):
        webhooks.send(
            receiver.base_url.replace("127.0.0.1", "localhost"),
            b"{}",
            secret=webhooks.new_secret(),
            message_id="m",
            moment=now(),
            allow_private_network=False,
        )
    assert receiver.received == []


def test_deleted_address_is_told_nothing(
    ask: Ask, cent: str, scope: Scope, client: TestClient, member: Member
) -> None:
    make_budget(scope.tenant_id, "0.02")
    hook = register(client, member, "https://example.org/alerts")
    ask(cent)
    assert len(deliveries(scope)) == 1
    found = client.delete(f"{HOOKS}/{hook['id']}", headers=bearer(member))

    assert found.status_code == 204
    assert [found.error for found in deliver()] == [None]
    assert client.get(HOOKS, headers=bearer(member)).json()["items"] == []
