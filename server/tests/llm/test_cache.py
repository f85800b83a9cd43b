"""Kept answers: nobody else's, never an outdated one, and one call for many alike."""

import asyncio
import copy
import dataclasses
import time
from collections.abc import Callable
from typing import Any, cast

import psycopg
import pytest
from factories.identity import Member, bearer
from factories.llm import make_model, make_profile
from factories.model_server import ModelServer, fail, model_server, say, streamed
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from agentverse.llm.cache import answer_key
from agentverse.llm.calls import Call
from agentverse.llm.catalogue import (
    ModelEntry,
    Profile,
    ProfileSettings,
    ProviderEntry,
    Target,
)
from agentverse.llm.models import CallRow
from agentverse.llm.plans import make_plan
from agentverse.llm.pricing import FREE
from agentverse.llm.requests import Labels, read_chat
from agentverse.llm.router import Router
from agentverse.llm.single_flight import SingleFlight
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

Ask = Callable[..., Any]


def cached_profile(server: ModelServer, **more: Any) -> str:
    return make_profile(model=make_model(server.base_url), cache_enabled=True, **more)


def states(scope: Scope) -> list[str]:
    with tenant_session(scope) as db:
        return [row.state for row in db.scalars(select(CallRow).order_by(CallRow.id))]


def marks(*answers: Any) -> list[str]:
    return [answer.headers["x-av-cache"] for answer in answers]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_same_request_is_answered_again_without_a_call(
    ask: Ask, scope: Scope, stream: bool
) -> None:
    with model_server() as server:
        profile = cached_profile(server)
        first, second = ask(profile), ask(profile, stream=stream)

    assert (marks(first, second), len(server.received)) == (["MISS", "HIT"], 1)
    assert states(scope) == ["succeeded", "cached"]
    assert second.headers["x-av-served-model"] == "primary/m"
    assert "x-av-call-id" in second.headers
    if stream:
        assert streamed(second.text) == ("Hello there", None, True)
    else:
        assert second.content == first.content
        assert second.headers["x-av-cost-usd"] == "0"


def test_streamed_answer_is_kept_too(ask: Ask) -> None:
    with model_server() as server:
        profile = cached_profile(server)
        assert marks(ask(profile, stream=True), ask(profile)) == ["MISS", "HIT"]


def test_profile_without_cache_and_direct_models_keep_nothing(ask: Ask) -> None:
    with model_server() as server:
        model = make_model(server.base_url)
        profile = make_profile(model=model)
        assert marks(*(ask(name) for name in (profile, profile, model, model))) == ["BYPASS"] * 4
        assert len(server.received) == 4


def test_draws_keep_answers_apart_and_each_again(ask: Ask) -> None:
    with model_server(say("one"), say("two")) as server:
        profile = cached_profile(server)
        found = [ask(profile, headers_too={"x-av-draw": draw}) for draw in ("0", "1", "0", "1")]

    texts = [answer.json()["choices"][0]["message"]["content"] for answer in found]
    assert texts == ["one", "two", "one", "two"]
    assert marks(*found) == ["MISS", "MISS", "HIT", "HIT"]


