"""The `/v1` doors for OpenAI's and Anthropic's clients, as plain ASGI in front of the router.

Not a FastAPI route: echoing only, one of those makes 0.57 of a bare pass-through, this 0.92.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from agentverse.llm import completing, door_contract
from agentverse.llm.asgi import (
    EVENT_STREAM,
    AsgiScope,
    Exchange,
    Headers,
    Receive,
    Send,
    exchange_of,
)
from agentverse.llm.calls import Call, Report
from agentverse.llm.credential_scopes import Credentials
from agentverse.llm.dialects import ChatDialect, Dialect, EmbeddingsDialect, StreamWriter
from agentverse.llm.errors import InvalidValue, LlmError
from agentverse.llm.messages_dialect import MessagesDialect, count_tokens
from agentverse.llm.plans import plain
from agentverse.llm.pricing import ZERO
from agentverse.llm.providers.provider import as_dictionary
from agentverse.llm.requests import CacheDirective, Labels
from agentverse.llm.responses_dialect import ResponsesDialect
from agentverse.llm.router import Router
from agentverse.llm.wire_errors import WireError, error_headers, wire_error
from agentverse.platform.scope import PlatformScope, Scope
from agentverse.platform.settings import Settings, get_settings

logger = logging.getLogger(__name__)

PREFIX = "/v1/"
KEEP_ALIVE_SECONDS = 10.0
LONGEST_FEATURE = 64
LONGEST_IDEMPOTENCY_KEY = 255

AsgiApp = Callable[[AsgiScope, Receive, Send], Any]
DIALECTS: dict[str, Dialect] = {
    "/v1/chat/completions": ChatDialect(),
    "/v1/embeddings": EmbeddingsDialect(),
    "/v1/messages": MessagesDialect(),
    "/v1/responses": ResponsesDialect(),
}
COUNT_TOKENS = "/v1/messages/count_tokens"


class OpenAIDoor:
    """Answers `/v1/…` and passes everything else on to the application behind it."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        authenticate: Callable[[str], Scope | PlatformScope],
        limit: Callable[[Scope], None],
        settings: Settings,
    ) -> None:
        """`limit` counts a request of a scope; raises RateLimited."""
        self._app = app
        self._limit = limit
        self._authenticate = authenticate
        self._settings = settings
        self._credentials: tuple[Router, Credentials] | None = None

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        exchange = exchange_of(scope, receive, send)
        began = time.perf_counter()
        try:
            await self._answer(exchange)
        except Exception as error:
            failure = wire_error(error)
            if failure.code == "internal_error":
                logger.exception("Unexpected error in %s %s", exchange.method, exchange.path)
            if not exchange.started:
                body = _dialect(exchange.path).error(failure, exchange.request_id)
                report = Report(overhead_ms=(time.perf_counter() - began) * 1000)
                headers = [*report_headers(report), *error_headers(failure, None)]
                await exchange.answer(failure.status, headers, body)

    async def _answer(self, exchange: Exchange) -> None:
        if exchange.path == door_contract.PATH:
            await exchange.answer(200, [], orjson.dumps(door_contract.contract()))
            return
        router = completing.serving_router()
        scope = await self._scope(router, exchange.headers)
        settings = get_settings()
        if settings.llm_requests_per_minute or settings.tenant_llm_requests_per_minute:
            # Mostly a look into memory, now and then a statement.
            await asyncio.to_thread(self._limit, scope)
        dialect = DIALECTS.get(exchange.path)
        if exchange.path.startswith("/v1/models"):
            await _answer_models(router, scope, exchange)
        elif dialect is None and exchange.path != COUNT_TOKENS:
            await _refuse(exchange, 404, "There is nothing at this address.")
        elif exchange.method != "POST":
            await _refuse(exchange, 405, "This address takes POST.")
        elif dialect is None:
            body = await exchange.body(self._settings.llm_body_limit_bytes)
            await exchange.answer(200, [], count_tokens(_json(body)))
        else:
            await self._call(router, scope, exchange, dialect)

    async def _scope(self, router: Router, headers: dict[str, str]) -> Scope:
        if self._credentials is None or self._credentials[0] is not router:
            self._credentials = (router, Credentials(self._authenticate))
        return await self._credentials[1].scope(headers)

    async def _call(
        self, router: Router, scope: Scope, exchange: Exchange, dialect: Dialect
    ) -> None:
        body = _json(await exchange.body(self._settings.llm_body_limit_bytes))
        request = dialect.read(body, _labels(exchange))
        call = router.start(scope, request)
        watching = asyncio.create_task(exchange.watch())
        watching.add_done_callback(lambda _: router.leave(call))
        asked = as_dictionary(body)
        try:
            if request.stream:
                await _stream(call, exchange, dialect, asked)
            else:
                await _whole(call, exchange, dialect, asked)
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching


async def _whole(call: Call, exchange: Exchange, dialect: Dialect, asked: dict[str, Any]) -> None:
    await call.ended.wait()
    if call.error is not None:
        await _fail(call, exchange, dialect)
        return
    assert call.document is not None  # noqa: S101 - ended without an error
    cost = ZERO if call.report.cost is None else call.report.cost.usd
    headers = [*report_headers(call.report), (b"x-av-cost-usd", plain(cost).encode())]
    await exchange.answer(200, headers, dialect.whole(call.document, asked, call.report))


