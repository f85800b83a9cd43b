"""The official clients, unmodified, against the real server: what their users do all day."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from factories.databases import database_environment
from factories.identity import Member, make_api_key
from factories.llm import make_budget, make_model, make_profile
from factories.model_server import (
    USAGE,
    ModelServer,
    count,
    cut,
    events,
    fail,
    model_server,
    piece,
    say,
    usage,
)
from pydantic import BaseModel

from agentverse.platform.db import engines

SERVE = """
import sys
import uvicorn
from agentverse.entrypoints.api import create_app

config = uvicorn.Config(
    create_app(), port=int(sys.argv[1]), log_config=None, loop="uvloop", http="httptools"
)
class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print("ready", flush=True)
Server(config).run()
"""
QUESTION: Any = [{"role": "user", "content": "Hi"}]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "look",
        "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
    },
}
CALL = {"index": 0, "id": "call_1", "type": "function"}
TOOL_CALL = events(
    piece({"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "look"}}]}),
    piece({"tool_calls": [{"index": 0, "function": {"arguments": '{"at": '}}]}),
    piece({"tool_calls": [{"index": 0, "function": {"arguments": '"sky"}'}}]}),
    piece({}, "tool_calls"),
    count(USAGE),
)
PIXEL = base64.b64encode(b"\x89PNG").decode()


@pytest.fixture(scope="module")
def server_url(migrated: engines.Database, home: Path) -> Iterator[str]:
    """A real server process on a free port, one for all tests: starting it takes seconds."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        **database_environment(migrated.urls),
        "AGENTVERSE_HOME": str(home),
    }
    command = [sys.executable, "-c", SERVE, str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture
def base_url(server_url: str, database: engines.Database) -> str:
    """The server, beside tables that are emptied after the test."""
    del database
    return server_url


@pytest.fixture
def key(member: Member) -> str:
    return make_api_key(member.scope).key


@pytest.fixture
def chat(base_url: str, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{base_url}/v1", api_key=key)


@pytest.fixture
def claude(base_url: str, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=base_url, api_key=key)


def offer(server: ModelServer, **settings: Any) -> str:
    return make_profile(model=make_model(server.base_url), **settings)


def test_openai_conversation_and_stream(chat: openai.OpenAI) -> None:
    with model_server() as server:
        model = offer(server)
        whole = chat.chat.completions.create(model=model, messages=QUESTION)
        stream = chat.chat.completions.create(
            model=model,
            messages=QUESTION,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = list(stream)

    assert whole.choices[0].message.content == "Hello there"
    assert whole.usage is not None
    assert whole.usage.total_tokens == 1250
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert (text, chunks[-1].usage and chunks[-1].usage.total_tokens) == ("Hello there", 1250)


def test_openai_tools_images_and_embeddings(chat: openai.OpenAI) -> None:
    image: Any = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    with model_server(TOOL_CALL) as server:
        found = chat.chat.completions.create(
            model=offer(server),
            messages=[{"role": "user", "content": [{"type": "text", "text": "See"}, image]}],
            tools=[TOOL],
        )
    calls = found.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].type == "function"
    assert (calls[0].function.name, calls[0].function.arguments) == ("look", '{"at": "sky"}')
    assert server.received[0].document["messages"][0]["content"][1] == image


class Colour(BaseModel):
    name: str


def test_openai_structured_output(chat: openai.OpenAI) -> None:
    with model_server(say('{"name": "blue"}')) as server:
        found = chat.chat.completions.parse(
            model=offer(server), messages=QUESTION, response_format=Colour
        )

    assert found.choices[0].message.parsed == Colour(name="blue")
    assert server.received[0].document["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    ("fault", "raised", "asked"),
    [
        (fail(500), openai.InternalServerError, 3),
        (fail(429), openai.RateLimitError, 3),
        (fail(401), openai.InternalServerError, 1),
        (fail(400, error={"message": "no"}), openai.BadRequestError, 1),
    ],
    ids=["500", "429", "401", "400"],
)
def test_openai_errors_are_its_own_and_never_multiply_our_attempts(
    chat: openai.OpenAI, fault: Any, raised: type[Exception], asked: int
) -> None:
    with model_server(fault) as server:
        model = offer(server)
        with pytest.raises(raised):
            chat.chat.completions.create(model=model, messages=QUESTION)

    # The client would try twice again by itself; `x-should-retry: false` stops it.
    assert len(server.received) == asked


def test_openai_knows_a_spent_budget_a_wrong_key_and_an_unknown_model(
    chat: openai.OpenAI, base_url: str, member: Member
) -> None:
    with pytest.raises(openai.NotFoundError, match="no model or profile"):
        chat.chat.completions.create(model="nobody/m", messages=QUESTION)
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{base_url}/v1", api_key="av_live_nonsense").models.list()
    assert "profile:DEEP_SEARCH" in [model.id for model in chat.models.list()]
    with model_server() as server:
        model = offer(server)
        make_budget(member.tenant_id, "0")
        with pytest.raises(openai.APIStatusError) as caught:
            chat.chat.completions.create(model=model, messages=QUESTION)
    assert (caught.value.status_code, caught.value.code) == (402, "budget_exceeded")
    assert server.received == []


def test_openai_notices_a_live_stream_that_breaks(chat: openai.OpenAI) -> None:
    with model_server(cut) as server:
        stream = chat.chat.completions.create(model=offer(server), messages=QUESTION, stream=True)
        with pytest.raises(openai.APIError):
            list(stream)


def test_openai_responses_whole_and_streamed(chat: openai.OpenAI) -> None:
    with model_server() as server:
        model = offer(server)
        whole = chat.responses.create(
            model=model, input="Hi", instructions="Be brief.", max_output_tokens=50, store=False
        )
        with chat.responses.stream(model=model, input="Hi") as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_response()

    assert (whole.output_text, whole.status) == ("Hello there", "completed")
    assert whole.usage is not None
    assert (whole.usage.input_tokens, whole.usage.output_tokens) == (1000, 250)
    assert (final.output_text, final.status) == ("Hello there", "completed")
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert server.received[0].document["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
    ]


def test_openai_responses_tool_round_trip(chat: openai.OpenAI) -> None:
    tool: Any = {"type": "function", "name": "look", "parameters": {"type": "object"}}
    with model_server(TOOL_CALL, TOOL_CALL, say()) as server:
        model = offer(server)
        first = chat.responses.create(model=model, input="Hi", tools=[tool])
        with chat.responses.stream(model=model, input="Hi", tools=[tool]) as stream:
            streamed = stream.get_final_response()
        call: Any = first.output[0]
        history: Any = [
            {"role": "user", "content": "Hi"},
            call.model_dump(exclude_none=True),
            {"type": "function_call_output", "call_id": call.call_id, "output": "blue"},
        ]
        answer = chat.responses.create(model=model, input=history, tools=[tool])

    assert (call.type, call.name, call.arguments) == ("function_call", "look", '{"at": "sky"}')
    assert streamed.output[0].arguments == call.arguments  # pyright: ignore
    assert answer.output_text == "Hello there"
    sent = server.received[2].document["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool"]
    assert sent[2] == {"role": "tool", "tool_call_id": "call_1", "content": "blue"}


def test_openai_responses_refuses_what_is_not_kept(chat: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="previous_response_id"):
        chat.responses.create(model="x/m", input="Hi", previous_response_id="resp_1")


def test_anthropic_conversation_stream_and_count(claude: anthropic.Anthropic) -> None:
    counted = usage(1000, 250, prompt_tokens_details={"cached_tokens": 400})
    with model_server(say(counted=counted)) as server:
        model = offer(server)
        whole = claude.messages.create(
            model=model, max_tokens=50, system="Be brief.", messages=QUESTION
        )
        with claude.messages.stream(model=model, max_tokens=50, messages=QUESTION) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        tokens = claude.messages.count_tokens(model=model, messages=QUESTION)

    assert whole.content[0].type == "text"
    assert (whole.content[0].text, whole.stop_reason) == ("Hello there", "end_turn")
    assert (whole.usage.input_tokens, whole.usage.cache_read_input_tokens) == (600, 400)
    assert (text, final.stop_reason, final.usage.output_tokens) == ("Hello there", "end_turn", 250)
    assert tokens.input_tokens > 0
    assert server.received[0].document["messages"][0]["role"] == "system"
    assert server.received[0].document["max_tokens"] == 50


def test_anthropic_tool_round_trip_and_image(claude: anthropic.Anthropic) -> None:
    tool: Any = {"name": "look", "input_schema": {"type": "object"}}
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    question: Any = {
        "role": "user",
        "content": [{"type": "image", "source": source}, {"type": "text", "text": "See"}],
    }
    with model_server(TOOL_CALL, TOOL_CALL, say()) as server:
        model = offer(server)
        first = claude.messages.create(
            model=model, max_tokens=50, messages=[question], tools=[tool]
        )
        with claude.messages.stream(
            model=model, max_tokens=50, messages=[question], tools=[tool]
        ) as stream:
            streamed = stream.get_final_message()
        block: Any = first.content[0]
        result: Any = {"type": "tool_result", "tool_use_id": block.id, "content": "blue"}
        history: Any = [
            question,
            {"role": "assistant", "content": [block.model_dump(exclude_none=True)]},
            {"role": "user", "content": [result]},
        ]
        answer = claude.messages.create(model=model, max_tokens=50, messages=history, tools=[tool])

    assert (block.type, block.name, block.input) == ("tool_use", "look", {"at": "sky"})
    assert streamed.content[0].input == block.input  # pyright: ignore
    assert (first.stop_reason, answer.stop_reason) == ("tool_use", "end_turn")
    sent = server.received[2].document["messages"]
    assert sent[0]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert sent[1]["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"at":"sky"}'}
    assert sent[2] == {"role": "tool", "tool_call_id": "call_1", "content": "blue"}


@pytest.mark.parametrize(
    ("fault", "raised", "asked"),
    [
        (fail(500), anthropic.InternalServerError, 3),
        (fail(429), anthropic.RateLimitError, 3),
        (fail(400, error={"message": "no"}), anthropic.BadRequestError, 1),
    ],
    ids=["500", "429", "400"],
)
def test_anthropic_errors_are_its_own_and_never_multiply_our_attempts(
    claude: anthropic.Anthropic, fault: Any, raised: type[Exception], asked: int
) -> None:
    with model_server(fault) as server:
        model = offer(server)
        with pytest.raises(raised):
            claude.messages.create(model=model, max_tokens=5, messages=QUESTION)

    assert len(server.received) == asked


def test_whoever_hangs_up_is_settled(base_url: str, key: str, member: Member) -> None:
    """A client that closes its connection in the middle of a live answer."""
    import time

    from sqlalchemy import select

    from agentverse.llm.models import CallRow
    from agentverse.platform.db.session import tenant_session

    def row() -> CallRow:
        with tenant_session(member.scope) as db:
            return db.scalars(select(CallRow)).one()

    many = [piece({"content": "word "}) for _ in range(200)]

    async def slowly(exchange: Any) -> None:
        import asyncio

        exchange.begin_stream()
        for one in many:
            exchange.event(one)
            await exchange.writer.drain()
            await asyncio.sleep(0.005)
        exchange.event(piece({}, "stop"))
        exchange.event(count(USAGE))
        exchange.event(b"[DONE]")
        exchange.end_stream()

    with model_server(slowly) as server:
        body = {"model": offer(server), "messages": QUESTION, "stream": True}
        headers = {"Authorization": f"Bearer {key}"}
        with httpx2.stream(
            "POST", f"{base_url}/v1/chat/completions", json=body, headers=headers
        ) as answer:
            first = next(answer.iter_bytes())
            assert answer.status_code == 200, first
        deadline = time.monotonic() + 20
        while row().state == "reserved" and time.monotonic() < deadline:
            time.sleep(0.05)

    found = row()
    assert (found.state, found.cost_source, found.output_tokens) == (
        "cancelled",
        "price_snapshot",
        250,
    )
