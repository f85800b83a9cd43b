"""A provider that misbehaves in every way of the outcome table, whole and streamed, alone and with
a fallback: the whole answer or one clear error, a right ledger, and a process that goes on.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest
from factories.llm import make_model, make_profile
from factories.model_server import (
    HEAD,
    USAGE,
    Behaviour,
    chunked_nonsense,
    closed_port,
    completion,
    count,
    cut,
    events,
    fail,
    huge_body,
    huge_event,
    model_server,
    piece,
    raw,
    reset,
    say,
    silence,
    slow_first_token,
    stall,
    streamed,
)
from sqlalchemy import select

from agentverse.llm.models import AttemptRow, CallRow
from agentverse.platform.clock import now
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope

Ask = Callable[..., Any]

TEXT = "Hello there"
# 1000 × 0.15 + 250 × 0.60 USD per million
COST = Decimal("0.0003000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`alone`: the error where nobody else can answer, None: it is answered all the same."""

    replies: tuple[Behaviour, ...]
    alone: tuple[int, str] | None
    attempts: tuple[str, ...]
    falls_back: bool = True
    cost_source: str = "not_charged"
    in_band: bool = False
    patience_seconds: float = 5

    @property
    def deadlines(self) -> dict[str, Any]:
        """Silence is waited for; no test waits longer than this."""
        return {
            "first_token_seconds": self.patience_seconds,
            "idle_seconds": self.patience_seconds,
            "total_seconds": 20,
        }