def test_directives_of_a_request(ask: Ask) -> None:
    with model_server(say("one"), say("two"), say("three")) as server:
        profile = cached_profile(server)
        found = [
            ask(profile, headers_too={"x-av-cache": word} if word else {})
            for word in ("", "no-store", "refresh", "")
        ]

    texts = [answer.json()["choices"][0]["message"]["content"] for answer in found]
    assert texts == ["one", "two", "three", "three"]
    assert marks(*found) == ["MISS", "BYPASS", "MISS", "HIT"]
    wrong = ask(profile, headers_too={"x-av-cache": "maybe"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "invalid_value")


def test_entry_ends_with_its_time_to_live(
    ask: Ask, scope: Scope, owner: psycopg.Connection
) -> None:
    with model_server() as server:
        profile = cached_profile(server, cache_ttl_seconds=60)
        ask(profile)
        owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
        owner.execute("UPDATE llm_cache SET expires_at = now() - interval '1 second'")
        assert marks(ask(profile), ask(profile)) == ["MISS", "HIT"]


def test_fallback_answer_is_kept_under_the_model_that_gave_it(ask: Ask) -> None:
    with model_server(fail(500), say("primary")) as server, model_server(say("backup")) as other:
        backup = make_model(other.base_url, provider="backup")
        profile = cached_profile(server, fallback_models=[backup], max_retries=0)
        first, second = ask(profile), ask(profile)

    assert first.headers["x-av-served-model"] == "backup/m"
    assert (marks(second), second.headers["x-av-served-model"]) == (["MISS"], "primary/m")


def test_broken_and_refused_answers_are_not_kept(ask: Ask) -> None:
    with model_server(fail(400), say("", finish="content_filter"), say()) as server:
        profile = cached_profile(server)
        assert marks(ask(profile), ask(profile), ask(profile), ask(profile)) == [
            *("MISS", "MISS", "MISS", "HIT")
        ]


def test_idempotency_key_repeats_the_answer_and_refuses_another_request(
    ask: Ask, scope: Scope
) -> None:
    key = {"Idempotency-Key": "order-1"}
    with model_server() as server:
        model = make_model(server.base_url)
        first, second = ask(model, headers_too=key), ask(model, headers_too=key)
        other = ask(model, headers_too=key, temperature=1)

    assert (len(server.received), second.content) == (1, first.content)
    assert marks(first, second) == ["MISS", "REPLAY"]
    assert states(scope) == ["succeeded", "replayed"]
    assert (other.status_code, other.json()["error"]["param"]) == (400, "Idempotency-Key")


def test_no_tenant_is_answered_from_anothers_cache(
    client: TestClient, member: Member, other_member: Member
) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    with model_server() as server:
        profile = cached_profile(server)
        found = [
            client.post(
                "/v1/chat/completions", json={"model": profile, **body}, headers=bearer(who)
            )
            for who in (member, other_member, other_member)
        ]

    assert marks(*found) == ["MISS", "MISS", "HIT"]


def test_a_thousand_equal_calls_make_one(scope: Scope) -> None:
    async def work() -> list[Call]:
        router = Router(get_settings())
        await router.open()
        try:
            body = {"model": profile, "messages": [{"role": "user", "content": "Hi"}]}
            calls = [router.start(scope, read_chat(dict(body), Labels())) for _ in range(1000)]
            await asyncio.gather(*(call.ended.wait() for call in calls))
        finally:
            await router.close()
        return calls

    with model_server() as server:
        profile = cached_profile(server)
        calls = asyncio.run(work())

    assert len(server.received) == 1
    documents = [call.document for call in calls]
    assert all(document == documents[0] is not None for document in documents)
    found = states(scope)
    assert (len(found), found.count("succeeded")) == (1000, 1)
    assert set(found) <= {"succeeded", "coalesced", "cached"}


def test_ended_call_is_remembered_while_anybody_looks_and_no_longer(scope: Scope) -> None:
    """However long a look-up takes; and a million calls leave nothing behind."""
    flights, key = SingleFlight(), (scope.tenant_id, "key")
    leader = Call(
        scope, read_chat({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}, Labels())
    )
    flights.lead(key, leader)
    with flights.looking(key), flights.looking(key):
        looked_at = time.monotonic()
        flights.end(key, leader)
        leader.end()
        with flights.looking(key):
            assert flights.leader(key, since=time.monotonic() + 1) is None
        assert flights.leader(key, since=looked_at) is leader
    assert (flights.leader(key, since=looked_at), len(flights)) == (None, 0)


def test_call_that_follows_an_ended_one_leads_until_its_own_end(scope: Scope) -> None:
    flights, key = SingleFlight(), (scope.tenant_id, "key")
    first, second = (
        Call(
            scope,
            read_chat({"model": "m", "messages": [{"role": "user", "content": "Hi"}]}, Labels()),
        )
        for _ in range(2)
    )
    with flights.looking(key):
        flights.lead(key, first)
        flights.end(key, first)
        first.end()
        flights.lead(key, second)
    assert flights.leader(key, since=time.monotonic()) is second
    flights.end(key, first)
    assert len(flights) == 1
    flights.end(key, second)
    assert len(flights) == 0


# --- keys ---------------------------------------------------------------------------------------

MODEL = ModelEntry(
    provider=ProviderEntry(name="p", base_url="http://p"),
    model="m",
    context_window=10_000,
    max_output_tokens=1000,
    price=FREE,
)
PROFILE = Profile(key="CHAT", id=new_id(), version=1, settings=ProfileSettings(cache_enabled=True))
TENANT = new_id()
BODY: dict[str, Any] = {
    "model": "profile:CHAT",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}], "name": "a"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "1"},
    ],
    "temperature": 0.5,
    "top_p": 0.5,
    "n": 2,
    "stop": ["x"],
    "seed": 1,
    "max_tokens": 10,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "logit_bias": {"1": 1},
    "logprobs": True,
    "top_logprobs": 2,
    "user": "u",
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "response_format": {"type": "json_object"},
    "metadata": {"a": "b"},
    "reasoning_effort": "low",
    "service_tier": "auto",
    "top_k": 3,
}


