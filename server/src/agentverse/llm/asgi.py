"""What the model doors share of ASGI: bodies in, answers out, and noticing who has left."""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, cast

from agentverse.platform.errors import BodyTooLarge
from agentverse.platform.ids import new_id
from agentverse.platform.settings import MEBIBYTE

Message = MutableMapping[str, Any]
AsgiScope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
JSON = (b"content-type", b"application/json")
EVENT_STREAM = (b"content-type", b"text/event-stream; charset=utf-8")
ALWAYS: Headers = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    headers: dict[str, str]
    receive: Receive
    send: Send
    request_id: str
    started: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def body(self, limit_bytes: int) -> bytes:
        """The whole body. Raises BodyTooLarge, counted as it arrives."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self.gone.set()
                return b""
            part = cast("bytes", message.get("body", b""))
            size += len(part)
            if size > limit_bytes:
                raise BodyTooLarge(
                    f"The limit here is {limit_bytes / MEBIBYTE:g} MiB. Send less, or raise "
                    "AGENTVERSE_LLM_BODY_LIMIT_BYTES on the server."
                )
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)

    async def watch(self) -> None:
        """Ends when the client has left. Only after the body has been read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.gone.set()

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        await self.start(status, [JSON, (b"content-length", str(len(body)).encode()), *headers])
        await self.send({"type": "http.response.body", "body": body})

    async def start(self, status: int, headers: Headers) -> None:
        self.started = True
        named = [(b"x-request-id", self.request_id.encode()), *ALWAYS, *headers]
        await self.send({"type": "http.response.start", "status": status, "headers": named})

    async def piece(self, body: bytes, *, last: bool = False) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": not last})


def exchange_of(scope: AsgiScope, receive: Receive, send: Send) -> Exchange:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    offered = headers.get("x-request-id", "")
    return Exchange(
        method=scope["method"],
        path=scope["path"],
        headers=headers,
        receive=receive,
        send=send,
        request_id=offered if REQUEST_ID.fullmatch(offered) else new_id().hex,
    )
