"""The engine itself: who leaves is settled, edits hold at once, inside and outside are one path."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from factories.llm import make_budget, make_model, make_profile
from factories.model_server import (
    closed_port,
    model_server,
    piece,
    say,
    silence,
    stall,
    usage,
)
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agentverse import llm
from agentverse.identity import rate_limiting
from agentverse.llm.calls import Call
from agentverse.llm.errors import LedgerUnavailable, NoProvider, TickLoopRefused
from agentverse.llm.metrics import METRICS
from agentverse.llm.models import BudgetWindowRow, CallRow, CatalogueRow, ProfileRow
from agentverse.llm.requests import CallRequest, Labels, read_chat
from agentverse.llm.router import Router
from agentverse.llm.wire_errors import wire_error
from agentverse.platform.db import engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.engines import DatabaseUrls, open_database
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings, get_settings

Ask = Callable[..., Any]
Configure = Callable[..., None]
Result = TypeVar("Result")

QUESTION = [llm.Message(role="user", content="What moves adoption?")]


def with_router(work: Callable[[Router], Awaitable[Result]]) -> Result:
    """Run on a router of its own, opened and closed around the work."""

    async def run() -> Result:
        router = Router(get_settings())
        await router.open()
        try:
            return await work(router)
        finally:
            await router.close()

    return asyncio.run(run())


def request(model: str, **fields: Any) -> CallRequest:
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], **fields}
    return read_chat(body, Labels())


def only_call(scope: Scope) -> CallRow:
    with tenant_session(scope) as db:
        return db.scalars(select(CallRow)).one()


def test_caller_who_leaves_pays_what_was_used(scope: Scope) -> None:
    gate = asyncio.Event()

    async def reply(exchange: Any) -> None:
        exchange.begin_stream()
        exchange.event(piece({"content": "Hello "}))
        await exchange.writer.drain()
        while not gate.is_set():
            await asyncio.sleep(0.01)
        exchange.event(piece({"content": "there"}, "stop"))
        exchange.event({"choices": [], "usage": usage(1000, 250)})
        exchange.event(b"[DONE]")
        exchange.end_stream()

    async def work(router: Router) -> Call:
        call = router.start(scope, request(model, stream=True))
        await call.opened.wait()
        router.leave(call)
        gate.set()
        await call.ended.wait()
        return call

    with model_server(reply) as server:
        model = make_model(server.base_url)
        budget = make_budget(scope.tenant_id, "1")
        with_router(work)

    row = only_call(scope)
    assert (row.state, row.cost_source, row.output_tokens) == ("cancelled", "price_snapshot", 250)
    assert row.cost_usd == Decimal("0.0003")
    with tenant_session(scope) as db:
        held = select(BudgetWindowRow).where(BudgetWindowRow.budget_id == budget)
        assert db.scalars(held).one().reserved_usd == 0


@pytest.mark.parametrize("fault", [silence, stall])
def test_router_that_closes_settles_what_runs(scope: Scope, fault: Any) -> None:
    with model_server(fault) as server:
        model = make_model(server.base_url)

        async def work(router: Router) -> Call:
            call = router.start(scope, request(model, stream=True))
            while not server.asked.is_set():
                await asyncio.sleep(0.01)
            return call

        call = with_router(work)

    assert call.error is not None
    row = only_call(scope)
    assert (row.state, row.cost_source) == ("cancelled", "estimate")
    assert row.cost_usd is not None
    assert 0 < row.cost_usd <= row.hold_usd


def test_live_answer_of_a_server_that_stops_ends_in_an_error(scope: Scope) -> None:
    async def work(router: Router) -> Call:
        call = router.start(scope, request(model, stream=True))
        await call.opened.wait()
        router.end_calls()
        await call.ended.wait()
        return call

    with model_server(stall) as server:
        model = make_model(server.base_url)
        call = with_router(work)

    assert call.error is not None
    assert wire_error(call.error).code == "upstream_error"
    assert only_call(scope).state == "cancelled"


def test_ledger_database_down_asks_nobody_and_says_so(
    scope: Scope, settings: Settings, database: engines.Database
) -> None:
    nowhere = {
        role: url.set(host="127.0.0.1", port=int(closed_port().split(":")[2].split("/")[0]))
        for role, url in database.urls.logins.items()
    }
    with model_server() as server:
        model = make_model(server.base_url)
        engines.use(
            open_database(DatabaseUrls(owner=database.urls.owner, logins=nowhere), settings)
        )
        try:

            async def work(router: Router) -> Call:
                call = router.start(scope, request(model))
                await call.ended.wait()
                return call

            call = with_router(work)
        finally:
            engines.current().dispose()
            engines.use(database)

    assert isinstance(call.error, LedgerUnavailable)
    assert server.received == []


def test_tick_loop_is_refused_and_counted(ask: Ask) -> None:

    before = METRICS.tick_loop_refused
    with model_server() as server:
        model = make_model(server.base_url)
        found = ask(model, headers_too={"x-av-feature": "tick_loop"})

    assert (found.status_code, found.json()["error"]["code"]) == (400, TickLoopRefused.code)
    assert METRICS.tick_loop_refused == before + 1
    assert server.received == []


def test_edited_profile_holds_for_the_next_call(ask: Ask) -> None:
    with model_server() as server:
        first = make_model(server.base_url)
        second = make_model(server.base_url, provider="second")
        profile = make_profile("EDITED", model=first)
        before = ask(profile).headers["x-av-served-model"]
        engine = engines.current().engines[DatabaseRole.PLATFORM]
        with Session(engine) as db, db.begin():
            db.execute(
                update(ProfileRow)
                .where(ProfileRow.profile_key == "EDITED")
                .values(version=2, settings={"model": second})
            )
            db.execute(update(CatalogueRow).values(version=CatalogueRow.version + 1))
        after = ask(profile).headers["x-av-served-model"]

    assert (before, after) == (first, second)


def test_profile_speaks_first_and_fills_in_what_is_missing(ask: Ask) -> None:
    with model_server() as server:
        profile = make_profile(
            model=make_model(server.base_url),
            system_prompt="Be brief.",
            temperature=0.25,
            max_tokens=77,
        )
        ask(profile)
        ask(profile, temperature=1.5, max_completion_tokens=9)

    filled, said = (exchange.document for exchange in server.received)
    assert filled["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
    ]
    assert (filled["temperature"], filled["max_tokens"]) == (0.25, 77)
    assert (said["temperature"], said["max_completion_tokens"]) == (1.5, 9)
    assert "max_tokens" not in said


def test_alias_and_model_name_are_asked_like_a_profile(ask: Ask) -> None:
    with model_server() as server:
        model = make_model(server.base_url)
        make_profile(model=model, aliases=["gpt-4o-mini"])
        by_alias, by_name = ask("gpt-4o-mini"), ask(model)

    assert by_alias.headers["x-av-profile"] == "TEST"
    assert "x-av-profile" not in by_name.headers
    assert by_alias.headers["x-av-served-model"] == by_name.headers["x-av-served-model"] == model


def test_error_before_any_call_has_the_headers_of_an_answer(ask: Ask) -> None:
    found = ask("primary/m", temperature=9)

    assert found.status_code == 400
    assert (found.headers["x-av-attempts"], found.headers["x-av-cache"]) == ("0", "BYPASS")
    assert float(found.headers["x-av-overhead-ms"]) > 0
    assert not {"x-av-call-id", "x-av-cost-usd"} & set(found.headers)


@pytest.mark.parametrize("name", ["LLM_REQUESTS", "TENANT_LLM_REQUESTS"])
def test_limit_of_requests_refuses_and_says_when_to_come_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"AGENTVERSE_{name}_PER_MINUTE", "2")
    get_settings.cache_clear()
    rate_limiting.forget()
    with model_server() as server:
        model = make_model(server.base_url)
        found = [ask(model) for _ in range(3)]
    monkeypatch.undo()
    get_settings.cache_clear()

    assert [answer.status_code for answer in found] == [200, 200, 429]
    assert found[2].json()["error"]["code"] == "rate_limit_exceeded"
    assert 1 <= int(found[2].headers["retry-after"]) <= 60
    assert len(server.received) == 2


def test_doors_describe_themselves_to_anybody(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()

    parameters = document["paths"]["/v1/chat/completions"]["post"]
    known = parameters["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert "response_format" in known
    assert "audio" not in known


def test_neither_labels_nor_credential_reach_a_provider(ask: Ask) -> None:
    with model_server() as server:
        ask(
            make_model(server.base_url),
            headers_too={"x-av-feature": "ask", "x-av-draw": "3", "Idempotency-Key": "k-1"},
        )

    sent = server.received[0].headers
    assert not [name for name in sent if name.startswith("x-av-")]
    assert not {"authorization", "idempotency-key", "cookie"} & set(sent)


def test_connections_to_a_provider_are_used_again(ask: Ask) -> None:
    with model_server() as server:
        model = make_model(server.base_url)
        for _ in range(5):
            ask(model)

    assert len(server.received) == 5
    # One is the rule; an end that comes late on a busy machine costs a connection.
    assert server.connections < 5


def test_complete_asks_the_installations_own_model(scope: Scope, configure: Configure) -> None:
    with model_server(say(counted=usage(1000, 250))) as server:
        configure(
            BASE_URL=server.base_url,
            MODEL="m",
            INPUT_USD_PER_MILLION="0.15",
            OUTPUT_USD_PER_MILLION="0.6",
        )
        answer = llm.complete(scope, profile="EXPLANATION_GENERATOR", messages=QUESTION)

    row = only_call(scope)
    assert (answer.call_id, answer.text) == (row.id, "Hello there")
    assert answer.cost_usd == row.cost_usd == Decimal("0.0003")
    assert (row.profile_key, row.profile_version) == ("EXPLANATION_GENERATOR", 1)
    assert (row.actor_kind, row.actor_id) == (scope.actor.kind, scope.actor.id)
    assert row.price is not None
    assert row.price["rates"][0]["usd_per_million"] == "0.15"


def test_complete_without_a_provider_says_what_to_set(scope: Scope, configure: Configure) -> None:
    del configure
    with pytest.raises(NoProvider, match="OPENROUTER_API_KEY"):
        llm.complete(scope, profile="EXPLANATION_GENERATOR", messages=QUESTION)


def test_complete_with_a_script_answers_the_same_every_time(
    scope: Scope, configure: Configure, tmp_path: Path
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"contains": "adoption", "answer": "The price does."}]))
    configure(SCRIPT=script)

    answers = [llm.complete(scope, profile="DEEP_SEARCH", messages=QUESTION).text for _ in range(2)]

    assert answers == ["The price does."] * 2


def test_usage_never_counts_another_tenants_calls(
    ask: Ask, scope: Scope, other_scope: Scope
) -> None:
    with model_server() as server:
        ask(make_model(server.base_url))

    with tenant_session(other_scope) as db:
        assert db.scalars(select(CallRow)).all() == []
    assert only_call(scope).tenant_id == scope.tenant_id
