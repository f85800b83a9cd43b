"""Errors as OpenAI's clients understand them: body, status, and the headers that steer retries."""

import math
from dataclasses import dataclass
from typing import Any

import orjson

from agentverse.llm.calls import Report
from agentverse.llm.errors import BudgetExceeded, LlmError, NoProvider
from agentverse.platform.errors import (
    AgentVerseError,
    BodyTooLarge,
    Forbidden,
    Unauthenticated,
    Unavailable,
)
from agentverse.platform.http.rate_limits import RateLimited

LEAST_RETRY_AFTER_SECONDS = 1
WAITING_STATUSES = (429, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireError:
    """`message` and the other three as OpenAI names them; `extra` stands beside them."""

    status: int
    message: str
    type: str
    code: str
    param: str | None = None
    retry_after_seconds: float | None = None
    may_retry: bool = False
    extra: dict[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
                **(self.extra or {}),
            }
        }

    def body(self) -> bytes:
        return orjson.dumps(self.document())


def wire_error(error: BaseException) -> WireError:
    """Any failure of a request at `/v1`."""
    match error:
        case LlmError():
            return _of_call(error)
        case Unauthenticated():
            return _plain(error, 401, "invalid_request_error", "invalid_api_key")
        case Forbidden():
            return _plain(error, 403, "invalid_request_error", "permission_denied")
        case RateLimited():
            return _limited(error)
        case NoProvider():
            return _plain(error, 503, "api_error", "no_target_available")
        case BodyTooLarge():
            return _plain(error, 413, "invalid_request_error", "invalid_value")
        case Unavailable():
            return _plain(error, 503, "api_error", "ledger_unavailable", may_retry=True)
        case AgentVerseError() if error.code != "internal_error":
            return _plain(error, error.status, "api_error", error.code)
        case _:
            return WireError(
                status=500,
                message="The request failed for a reason on our side. Try again; if it fails "
                "again, give the request id to whoever runs this server.",
                type="api_error",
                code="internal_error",
            )


def _plain(
    error: AgentVerseError, status: int, kind: str, code: str, *, may_retry: bool = False
) -> WireError:
    return WireError(status=status, message=error.detail, type=kind, code=code, may_retry=may_retry)


def _limited(error: RateLimited) -> WireError:
    return WireError(
        status=429,
        message=error.detail,
        type="rate_limit_error",
        code="rate_limit_exceeded",
        retry_after_seconds=error.extra["retry_after_seconds"],
        may_retry=True,
    )


def _of_call(error: LlmError) -> WireError:
    extra = {"budget": error.extra["budget"]} if isinstance(error, BudgetExceeded) else None
    return WireError(
        status=error.status,
        message=error.detail,
        type=error.wire_type,
        code=error.code,
        param=error.extra.get("param"),
        retry_after_seconds=error.extra.get("retry_after_seconds"),
        may_retry=error.may_retry,
        extra=extra,
    )


def error_headers(error: WireError, report: Report | None) -> list[tuple[bytes, bytes]]:
    """`Retry-After`, and the word that keeps clients from multiplying our attempts."""
    headers: list[tuple[bytes, bytes]] = []
    if error.status in WAITING_STATUSES:
        wait = max(math.ceil(error.retry_after_seconds or 0), LEAST_RETRY_AFTER_SECONDS)
        headers.append((b"retry-after", str(wait).encode()))
    attempted = report is not None and report.attempts > 0
    if error.status == 402 or attempted:
        headers.append((b"x-should-retry", b"false"))
    return headers
