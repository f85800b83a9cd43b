"""The error tree: every expected failure is a named class whose code is public API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One field of the input and what is wrong with it."""

    field: str
    message: str


class AgentVerseError(Exception):
    """Base of every named failure: problem document, exit code and job outcome derive from it."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong on our side"
    retryable: ClassVar[bool] = False
    # Off for what a flood brings by the thousand: its log would be the next flood.
    logged: ClassVar[bool] = True

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.extra = extra

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process pools; the default protocol would drop keyword arguments.
        return _rebuild, (type(self), self.detail, self.errors, self.extra)


def _rebuild(
    kind: type[AgentVerseError], detail: str, errors: Sequence[FieldError], extra: dict[str, Any]
) -> AgentVerseError:
    return kind(detail, errors=errors, **extra)


class NotFound(AgentVerseError):
    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(AgentVerseError):
    code = "conflict"
    status = 409
    title = "Conflicts with the current state"


class IdempotencyConflict(Conflict):
    code = "idempotency_conflict"
    title = "The Idempotency-Key was used for another request"


class InvalidInput(AgentVerseError):
    code = "invalid_input"
    status = 422
    title = "The input cannot be used"


class Unauthenticated(AgentVerseError):
    code = "unauthenticated"
    status = 401
    title = "Sign in first"


class Forbidden(AgentVerseError):
    code = "forbidden"
    status = 403
    title = "Not allowed"


class BodyTooLarge(AgentVerseError):
    code = "body_too_large"
    status = 413
    title = "The request body is too large"


class Unavailable(AgentVerseError):
    code = "unavailable"
    status = 503
    title = "Not available right now"
    retryable = True


class Misconfigured(AgentVerseError):
    """The installation cannot run as it is set up; the message names the remedy."""

    code = "misconfigured"
    status = 503
    title = "The installation is not set up correctly"