CASES: dict[str, Case] = {
    "429 without hint": Case(
        replies=(fail(429),),
        alone=(429, "upstream_rate_limited"),
        attempts=("rate_limited",) * 3,
    ),
    "429 with hint, then well": Case(
        replies=(fail(429, "Retry-After: 0"), say()),
        alone=None,
        attempts=("rate_limited", "succeeded"),
    ),
    "429 with a hint beyond patience": Case(
        replies=(fail(429, "Retry-After: 60"),),
        alone=(429, "upstream_rate_limited"),
        attempts=("rate_limited",),
    ),
    "429 with a date as hint": Case(
        replies=(fail(429, f"Retry-After: {format_datetime(now(), usegmt=True)}"), say()),
        alone=None,
        attempts=("rate_limited", "succeeded"),
    ),
    "402 for money in flight, with hint": Case(
        replies=(
            fail(
                402,
                "Retry-After: 0",
                error={"metadata": {"limit_source": "openrouter_in_flight_budget"}},
            ),
            say(),
        ),
        alone=None,
        attempts=("rate_limited", "succeeded"),
    ),
    "500 once": Case(
        replies=(fail(500), say()), alone=None, attempts=("server_error", "succeeded")
    ),
    "503 for long": Case(
        replies=(fail(503),), alone=(502, "upstream_error"), attempts=("server_error",) * 3
    ),
    "529": Case(replies=(fail(529), say()), alone=None, attempts=("server_error", "succeeded")),
    "reset before headers": Case(
        replies=(reset,),
        alone=(502, "upstream_error"),
        attempts=("reset",) * 2,
        cost_source="estimate",
    ),
    "silence after accept": Case(
        replies=(silence,),
        patience_seconds=0.4,
        alone=(504, "upstream_timeout"),
        attempts=("first_token_timeout",),
        cost_source="estimate",
    ),
    "slow first token behind comments": Case(
        replies=(slow_first_token,),
        patience_seconds=0.4,
        alone=(504, "upstream_timeout"),
        attempts=("first_token_timeout",),
        cost_source="estimate",
    ),
    "cut in mid-stream": Case(
        replies=(cut,),
        alone=(502, "upstream_error"),
        attempts=("cut",) * 2,
        cost_source="estimate",
        in_band=True,
    ),
    "stall in mid-stream": Case(
        replies=(stall,),
        patience_seconds=0.4,
        alone=(504, "upstream_timeout"),
        attempts=("idle_timeout",) * 2,
        cost_source="estimate",
        in_band=True,
    ),
    "chunked nonsense": Case(
        replies=(chunked_nonsense,),
        alone=(502, "upstream_error"),
        attempts=("malformed",) * 2,
        cost_source="estimate",
    ),
    "one malformed event": Case(
        replies=(
            events(
                piece({"content": "Hello "}),
                b"{nonsense",
                piece({"content": "there"}),
                piece({}, "stop"),
                count(USAGE),
            ),
        ),
        alone=None,
        attempts=("succeeded",),
    ),
    "several malformed events": Case(
        replies=(events(b"{nonsense", b"{nonsense"),),
        alone=(502, "upstream_error"),
        attempts=("malformed",) * 2,
        cost_source="estimate",
    ),
    "pieces of another shape": Case(
        replies=(
            events({"choices": [None]}, {"choices": "x"}, piece({"content": TEXT}), count(USAGE)),
        ),
        alone=(502, "upstream_error"),
        attempts=("malformed",) * 2,
        cost_source="estimate",
    ),
    "tool calls of another shape": Case(
        replies=(
            raw(
                200,
                json.dumps({"choices": [{"message": {"tool_calls": ["x"]}}]}).encode(),
                "application/json",
            ),
        ),
        alone=(502, "upstream_error"),
        attempts=("malformed",) * 2,
        cost_source="estimate",
    ),
    "error as event": Case(
        replies=(events({"error": {"code": 500, "message": "broke"}}),),
        alone=(502, "upstream_error"),
        attempts=("server_error",) * 3,
    ),
    "no [DONE] but a reason to stop": Case(
        replies=(events(piece({"content": TEXT}), piece({}, "stop"), count(USAGE), done=False),),
        alone=None,
        attempts=("succeeded",),
    ),
    "no [DONE] and no reason to stop": Case(
        replies=(events(piece({"content": TEXT}), done=False),),
        alone=(502, "upstream_error"),
        attempts=("cut",) * 2,
        cost_source="estimate",
        in_band=True,
    ),
    "[DONE] without a reason to stop": Case(
        replies=(say(finish=None),),
        alone=(502, "upstream_error"),
        attempts=("cut",) * 2,
        cost_source="price_snapshot",
        in_band=True,
    ),
    "context length": Case(
        replies=(fail(400, error={"code": "context_length_exceeded", "message": "too long"}),),
        alone=(400, "context_length_exceeded"),
        attempts=("context_length",),
        falls_back=False,
    ),
    "content refusal as status": Case(
        replies=(fail(400, error={"code": "content_filter", "message": "no"}),),
        alone=(400, "content_filter"),
        attempts=("refused",),
        falls_back=False,
    ),
    "moderation": Case(
        replies=(fail(403, error={"message": "x", "metadata": {"flagged_input": "Hi"}}),),
        alone=(400, "content_filter"),
        attempts=("refused",),
        falls_back=False,
    ),
    "other 400": Case(
        replies=(fail(400, error={"message": "no such thing", "param": "seed"}),),
        alone=(400, "invalid_value"),
        attempts=("rejected",),
        falls_back=False,
    ),
    "401": Case(replies=(fail(401),), alone=(502, "upstream_error"), attempts=("credential",)),
    "402": Case(replies=(fail(402),), alone=(502, "upstream_error"), attempts=("credential",)),
    "403": Case(replies=(fail(403),), alone=(502, "upstream_error"), attempts=("credential",)),
    "404 of the model": Case(
        replies=(fail(404),), alone=(502, "upstream_error"), attempts=("model_missing",)
    ),
    "whole document where events were asked": Case(
        replies=(raw(200, json.dumps(completion()).encode(), "application/json"),),
        alone=None,
        attempts=("succeeded",),
    ),
    "wrong content type": Case(
        replies=(raw(200, json.dumps(completion()).encode(), "text/plain"),),
        alone=None,
        attempts=("succeeded",),
    ),
    "HTML error page": Case(
        replies=(raw(200, b"<html>Bad gateway</html>", "text/html"),),
        alone=(502, "upstream_error"),
        attempts=("malformed",) * 2,
        cost_source="estimate",
    ),
    "empty body": Case(
        replies=(raw(200, b"", "application/json"),),
        alone=(502, "upstream_error"),
        attempts=("malformed",) * 2,
        cost_source="estimate",
    ),
    "whole document without a reason to stop": Case(
        replies=(raw(200, json.dumps(completion(finish=None)).encode(), "application/json"),),
        alone=(502, "upstream_error"),
        attempts=("cut",) * 2,
        cost_source="price_snapshot",
    ),
    "error inside a 200": Case(
        replies=(raw(200, b'{"error": {"code": 429, "message": "slow"}}', "application/json"),),
        alone=(429, "upstream_rate_limited"),
        attempts=("rate_limited",) * 3,
    ),
    "huge body": Case(
        replies=(huge_body,),
        alone=(502, "upstream_error"),
        attempts=("too_large",),
        cost_source="estimate",
    ),
    "huge event": Case(
        replies=(huge_event,),
        alone=(502, "upstream_error"),
        attempts=("too_large",),
        cost_source="estimate",
        in_band=True,
    ),
}


