"""What one connection may cost before anybody is known: bytes of headers, patience, its turn.

uvicorn waits for ever for headers and bodies and counts neither; a slow sender of half a request
would stand for as long as it likes. And it starts whatever arrives at once; here senders take
turns.
"""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from agentverse.platform.http.request_starts import FairStarts, forwarded_address, network_of

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

MEDIA_TYPE: Final = b"application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """header_seconds: for a whole head, from its first byte or the connection on;
    body_bytes_per_second: the least that a body arrives with, looked at every body_seconds;
    send_seconds: how long a client may leave an answer unread.
    """

    header_bytes: int = 64 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 10.0
    body_bytes_per_second: float = 1024.0
    send_seconds: float = 60.0
    for_one_address: int = 256
    # Proxies, whose many connections are those of many.
    trusted_addresses: frozenset[str] = frozenset()


class HeadTooLarge(Exception):
    """Raised inside the parser, which stops at it."""


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with an end to every wait. `limits` is set by `limited_protocol`."""

    limits: ClassVar[ConnectionLimits]
    open_by_address: ClassVar[Counter[str]]
    starts: ClassVar[FairStarts]

    _timer: asyncio.TimerHandle | None = None
    _send_timer: asyncio.TimerHandle | None = None
    _head_bytes: int = 0
    _body_bytes: int = 0
    _sender: str = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.open_by_address[self._address] += 1
        trusted = self._address in self.limits.trusted_addresses
        if not trusted and self.open_by_address[self._address] > self.limits.for_one_address:
            self._refuse(503, "busy", "Too many connections from your address. Close some.")
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_sending()
        self.starts.leave(self._sender, self.transport)
        self.open_by_address[self._address] -= 1
        if self.open_by_address[self._address] <= 0:
            del self.open_by_address[self._address]
        super().connection_lost(exc)

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        proxies = self.limits.trusted_addresses
        self._sender = network_of(forwarded_address(self._address, cycle.scope["headers"], proxies))
        start = partial(super()._start_asgi_task, cycle, app)
        self.starts.enter(self._sender, self.transport, start)

    # What the parser tells

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        if self._timer is None:
            self._wait_for_head()

    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()
        self._wait_for_body()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self.limits.header_bytes:
            raise HeadTooLarge

    def data_received(self, data: bytes) -> None:
        if self._is_reading_head:
            # A head that never ends a line is counted as it arrives.
            self._raw_head_bytes += len(data)
            if self._raw_head_bytes > 2 * self.limits.header_bytes:
                self._refuse(431, "head_too_large", "The request's headers are too large.")
                return
        super().data_received(data)

    _raw_head_bytes: int = 0
    _is_reading_head: bool = False

    def send_400_response(self, msg: str) -> None:
        """A problem document, as every other error has one."""
        if self._head_bytes > self.limits.header_bytes:
            self._refuse(431, "head_too_large", "The request's headers are too large.")
        else:
            self._refuse(400, "bad_request", "This is no HTTP request that can be read.")

    # Waiting

    def _wait_for_head(self) -> None:
        self._is_reading_head = True
        self._raw_head_bytes = 0
        self._timer = self.loop.call_later(self.limits.header_seconds, self._end_slow_head)

    def _wait_for_body(self) -> None:
        self._body_bytes = 0
        self._timer = self.loop.call_later(self.limits.body_seconds, self._look_at_body)

    def _stop_waiting(self) -> None:
        self._is_reading_head = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_slow_head(self) -> None:
        self._refuse(408, "too_slow", "The request's headers did not arrive in time.")

    def _look_at_body(self) -> None:
        least = self.limits.body_seconds * self.limits.body_bytes_per_second
        # While we do not read, the client cannot send.
        if self._body_bytes < least and not self.flow.read_paused:
            self._refuse(408, "too_slow", "The request's body did not arrive in time.")
            return
        self._wait_for_body()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop_sending()
        self._send_timer = self.loop.call_later(self.limits.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_sending()

    def _stop_sending(self) -> None:
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer where no answer has begun, and close."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        # uvicorn types it as always there, and begins with none.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_problem(status, code, detail))
        self.transport.close()


def _problem(status: int, code: str, detail: str) -> bytes:
    document = {
        "type": f"urn:agentverse:problem:{code}",
        "title": "The request cannot be read",
        "status": status,
        "detail": detail,
        "code": code,
    }
    body = json.dumps(document).encode()
    head = [
        STATUS_LINE[status],
        b"content-type: " + MEDIA_TYPE + b"\r\n",
        b"content-length: " + str(len(body)).encode() + b"\r\n",
        b"retry-after: 2\r\n" if status == 503 else b"",
        b"connection: close\r\n\r\n",
    ]
    return b"".join(head) + body


def limited_protocol(limits: ConnectionLimits) -> type[LimitedProtocol]:
    """The protocol class for `uvicorn.Config(http=…)`."""

    class Limited(LimitedProtocol):
        pass

    Limited.limits = limits
    Limited.open_by_address = Counter()
    Limited.starts = FairStarts(lambda turn: asyncio.get_running_loop().call_soon(turn))
    return Limited
