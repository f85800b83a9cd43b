"""The adapter against a real HTTP server: answers, refusals, silence."""

import asyncio
import socket
import threading
from decimal import Decimal
from typing import Any

import pytest
from factories.llm import Reply, completion, openai_server
from pydantic import SecretStr

from agentverse.llm import errors
from agentverse.llm.providers.base import Message, ProviderAnswer, ProviderRequest, TokenUsage
from agentverse.llm.providers.openai_compatible import OpenAICompatibleProvider

CANARY = "sk-canary-7f3a9b"


def ask(base_url: str, *, total_seconds: float = 10.0) -> ProviderAnswer:
    provider = OpenAICompatibleProvider(
        name="test", model="m", base_url=base_url, api_key=SecretStr(CANARY)
    )
    request = ProviderRequest(
        model="m",
        messages=(Message(role="user", content="Hi"),),
        temperature=0.3,
        max_output_tokens=7,
        connect_seconds=5.0,
        total_seconds=total_seconds,
    )
    return asyncio.run(provider.complete(request))


def test_complete_sends_openai_wire_format_with_the_key() -> None:
    with openai_server(Reply(document=completion())) as server:
        ask(server.base_url)

    (received,) = server.received
    assert received.path == "/v1/chat/completions"
    assert received.headers["Authorization"] == f"Bearer {CANARY}"
    assert received.document == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.3,
        "max_tokens": 7,
        "stream": False,
    }


def test_complete_reads_text_tokens_and_the_providers_cost() -> None:
    # Bytes: Python's own JSON writer would round the cost before we could read it.
    raw = (
        b'{"id":"c","model":"served","choices":[{"message":{"content":"Four."},'
        b'"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":5,'
        b'"prompt_tokens_details":{"cached_tokens":12},'
        b'"completion_tokens_details":{"reasoning_tokens":3},"cost":0.1000000001}}'
    )
    with openai_server(Reply(body=raw)) as server:
        answer = ask(server.base_url)

    assert answer == ProviderAnswer(
        text="Four.",
        finish_reason="stop",
        served_model="served",
        call_id="c",
        usage=TokenUsage(
            input_tokens=20, cached_input_tokens=12, output_tokens=5, reasoning_tokens=3
        ),
        cost_usd=Decimal("0.1000000001"),
    )


@pytest.mark.parametrize(
    ("usage", "tokens", "cost"),
    [
        ({}, None, None),
        ({"prompt_tokens": 3}, None, None),
        ({"prompt_tokens": -1, "completion_tokens": 2}, None, None),
        ({"prompt_tokens": True, "completion_tokens": 2}, None, None),
        (
            {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": None},
            TokenUsage(input_tokens=3, output_tokens=2),
            None,
        ),
        (
            # More cached than asked: some servers count cache writes too.
            {
                "prompt_tokens": 3,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 9},
            },
            TokenUsage(input_tokens=3, cached_input_tokens=3, output_tokens=2),
            None,
        ),
        ({"cost": "0.25"}, None, Decimal("0.25")),
        ({"cost": 0}, None, Decimal(0)),
        ({"cost": -1}, None, None),
        ({"cost": "NaN"}, None, None),
        ({"cost": "much"}, None, None),
        ({"cost": True}, None, None),
    ],
)
def test_complete_takes_only_usable_counts_and_costs(
    usage: dict[str, Any], tokens: TokenUsage | None, cost: Decimal | None
) -> None:
    with openai_server(Reply(document=completion(**usage))) as server:
        answer = ask(server.base_url)

    assert (answer.usage, answer.cost_usd) == (tokens, cost)


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"message": "bad"}, errors.RequestRejected),
        (400, {"code": "context_length_exceeded"}, errors.PromptTooLong),
        (401, {"message": "no"}, errors.CredentialsRefused),
        (402, {"message": "pay"}, errors.CreditExhausted),
        (403, {"message": "no"}, errors.CredentialsRefused),
        (404, {"message": "none"}, errors.ModelUnknown),
        (408, {}, errors.ProviderUnavailable),
        (429, {}, errors.RateLimited),
        (500, {}, errors.ProviderUnavailable),
        (503, {}, errors.ProviderUnavailable),
        (302, {}, errors.RequestRejected),
        # OpenRouter keeps 200 once generation has begun and puts the error into the body.
        (200, {"code": 429, "message": "slow"}, errors.RateLimited),
        (200, {"code": "odd"}, errors.RequestRejected),
    ],
)
def test_complete_when_refused_raises_the_named_error(
    status: int, error: dict[str, Any], expected: type[errors.LlmError]
) -> None:
    reply = Reply(status=status, document={"error": error}, headers={"Location": "/v1/elsewhere"})
    with openai_server(reply) as server, pytest.raises(expected) as caught:
        ask(server.base_url)

    assert type(caught.value) is expected
    assert len(server.received) == 1


def test_complete_when_rate_limited_carries_how_long_to_wait() -> None:
    reply = Reply(status=429, document={"error": {}}, headers={"Retry-After": "17"})
    with openai_server(reply) as server, pytest.raises(errors.RateLimited) as caught:
        ask(server.base_url)

    assert caught.value.extra == {"retry_after_seconds": 17}


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_complete_when_the_provider_repeats_our_key_does_not_pass_it_on(status: int) -> None:
    reply = Reply(status=status, document={"error": {"message": f"bad key {CANARY} given"}})
    with openai_server(reply) as server, pytest.raises(errors.LlmError) as caught:
        ask(server.base_url)

    assert CANARY not in f"{caught.value!r} {caught.value.detail} {caught.value.extra}"
    assert CANARY not in repr(caught.value.__cause__)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>gateway</html>"),
        Reply(body=b""),
        Reply(body=b"[]"),
        Reply(document={"choices": []}),
        Reply(document={"choices": [{"message": {"content": None}}]}),
        Reply(body=b'{"choices":', cut=True),
        Reply(body=b" " * (8 * 1024 * 1024 + 1)),
    ],
)
def test_complete_when_the_answer_cannot_be_read_says_so(reply: Reply) -> None:
    with openai_server(reply) as server, pytest.raises(errors.AnswerUnreadable):
        ask(server.base_url)


def test_complete_when_the_provider_is_silent_stops_at_the_deadline() -> None:
    with (
        openai_server(Reply(document=completion(), hold=threading.Event())) as server,
        pytest.raises(errors.DeadlineExceeded),
    ):
        ask(server.base_url, total_seconds=0.2)


def test_complete_when_nobody_listens_says_what_to_check() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(errors.ProviderUnavailable, match="AGENTVERSE_LLM_BASE_URL"):
        ask(f"http://127.0.0.1:{port}/v1")


def test_provider_in_a_log_line_shows_no_key() -> None:
    provider = OpenAICompatibleProvider(
        name="test", model="m", base_url="http://x", api_key=SecretStr(CANARY)
    )

    assert CANARY not in repr(provider)