def only_call(scope: Scope) -> tuple[CallRow, list[AttemptRow]]:
    with tenant_session(scope) as db:
        call = db.scalars(select(CallRow)).one()
        attempts = db.scalars(select(AttemptRow).order_by(AttemptRow.number)).all()
    return call, list(attempts)


@pytest.mark.parametrize("name", CASES)
def test_fault_alone_whole(name: str, ask: Ask, scope: Scope) -> None:
    case = CASES[name]
    with model_server(*case.replies) as server:
        model = make_model(server.base_url)
        found = ask(make_profile(model=model, **case.deadlines))

    check_whole(case, found)
    check_ledger(case, scope, case.attempts)


def check_whole(case: Case, found: Any) -> None:
    if case.alone is None:
        assert found.status_code == 200, found.text
        assert found.json()["choices"][0]["message"]["content"] == TEXT
        assert Decimal(found.headers["x-av-cost-usd"]) == COST
        return
    status, code = case.alone
    assert (found.status_code, found.json()["error"]["code"]) == (status, code)
    # Our attempts are used up: the official clients must not multiply them.
    assert found.headers["x-should-retry"] == "false"
    assert ("retry-after" in found.headers) == (status in (429, 503))
    assert found.headers["x-av-attempts"] == str(len(case.attempts))


def check_ledger(case: Case, scope: Scope, outcomes: tuple[str, ...]) -> None:
    call, attempts = only_call(scope)
    assert tuple(attempt.outcome for attempt in attempts) == outcomes
    assert [attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1))
    if case.alone is None:
        assert (call.state, call.cost_usd, call.served_model) == ("succeeded", COST, "primary/m")
        return
    assert (call.state, call.error_code) == ("failed", case.alone[1])
    assert call.cost_source == case.cost_source
    assert call.cost_usd is not None
    assert (call.cost_usd > 0) == (case.cost_source != "not_charged")
    assert call.cost_usd <= call.hold_usd


@pytest.mark.parametrize("name", CASES)
def test_fault_alone_streamed(name: str, ask: Ask, scope: Scope) -> None:
    case = CASES[name]
    with model_server(*case.replies) as server:
        model = make_model(server.base_url)
        found = ask(make_profile(model=model, **case.deadlines), stream=True)

    if case.alone is None:
        assert found.status_code == 200
        assert streamed(found.text) == (TEXT, None, True)
        check_ledger(case, scope, case.attempts)
        return
    status, code = case.alone
    if not case.in_band:
        assert (found.status_code, found.json()["error"]["code"]) == (status, code)
        check_ledger(case, scope, case.attempts)
        return
    # A part had been delivered: one event tells the failure, and nothing says [DONE].
    assert found.status_code == 200
    _, error, done = streamed(found.text)
    assert error is not None
    assert (error["code"], done) == (code, False)
    # What was delivered cannot be taken back, so nobody is asked again.
    check_ledger(case, scope, case.attempts[:1])


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", CASES)
def test_fault_with_fallback(name: str, stream: bool, ask: Ask, scope: Scope) -> None:
    case = CASES[name]
    with model_server(*case.replies) as server, model_server() as backup_server:
        model = make_model(server.base_url)
        backup = make_model(backup_server.base_url, provider="backup", model="b")
        profile = make_profile(model=model, fallback_models=[backup], **case.deadlines)
        found = ask(profile, stream=stream)

    delivered = stream and case.in_band
    call, attempts = only_call(scope)
    if case.alone is not None and case.falls_back and not delivered:
        assert found.status_code == 200, found.text
        assert found.headers["x-av-served-model"] == "backup/b"
        assert (call.state, call.served_model, call.cost_usd) == ("succeeded", "backup/b", COST)
        assert [a.outcome for a in attempts] == [*case.attempts, "succeeded"]
        assert (attempts[-1].provider, attempts[-1].model) == ("backup", "b")
        text = streamed(found.text)[0] if stream else words_of(found)
        assert text == TEXT
    else:
        assert backup_server.received == []