async def _stream(call: Call, exchange: Exchange, dialect: Dialect, asked: dict[str, Any]) -> None:
    await call.opened.wait()
    if call.error is not None and call.events.qsize() <= 1:
        await _fail(call, exchange, dialect)
        return
    writer = dialect.stream(call.request, asked, call.report)
    await exchange.start(200, [EVENT_STREAM, *report_headers(call.report)])
    try:
        if begun := writer.begin():
            await exchange.piece(begun)
        await _pass_on(call, exchange, writer)
        last = writer.end() if call.error is None else writer.fail(wire_error(call.error))
    except Exception as error:
        # Whatever breaks here, a live answer ends with its end or with an error.
        logger.exception("A live answer broke for a reason on our side.")
        last = writer.fail(wire_error(error))
    await exchange.piece(last, last=True)


async def _pass_on(call: Call, exchange: Exchange, writer: StreamWriter) -> None:
    ended = False
    while not ended:
        pieces, ended = await _next_pieces(call, writer)
        if pieces:
            await exchange.piece(pieces)


async def _next_pieces(call: Call, writer: StreamWriter) -> tuple[bytes, bool]:
    """All events that are there, or a sign of life where none comes; whether it was the last."""
    try:
        event = await asyncio.wait_for(call.events.get(), KEEP_ALIVE_SECONDS)
    except TimeoutError:
        return writer.keep_alive, False
    pieces: list[bytes] = []
    while event is not None:
        pieces.append(writer.event(event))
        if call.events.empty():
            return b"".join(pieces), False
        event = call.events.get_nowait()
    return b"".join(pieces), True


async def _fail(call: Call, exchange: Exchange, dialect: Dialect) -> None:
    assert call.error is not None  # noqa: S101 - only called then
    failure = wire_error(call.error)
    headers = [*report_headers(call.report), *error_headers(failure, call.report)]
    await exchange.answer(failure.status, headers, dialect.error(failure, exchange.request_id))


def _dialect(path: str) -> Dialect:
    """Whose errors are written at this address."""
    return DIALECTS["/v1/messages" if path.startswith("/v1/messages") else "/v1/chat/completions"]


async def _refuse(exchange: Exchange, status: int, message: str) -> None:
    error = WireError(
        status=status, message=message, type="invalid_request_error", code="not_found"
    )
    body = _dialect(exchange.path).error(error, exchange.request_id)
    await exchange.answer(status, [], body)


def report_headers(report: Report) -> Headers:
    """What every answer tells of its call, as far as it is known."""
    values: dict[str, object] = {
        "x-av-call-id": report.call_id,
        "x-av-profile": report.profile,
        "x-av-served-model": report.served_model,
        "x-av-attempts": report.attempts,
        "x-av-cache": report.cache,
        "x-av-overhead-ms": round(report.overhead_ms, 3),
    }
    return [
        (name.encode(), str(value).encode("latin-1", "replace"))
        for name, value in values.items()
        if value is not None
    ]


async def _answer_models(router: Router, scope: Scope, exchange: Exchange) -> None:
    if exchange.method != "GET":
        await _refuse(exchange, 405, "This address takes GET.")
        return
    catalogue, overrides = await router.catalogue(scope)
    keys = {*catalogue.profiles, *(key for key, _ in overrides)}
    owners = {
        **{name: model.provider.name for name, model in catalogue.models.items()},
        **{f"profile:{key}": "agentverse" for key in sorted(keys)},
        **dict.fromkeys(sorted(catalogue.aliases(overrides)), "agentverse"),
    }
    models = [
        {"id": name, "object": "model", "created": 0, "owned_by": owner}
        for name, owner in owners.items()
    ]
    wanted = exchange.path.removeprefix("/v1/models").removeprefix("/")
    if not wanted:
        await exchange.answer(200, [], orjson.dumps({"object": "list", "data": models}))
        return
    for model in models:
        if model["id"] == wanted:
            await exchange.answer(200, [], orjson.dumps(model))
            return
    error = WireError(
        status=404,
        message=f"There is no model {wanted[:200]!r} here.",
        type="invalid_request_error",
        code="model_not_found",
    )
    await exchange.answer(404, [], error.body())


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidValue(f"The request body is no JSON: {error}.") from error


def _labels(exchange: Exchange) -> Labels:
    headers = exchange.headers
    feature = headers.get("x-av-feature")
    if feature is not None and not 1 <= len(feature) <= LONGEST_FEATURE:
        raise _bad_header("x-av-feature", "must have 1 to 64 characters")
    return Labels(
        project_id=_uuid(headers, "x-av-project-id"),
        run_id=_uuid(headers, "x-av-run-id"),
        feature=feature,
        request_id=exchange.request_id,
        draw=_draw(headers),
        cache=_directive(headers),
        idempotency_key=_idempotency_key(headers),
    )


def _uuid(headers: dict[str, str], name: str) -> UUID | None:
    given = headers.get(name)
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        raise _bad_header(name, "must be a UUID") from None


def _directive(headers: dict[str, str]) -> CacheDirective | None:
    match headers.get("x-av-cache"):
        case None:
            return None
        case "no-store":
            return "no-store"
        case "refresh":
            return "refresh"
        case _:
            raise _bad_header("x-av-cache", "must be `no-store` or `refresh`")


def _idempotency_key(headers: dict[str, str]) -> str | None:
    given = headers.get("idempotency-key")
    if given is not None and not 1 <= len(given) <= LONGEST_IDEMPOTENCY_KEY:
        raise _bad_header("Idempotency-Key", "must have 1 to 255 characters")
    return given


def _draw(headers: dict[str, str]) -> int:
    given = headers.get("x-av-draw", "0")
    if not given.lstrip("-").isdecimal() or len(given) > 18:
        raise _bad_header("x-av-draw", "must be a whole number")
    return int(given)


def _bad_header(name: str, message: str) -> LlmError:
    return InvalidValue(f"The header `{name}` {message}.", param=name)
