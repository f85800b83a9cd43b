"""How many requests somebody may send: what is left in headers, 429 when nothing is.

The headers are those of the IETF's draft "RateLimit header fields for HTTP", version 10.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from fastapi import Request
from starlette.datastructures import MutableHeaders

from agentverse.platform.errors import AgentVerseError
from agentverse.platform.scope import Scope

RATE_CLASS_MARK: Final = "agentverse_rate_class"
# Where a request keeps what it was counted against.
ALLOWANCES: Final = "agentverse.rate_limits"


class RateLimited(AgentVerseError):
    code = "rate_limited"
    status = 429
    title = "Too many requests in a short time"
    retryable = True
    logged = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one limit leaves after a request.

    quota: requests in window_seconds; reset_seconds: until all of it is there again;
    retry_after_seconds: until the next request is let in, 0 when this one was.
    """

    policy: str
    quota: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    retry_after_seconds: int = 0


class RateLimiter(Protocol):
    """Identity implements it, the API's entry point installs it (`app.state.rate_limiter`)."""

    def __call__(
        self, scope: Scope | None, *, address: str, rate_class: str | None
    ) -> Sequence[Allowance]:
        """Count one request of a scope; of an address where nobody is known (None)."""
        ...


def rate_class(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark an endpoint whose requests count against a limit of their own too."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(function, RATE_CLASS_MARK, name)
        return function

    return mark


def count_request(request: Request, scope: Scope | None, *, address: str) -> None:
    """Count a request, once however often it is asked about; raises RateLimited."""
    if ALLOWANCES in request.scope:
        return
    limiter: RateLimiter = request.app.state.rate_limiter
    name = getattr(request.scope.get("endpoint"), RATE_CLASS_MARK, None)
    allowances = limiter(scope, address=address, rate_class=name)
    request.scope[ALLOWANCES] = allowances
    for allowance in allowances:
        if allowance.retry_after_seconds:
            raise refused(allowance)


def add_headers(headers: MutableHeaders, allowances: Sequence[Allowance]) -> None:
    if allowances:
        headers["RateLimit-Policy"] = ", ".join(
            f'"{each.policy}";q={each.quota};w={each.window_seconds}' for each in allowances
        )
        headers["RateLimit"] = ", ".join(
            f'"{each.policy}";r={each.remaining};t={each.reset_seconds}' for each in allowances
        )


def refused(allowance: Allowance) -> RateLimited:
    """The error that tells when to come again."""
    seconds = allowance.retry_after_seconds
    return RateLimited(
        f"The limit {allowance.policy!r} allows {allowance.quota:,} requests in "
        f"{allowance.window_seconds} seconds. Wait {seconds} seconds and try again.",
        policy=allowance.policy,
        retry_after_seconds=seconds,
    )