def words_of(found: Any) -> str:
    return found.json()["choices"][0]["message"]["content"]


def test_connection_refused_is_tried_once_more_and_costs_nothing(ask: Ask, scope: Scope) -> None:
    found = ask(make_profile(model=make_model(closed_port())))

    assert (found.status_code, found.json()["error"]["code"]) == (502, "upstream_error")
    call, attempts = only_call(scope)
    assert [attempt.outcome for attempt in attempts] == ["connect_failed"] * 2
    assert (call.state, call.cost_usd, call.cost_source) == ("failed", 0, "not_charged")


def test_context_length_goes_to_a_larger_window_only(ask: Ask, scope: Scope) -> None:
    too_long = fail(400, error={"code": "context_length_exceeded", "message": "too long"})
    with model_server(too_long) as server, model_server() as other:
        model = make_model(server.base_url, context_window=1000)
        small = make_model(other.base_url, provider="small", context_window=1000)
        large = make_model(other.base_url, provider="large", context_window=2000)
        found = ask(make_profile(model=model, fallback_models=[small, large]))

    assert found.headers["x-av-served-model"] == "large/m"
    assert found.headers["x-av-attempts"] == "2"


@pytest.mark.parametrize("opted_in", [False, True])
def test_refusal_falls_back_only_where_the_profile_says_so(ask: Ask, opted_in: bool) -> None:
    refusal = fail(400, error={"code": "content_filter", "message": "no"})
    with model_server(refusal) as server, model_server() as other:
        model = make_model(server.base_url)
        backup = make_model(other.base_url, provider="backup")
        found = ask(
            make_profile(model=model, fallback_models=[backup], fallback_on_refusal=opted_in)
        )

    assert found.status_code == (200 if opted_in else 400)


def test_refusal_as_reason_to_stop_surfaces_as_the_provider_said_it(ask: Ask, scope: Scope) -> None:
    with model_server(say("", finish="content_filter")) as server, model_server() as other:
        model = make_model(server.base_url)
        backup = make_model(other.base_url, provider="backup")
        found = ask(make_profile(model=model, fallback_models=[backup]))

    assert found.json()["choices"][0]["finish_reason"] == "content_filter"
    assert only_call(scope)[0].finish_reason == "content_filter"
    assert other.received == []