def key_of(
    body: dict[str, Any],
    *,
    tenant: Any = TENANT,
    profile: Profile = PROFILE,
    model: ModelEntry = MODEL,
    draw: int = 0,
) -> str:
    request = read_chat(body, Labels(draw=draw))
    target = Target(profile=profile, settings=profile.settings, models=(model,))
    return answer_key(tenant, make_plan(target, request), request, profile, model)


def leaves(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every value that is no container."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = cast("dict[Any, Any]", value).items()
    elif isinstance(value, list):
        parts = enumerate(cast("list[Any]", value))
    else:
        return [place]
    return [found for key, part in parts for found in leaves(part, (*place, key))]


def changed(place: tuple[Any, ...]) -> dict[str, Any]:
    body = copy.deepcopy(BODY)
    inner: Any = body
    for part in place[:-1]:
        inner = inner[part]
    before = inner[place[-1]]
    if isinstance(before, bool):
        after: Any = not before
    elif isinstance(before, int | float):
        after = before + (1 if isinstance(before, int) else 0.25)
    else:
        after = f"{before}x"
    special = {
        ("response_format", "type"): "text",
        ("service_tier",): "flex",
        ("tools", 0, "type"): None,
        ("tools", 0, "function", "parameters", "type"): "array",
        ("messages", 2, "content"): "text",
        ("messages", 2, "role"): "function",
    }
    inner[place[-1]] = special.get(place, "developer" if place[-1] == "role" else after)
    return body


@pytest.mark.parametrize(
    "place", [p for p in leaves(BODY) if p not in {("model",), ("tools", 0, "type")}], ids=str
)
def test_any_single_field_changes_the_key(place: tuple[Any, ...]) -> None:
    assert key_of(changed(place)) != key_of(BODY)


@pytest.mark.parametrize("name", [n for n in BODY if n not in {"model", "messages", "max_tokens"}])
def test_leaving_a_field_out_changes_the_key(name: str) -> None:
    assert key_of({key: value for key, value in BODY.items() if key != name}) != key_of(BODY)


def test_whatever_else_an_answer_depends_on_changes_the_key() -> None:
    others = [
        key_of(BODY, tenant=new_id()),
        key_of(BODY, draw=1),
        key_of(BODY, profile=dataclasses.replace(PROFILE, version=2)),
        key_of(BODY, profile=dataclasses.replace(PROFILE, key="OTHER")),
        key_of(BODY, profile=dataclasses.replace(PROFILE, id=new_id())),
        key_of(BODY, model=dataclasses.replace(MODEL, model="n")),
        key_of({**BODY, "messages": list(reversed(BODY["messages"]))}),
    ]
    assert len({key_of(BODY), *others}) == len(others) + 1


def test_how_an_answer_is_delivered_does_not_change_the_key() -> None:
    live = {**BODY, "stream": True, "stream_options": {"include_usage": True}}
    assert key_of(live) == key_of(BODY) == key_of(dict(reversed(BODY.items())))


TEXTS = st.text(max_size=20)


@pytest.mark.parametrize("pairs", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_no_pair_of_tenants_shares_a_key(pairs: int) -> None:
    """A false alarm would need a collision of SHA-256."""

    @settings(max_examples=pairs)
    @given(text=TEXTS, other=TEXTS, same=st.booleans(), tenants=st.tuples(st.uuids(), st.uuids()))
    def keys_differ(text: str, other: str, same: bool, tenants: tuple[Any, Any]) -> None:
        if tenants[0] == tenants[1]:
            return
        bodies = [
            {"model": "profile:CHAT", "messages": [{"role": "user", "content": content}]}
            for content in (text, text if same else other)
        ]
        keys = [key_of(body, tenant=who) for body, who in zip(bodies, tenants, strict=True)]
        assert keys[0] != keys[1]

    keys_differ()
