"""What wraps every request: its id, its time, security headers, and a problem for any crash."""

import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentverse.platform.http.context_router import PUBLIC_MARK
from agentverse.platform.http.problems import problem_response, unexpected_document
from agentverse.platform.http.rate_limits import ALLOWANCES, add_headers
from agentverse.platform.ids import new_id

logger = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    # Pages set their own; an API answer may load nothing and be framed nowhere.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


class RequestBoundary:
    """Names and times each request, logs it, and turns a crash into a problem document."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        exchange = _Exchange(scope, send, request_id)
        try:
            await self.app(scope, receive, exchange.send)
        except Exception:
            logger.exception("Unexpected error in %s %s", scope["method"], scope["path"])
            if exchange.status is not None:
                raise
            response = problem_response(unexpected_document(request_id))
            await response(scope, receive, exchange.send)
        finally:
            _log(scope, exchange)


class _Exchange:
    """One answer on its way out: adds id and time to its headers, remembers its status."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._started = time.perf_counter()
        self.request_id = request_id
        self.status: int | None = None

    @property
    def milliseconds(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def _tells_no_time(self) -> bool:
        """How long a public route took may tell what it knows, such as an address."""
        return bool(getattr(self._scope.get("endpoint"), PUBLIC_MARK, False))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.request_id
            add_headers(headers, self._scope.get(ALLOWANCES, ()))
            if not self._tells_no_time():
                headers["Server-Timing"] = f"app;dur={self.milliseconds:.1f}"
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """The caller's own id where it is harmless in a log, else a new one."""
    offered = Headers(scope=scope).get("x-request-id", "")
    return offered if REQUEST_ID.fullmatch(offered) else new_id().hex


def _log(scope: Scope, exchange: _Exchange) -> None:
    # The path only: a query may hold what people typed.
    logger.info(
        "%s %s %s",
        scope["method"],
        scope["path"],
        exchange.status,
        extra={
            "request_id": exchange.request_id,
            "status": exchange.status,
            "milliseconds": round(exchange.milliseconds, 1),
        },
    )


class SecurityHeaders:
    """Adds the headers a page has not set itself; HSTS only where the connection is HTTPS."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
            await send(message)

        await self.app(scope, receive, send_with_headers)
