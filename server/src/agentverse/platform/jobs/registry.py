"""Which function handles which payload: exactly one each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from agentverse.platform.scope import Scope

PayloadT = TypeVar("PayloadT", bound=BaseModel)

# Of one attempt, where its kind says nothing else.
LONGEST_SECONDS = 4 * 3600.0

Handler = Callable[[Scope, PayloadT], None]
FailureHook = Callable[[Scope, PayloadT, Exception], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How one payload type is worked on.

    `maximum_attempts` counts killed workers too, so a payload that kills its worker ends failed.
    """

    payload_type: type[BaseModel]
    run: Callable[[Scope, Any], None]
    on_failure: Callable[[Scope, Any, Exception], None] | None
    maximum_attempts: int
    first_wait_seconds: float
    longest_seconds: float

    def wait_seconds(self, attempts: int) -> float:
        """Doubles with each attempt already made."""
        return self.first_wait_seconds * 2.0**attempts


_handlings: dict[str, Handling] = {}


def job_name(payload_type: type[BaseModel]) -> str:
    """`universe.CompileAsk` for agentverse.universe.schemas.CompileAsk."""
    parts = payload_type.__module__.split(".")
    context = parts[1] if parts[0] == "agentverse" and len(parts) > 1 else parts[-1]
    return f"{context}.{payload_type.__name__}"


def handles(
    payload_type: type[PayloadT],
    *,
    on_failure: FailureHook[PayloadT] | None = None,
    maximum_attempts: int = 4,
    first_wait_seconds: float = 1.0,
    longest_seconds: float = LONGEST_SECONDS,
) -> Callable[[Handler[PayloadT]], Handler[PayloadT]]:
    """Declare `fn(scope, payload)` as the one handler; it may run twice for one payload.

    An AgentVerseError that is not retryable fails at once; anything else is tried again with
    doubling waits. After `longest_seconds` it is failed and its process ended. `on_failure` runs
    once, when no attempt is left, and stores the problem; a payload that does not fit its type, as
    another release queued it, comes to it unvalidated.
    """

    def register(function: Handler[PayloadT]) -> Handler[PayloadT]:
        name = job_name(payload_type)
        existing = _handlings.get(name)
        if existing is not None and existing.run is not function:
            raise ValueError(f"{name} already has a handler: {existing.run.__module__}.")
        _handlings[name] = Handling(
            payload_type=payload_type,
            run=function,
            on_failure=on_failure,
            maximum_attempts=maximum_attempts,
            first_wait_seconds=first_wait_seconds,
            longest_seconds=longest_seconds,
        )
        return function

    return register


def handling(name: str) -> Handling:
    try:
        return _handlings[name]
    except KeyError as error:
        raise LookupError(f"No handler is registered for {name}.") from error


def handled_names() -> tuple[str, ...]:
    return tuple(sorted(_handlings))
