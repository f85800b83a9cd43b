"""Budgets hold under parallel calls, hang-ups, dead processes and a database that is away."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from factories.databases import database_environment
from factories.identity import Member, bearer
from factories.llm import make_budget, make_ledger, make_model, make_profile
from factories.model_server import ModelServer, model_server, say, silence, usage
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from agentverse import llm
from agentverse.llm.errors import BudgetExceeded
from agentverse.llm.models import BudgetWindowRow, CallRow, UsageHourRow
from agentverse.llm.router import Router
from agentverse.platform.db import engines
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

Ask = Callable[..., Any]

CENT: dict[str, Any] = {"input_usd": Decimal(0), "output_usd": Decimal(1000)}
# 10 output tokens × 1000 USD per million: one cent, and the provider says so.
ONE_CENT = say(counted=usage(5, 10, cost=0.01))


def window(scope: Scope, budget_id: UUID) -> BudgetWindowRow:
    with tenant_session(scope) as db:
        found = select(BudgetWindowRow).where(BudgetWindowRow.budget_id == budget_id)
        return db.scalars(found).one()


def calls(scope: Scope) -> list[CallRow]:
    with tenant_session(scope) as db:
        return list(db.scalars(select(CallRow).order_by(CallRow.id)))


CHILD = """
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID
from agentverse import llm
from agentverse.llm.errors import BudgetExceeded
from agentverse.platform.scope import system_scope

scope, count = system_scope(UUID(sys.argv[1])), int(sys.argv[2])

def call(_):
    try:
        llm.complete(scope, profile="CENT", messages=[llm.Message(role="user", content="Hi")])
    except BudgetExceeded:
        return "refused"
    return "admitted"

with ThreadPoolExecutor(count) as pool:
    print(json.dumps(list(pool.map(call, range(count)))))