@pytest.mark.parametrize(
    ("counted", "cost", "source"),
    [
        (None, None, "estimate"),
        ({"prompt_tokens": 0, "completion_tokens": 0}, Decimal(0), "price_snapshot"),
        ({**USAGE, "cost": 0}, Decimal(0), "provider"),
        ({**USAGE, "cost": 0.0123456789}, Decimal("0.0123456789"), "provider"),
    ],
    ids=["missing", "zero", "reported as zero", "reported"],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_usage_missing_or_zero_is_priced_as_what_it_is(
    ask: Ask, scope: Scope, counted: Any, cost: Decimal | None, source: str, stream: bool
) -> None:
    with model_server(say(counted=counted)) as server:
        ask(make_model(server.base_url), stream=stream)

    call, _ = only_call(scope)
    assert (call.state, call.cost_source) == ("succeeded", source)
    assert call.cost_usd is not None
    if cost is None:
        assert 0 < call.cost_usd <= call.hold_usd
    else:
        assert call.cost_usd == cost


def test_flapping_primary_is_answered_every_time(ask: Ask) -> None:
    replies = [fail(500) if number % 2 == 0 else say() for number in range(8)]
    with model_server(*replies) as server:
        profile = make_profile(model=make_model(server.base_url))
        assert [ask(profile).status_code for _ in range(4)] == [200] * 4


def test_fallbacks_are_tried_in_the_order_of_the_profile(ask: Ask, scope: Scope) -> None:
    with model_server(fail(500)) as failing, model_server() as answering:
        chain = [
            make_model(failing.base_url, provider=name, model="m") for name in ("one", "two", "six")
        ]
        last = make_model(answering.base_url, provider="last", model="m")
        profile = make_profile(model=chain[0], fallback_models=[*chain[1:], last], max_retries=0)
        assert ask(profile).status_code == 200

    call, attempts = only_call(scope)
    assert [attempt.provider for attempt in attempts] == ["one", "two", "six", "last"]
    assert call.served_model == "last/m"


def test_text_that_the_database_cannot_hold_is_settled_without_it(ask: Ask, scope: Scope) -> None:
    nul = {**piece({"content": TEXT}), "id": "a\0b"}
    with model_server(events(nul, piece({}, "st\0op"), count(USAGE))) as server:
        found = ask(make_model(server.base_url))

    call, attempts = only_call(scope)
    assert (found.status_code, call.state, call.cost_usd) == (200, "succeeded", COST)
    assert (call.finish_reason, len(attempts)) == ("stop", 1)


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_retries_are_as_many_as_the_profile_says(retries: int, ask: Ask) -> None:
    with model_server(fail(500)) as server:
        profile = make_profile(model=make_model(server.base_url), max_retries=retries)
        assert ask(profile).status_code == 502

    assert len(server.received) == 1 + retries


def test_target_that_fails_rests_and_is_not_asked_any_more(ask: Ask) -> None:
    with model_server(fail(500)) as server:
        profile = make_profile(model=make_model(server.base_url), max_retries=0)
        codes = [ask(profile).json()["error"]["code"] for _ in range(12)]
        resting = ask(profile)

    assert codes == ["upstream_error"] * 10 + ["no_target_available"] * 2
    assert len(server.received) == 10
    assert resting.status_code == 503
    assert int(resting.headers["retry-after"]) >= 1


def test_answer_keeps_every_part_that_was_streamed(ask: Ask) -> None:
    call = {"index": 0, "id": "call_1", "type": "function"}
    with model_server(
        events(
            piece({"role": "assistant", "tool_calls": [{**call, "function": {"name": "look"}}]}),
            piece({"tool_calls": [{"index": 0, "function": {"arguments": '{"at": '}}]}),
            piece({"tool_calls": [{"index": 0, "function": {"arguments": '"sky"}'}}]}),
            piece({"reasoning": "because"}),
            piece({}, "tool_calls"),
            count(USAGE),
        )
    ) as server:
        found = ask(make_model(server.base_url)).json()

    message = found["choices"][0]["message"]
    assert message["tool_calls"] == [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "look", "arguments": '{"at": "sky"}'},
        }
    ]
    assert message["reasoning"] == "because"
    assert found["choices"][0]["finish_reason"] == "tool_calls"
    assert (found["model"], found["usage"]) == (HEAD["model"], USAGE)


@pytest.mark.parametrize("wanted", [False, True])
def test_stream_tells_usage_only_where_it_was_asked_for(ask: Ask, wanted: bool) -> None:
    options = {"stream_options": {"include_usage": True}} if wanted else {}
    with model_server() as server:
        found = ask(make_model(server.base_url), stream=True, **options)

    assert ('"usage"' in found.text) == wanted
    assert server.received[0].document["stream_options"] == {"include_usage": True}
