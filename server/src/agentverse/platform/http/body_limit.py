"""How many bytes a request may send, counted as they arrive whatever its headers claim.

Our own and not FastAPI's `max_body_size`: that one answers a declared size in plain text, past
every problem handler.
"""

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCOPE_KEY = "agentverse.body_budget"


@dataclass(slots=True, kw_only=True)
class BodyBudget:
    """A route may raise `limit_bytes` before it reads."""

    limit_bytes: int
    declared_bytes: int
    received_bytes: int = 0

    def spend(self, size: int) -> None:
        self.received_bytes += size
        if max(self.received_bytes, self.declared_bytes) > self.limit_bytes:
            # The framework's own class: its body parser lets no other through.
            raise HTTPException(413)


class BodyLimit:
    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        budget = BodyBudget(
            limit_bytes=self.limit_bytes,
            declared_bytes=int(declared) if declared.isdecimal() else 0,
        )
        scope[SCOPE_KEY] = budget

        async def receive_counted() -> Message:
            budget.spend(0)
            message = await receive()
            if message["type"] == "http.request":
                budget.spend(len(message.get("body", b"")))
            return message

        await self.app(scope, receive_counted, send)


def budget_of(request: Request) -> BodyBudget:
    budget = request.scope[SCOPE_KEY]
    assert isinstance(budget, BodyBudget)  # noqa: S101 - set by the middleware above
    return budget