llm.close()
"""


def start_child(scope: Scope, database: engines.Database, count: int) -> subprocess.Popen[str]:
    environment = {**os.environ, **database_environment(database.urls)}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(scope.tenant_id), str(count)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_race_of_200_calls_over_two_processes_admits_exactly_100(
    scope: Scope, database: engines.Database
) -> None:
    with model_server(ONE_CENT) as server:
        make_profile("CENT", model=make_model(server.base_url, max_output_tokens=10, **CENT))
        budget = make_budget(scope.tenant_id, "1.00")
        children = [start_child(scope, database, 100) for _ in range(2)]
        found: list[str] = []
        for child in children:
            out, _ = child.communicate(timeout=120)
            found += json.loads(out)

    assert (found.count("admitted"), found.count("refused")) == (100, 100)
    row = window(scope, budget)
    assert (row.spent_usd, row.reserved_usd, row.calls) == (Decimal("1.00"), 0, 100)
    assert len(server.received) == len(calls(scope)) == 100


def test_nested_budgets_refuse_where_the_narrowest_has_no_room(ask: Ask, scope: Scope) -> None:
    run = new_id()
    with model_server(ONE_CENT) as server:
        model = make_model(server.base_url, max_output_tokens=10, **CENT)
        tenant = make_budget(scope.tenant_id, "1.00")
        narrow = make_budget(scope.tenant_id, "0.02", scope="run", scope_id=str(run))
        labels = {"x-av-run-id": str(run)}
        statuses = [ask(model, headers_too=labels).status_code for _ in range(3)]
        outside = ask(model).status_code
        refused = ask(model, headers_too=labels)

    assert (statuses, outside) == ([200, 200, 402], 200)
    error = refused.json()["error"]
    assert refused.headers["x-should-retry"] == "false"
    assert "x-av-call-id" not in refused.headers
    assert (error["code"], error["type"]) == ("budget_exceeded", "insufficient_quota")
    assert error["budget"] == {
        "id": str(narrow),
        "scope": "run",
        "scope_id": str(run),
        "limit_usd": "0.02",
        "spent_usd": "0.02",
        "reserved_usd": "0",
        "resets_at": None,
    }
    # Nothing of a refused call stays held anywhere, and no row says it was made.
    assert window(scope, tenant).spent_usd == Decimal("0.03")
    assert window(scope, tenant).reserved_usd == 0
    assert len(calls(scope)) == 3


@pytest.mark.parametrize(
    ("kind", "header"),
    [("project", "x-av-project-id"), ("run", "x-av-run-id"), ("feature", "x-av-feature")],
)
def test_budget_of_a_label_counts_calls_with_that_label_only(
    ask: Ask, scope: Scope, kind: str, header: str
) -> None:
    label = str(new_id())
    with model_server(ONE_CENT) as server:
        model = make_model(server.base_url, max_output_tokens=10, **CENT)
        make_budget(scope.tenant_id, "0.01", scope=kind, scope_id=label)
        found = [ask(model, headers_too={header: label}).status_code for _ in range(2)]
        other = ask(model, headers_too={header: str(new_id())}).status_code

    assert (found, other) == ([200, 402], 200)


def test_budgets_of_user_and_profile_count_their_own(ask: Ask, scope: Scope) -> None:
    with model_server(ONE_CENT) as server:
        model = make_model(server.base_url, max_output_tokens=10, **CENT)
        profile = make_profile("CENT", model=model)
        make_budget(scope.tenant_id, "0.01", scope="profile", scope_id="CENT")
        make_budget(scope.tenant_id, "0.03", scope="user", scope_id=str(scope.actor.id))
        found = [ask(name).status_code for name in (profile, profile, model, model, model)]

    assert found == [200, 402, 200, 200, 402]


@pytest.mark.parametrize("limits", [{"limit_calls": 2}, {"limit_tokens": 150}])
def test_budget_in_calls_or_tokens_refuses_beyond_them(
    ask: Ask, scope: Scope, limits: dict[str, Any]
) -> None:
    with model_server(say(counted=usage(20, 10))) as server:
        model = make_model(server.base_url, max_output_tokens=50)
        make_budget(scope.tenant_id, "1000", **limits)
        found = [ask(model).status_code for _ in range(3)]

    # A call holds 2 + 32 tokens of input and 50 of output, and uses 30.
    assert found == [200, 200, 402 if "limit_calls" in limits else 200]


def test_budget_of_another_tenant_refuses_nothing(
    ask: Ask, scope: Scope, other_scope: Scope
) -> None:
    del scope
    with model_server(ONE_CENT) as server:
        model = make_model(server.base_url, max_output_tokens=10, **CENT)
        make_budget(other_scope.tenant_id, "0")
        assert ask(model).status_code == 200


def test_refund_of_a_cheap_answer_leaves_room_for_the_next(ask: Ask, scope: Scope) -> None:
    with model_server(say(counted=usage(5, 1))) as server:
        model = make_model(server.base_url, max_output_tokens=10, **CENT)
        budget = make_budget(scope.tenant_id, "0.012")
        assert [ask(model).status_code for _ in range(4)] == [200, 200, 200, 402]

    assert window(scope, budget).spent_usd == Decimal("0.003")
    assert window(scope, budget).reserved_usd == 0


def test_cost_ceiling_of_a_profile_refuses_with_the_arithmetic(ask: Ask, scope: Scope) -> None:
    with model_server() as server:
        model = make_model(server.base_url, max_output_tokens=10, **CENT)
        found = ask(make_profile(model=model, max_cost_per_request_usd="0.005"))

    assert (found.status_code, found.json()["error"]["code"]) == (400, "cost_ceiling_exceeded")
    assert "0.01 USD" in found.json()["error"]["message"]
    assert "0.005 USD" in found.json()["error"]["message"]
    assert (server.received, calls(scope)) == ([], [])


def test_cost_ceiling_shrinks_the_answer_where_the_profile_allows(ask: Ask) -> None:
    with model_server() as server:
        model = make_model(server.base_url, max_output_tokens=10, **CENT)
        settings: dict[str, Any] = {"max_cost_per_request_usd": "0.005", "shrink_max_tokens": True}
        assert ask(make_profile(model=model, **settings)).status_code == 200

    assert server.received[0].document["max_tokens"] == 5


def test_dearest_model_of_the_chain_decides_the_hold(ask: Ask, scope: Scope) -> None:
    with model_server() as server:
        cheap = make_model(server.base_url, max_output_tokens=10)
        dear = make_model(server.base_url, provider="dear", max_output_tokens=10, **CENT)
        ask(make_profile(model=cheap, fallback_models=[dear]))

    (call,) = calls(scope)
    # 34 input tokens × 0.15 and 10 output tokens × 1000 USD per million, each the dearest.
    assert call.hold_usd == Decimal("0.0100051")


@contextmanager
def silent_child(
    scope: Scope, database: engines.Database, server: ModelServer
) -> Generator[subprocess.Popen[str]]:
    with start_child(scope, database, 1) as child:
        assert server.asked.wait(60)
        yield child
        child.send_signal(signal.SIGKILL)


def test_killed_process_has_its_row_and_is_charged_its_hold(
    scope: Scope, database: engines.Database, owner: psycopg.Connection
) -> None:
    with model_server(silence) as server:
        make_profile("CENT", model=make_model(server.base_url, max_output_tokens=10, **CENT))
        budget = make_budget(scope.tenant_id, "1.00")
        with silent_child(scope, database, server):
            (call,) = calls(scope)
            assert call.state == "reserved"
            assert window(scope, budget).reserved_usd == Decimal("0.01")

    # As if its silence had lasted: another process looks for the dead when it starts.
    owner.execute("UPDATE llm_processes SET seen_at = now() - interval '31 seconds'")
    sweep_once()
    (call,) = calls(scope)
    assert (call.state, call.error_code) == ("abandoned", "process_died")
    assert (call.cost_usd, call.cost_source) == (Decimal("0.01"), "estimate")
    row = window(scope, budget)
    assert (row.spent_usd, row.reserved_usd) == (Decimal("0.01"), 0)


def sweep_once() -> None:
    """Open a router that sweeps once, and close it again."""

    async def sweep() -> None:
        router = Router(get_settings())
        await router.open()
        await router.ledger.sweep()
        await router.close()

    asyncio.run(sweep())


def test_live_process_keeps_its_holds(scope: Scope, database: engines.Database) -> None:
    with model_server(silence) as server:
        make_profile("CENT", model=make_model(server.base_url, max_output_tokens=10, **CENT))
        with silent_child(scope, database, server):
            sweep_once()
            assert [call.state for call in calls(scope)] == ["reserved"]


def test_process_declared_dead_while_it_slept_goes_on_under_another_id(
    ask: Ask, scope: Scope, owner: psycopg.Connection
) -> None:
    with model_server() as server:
        model = make_model(server.base_url)
        assert ask(model).status_code == 200
        owner.execute("UPDATE llm_processes SET dead = true")
        assert [ask(model).status_code for _ in range(2)] == [200, 200]

    assert [call.state for call in calls(scope)] == ["succeeded"] * 3
    assert len(server.received) == 3


def test_settled_call_is_never_settled_again(
    ask: Ask, scope: Scope, owner: psycopg.Connection
) -> None:
    with model_server() as server:
        ask(make_model(server.base_url))

    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="already settled"):
        owner.execute("UPDATE llm_calls SET cost_usd = 0")


def test_settlement_that_the_database_refuses_spoils_no_other(scope: Scope) -> None:
    first, second = (UUID(make_ledger(scope, override=name)["call_id"]) for name in ("A", "B"))

    async def settle() -> None:
        router = Router(get_settings())
        await router.open()
        settlements = [settlement(first, "stop"), settlement(second, "st\0op")]
        await asyncio.gather(
            *(router.ledger.settle(scope.tenant_id, found) for found in settlements)
        )
        await router.close()

    asyncio.run(settle())
    reasons = {call.id: (call.state, call.finish_reason) for call in calls(scope)}
    assert reasons == {first: ("succeeded", "stop"), second: ("succeeded", None)}


def settlement(call_id: UUID, finish_reason: str) -> dict[str, Any]:
    return {
        "id": str(call_id),
        "state": "succeeded",
        "finish_reason": finish_reason,
        "cost_usd": 0,
        "cost_source": "free",
        "attempt_count": 0,
        "attempts": [],
        "store": [],
    }


def test_sums_equal_the_rows_they_are_made_of(ask: Ask, scope: Scope) -> None:
    project = str(new_id())
    with model_server(say(), say(counted=usage(7, 3)), say(counted=None)) as server:
        model = make_model(server.base_url)
        for labels in ({}, {"x-av-project-id": project}, {"x-av-feature": "ask"}):
            ask(model, headers_too=labels)

    with tenant_session(scope) as db:
        summed = db.execute(
            select(
                func.sum(UsageHourRow.calls),
                func.sum(UsageHourRow.cost_usd),
                func.sum(UsageHourRow.input_tokens),
            )
        ).one()
        counted = db.execute(
            select(func.count(), func.sum(CallRow.cost_usd), func.sum(CallRow.input_tokens))
        ).one()
    assert tuple(summed) == tuple(counted)


def test_complete_inside_is_refused_like_a_request(scope: Scope, client: TestClient) -> None:
    del client
    with model_server(ONE_CENT) as server:
        make_profile("CENT", model=make_model(server.base_url, max_output_tokens=10, **CENT))
        make_budget(scope.tenant_id, "0.01")
        origin = new_id()
        message = llm.Message(role="user", content="Hi")
        answer = llm.complete(scope, profile="CENT", messages=[message], origin=origin)
        with pytest.raises(BudgetExceeded) as caught:
            llm.complete(scope, profile="CENT", messages=[message], origin=origin)

    assert (answer.text, answer.cost_usd) == ("Hello there", Decimal("0.01"))
    assert caught.value.extra["budget"]["spent_usd"] == "0.01"
    with tenant_session(scope) as db:
        assert llm.usage(db, origin=origin) == llm.Usage(calls=1, cost_usd=Decimal("0.01"))
        nobody = new_id()
        assert llm.usage_of_each(db, [nobody, origin]) == {
            nobody: llm.Usage(calls=0, cost_usd=Decimal(0)),
            origin: llm.Usage(calls=1, cost_usd=Decimal("0.01")),
        }


def test_member_of_no_tenant_gets_in_nowhere(client: TestClient, member: Member) -> None:
    body = {"model": "primary/m", "messages": [{"role": "user", "content": "Hi"}]}
    nobody = client.post("/v1/chat/completions", json=body)
    wrong = client.post(
        "/v1/chat/completions", json=body, headers={"Authorization": "Bearer nonsense"}
    )

    for found in (nobody, wrong):
        assert (found.status_code, found.json()["error"]["code"]) == (401, "invalid_api_key")
    assert client.get("/v1/models", headers=bearer(member)).status_code == 200
