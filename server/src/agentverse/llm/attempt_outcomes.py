"""The outcome table: what each way an attempt can end means for the next one.

Rows follow the table in docs/concepts/llm-router.md.
"""

from dataclasses import dataclass
from typing import Any, Literal, cast

from agentverse.llm.errors import (
    AnswerInvalid,
    ContentFiltered,
    ContextLengthExceeded,
    InvalidValue,
    LlmError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
)

Outcome = Literal[
    "succeeded",
    "connect_failed",
    "reset",
    "first_token_timeout",
    "idle_timeout",
    "total_timeout",
    "cut",
    "malformed",
    "too_large",
    "invalid_output",
    "rate_limited",
    "server_error",
    "credential",
    "model_missing",
    "context_length",
    "refused",
    "rejected",
    "cancelled",
]
LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`same_target`: further attempts on it at most (None: as many as the profile allows).

    `next_target`: who may follow. `counts`: the breaker counts it as a failure of the target.
    `worked`: the provider may have worked and may charge for it.
    """

    same_target: int | None
    next_target: Literal["yes", "larger", "opt_in", "no"]
    counts: bool
    worked: bool
    error: type[LlmError]


RULES: dict[Outcome, Rule] = {
    "connect_failed": Rule(
        same_target=1, next_target="yes", counts=True, worked=False, error=UpstreamError
    ),
    "reset": Rule(same_target=1, next_target="yes", counts=True, worked=True, error=UpstreamError),
    # A silent route is not asked again, it is left.
    "first_token_timeout": Rule(
        same_target=0, next_target="yes", counts=True, worked=True, error=UpstreamTimeout
    ),
    "idle_timeout": Rule(
        same_target=1, next_target="yes", counts=True, worked=True, error=UpstreamTimeout
    ),
    "total_timeout": Rule(
        same_target=0, next_target="no", counts=True, worked=True, error=UpstreamTimeout
    ),
    "cut": Rule(same_target=1, next_target="yes", counts=True, worked=True, error=UpstreamError),
    "malformed": Rule(
        same_target=1, next_target="yes", counts=True, worked=True, error=UpstreamError
    ),
    "too_large": Rule(
        same_target=0, next_target="yes", counts=False, worked=True, error=UpstreamError
    ),
    # Asked again with what was wrong, as often as the profile lets answers be repaired.
    "invalid_output": Rule(
        same_target=0, next_target="no", counts=False, worked=True, error=AnswerInvalid
    ),
    "rate_limited": Rule(
        same_target=None, next_target="yes", counts=True, worked=False, error=UpstreamRateLimited
    ),
    "server_error": Rule(
        same_target=None, next_target="yes", counts=True, worked=False, error=UpstreamError
    ),
    "credential": Rule(
        same_target=0, next_target="yes", counts=True, worked=False, error=UpstreamError
    ),
    "model_missing": Rule(
        same_target=0, next_target="yes", counts=False, worked=False, error=UpstreamError
    ),
    "context_length": Rule(
        same_target=0,
        next_target="larger",
        counts=False,
        worked=False,
        error=ContextLengthExceeded,
    ),
    "refused": Rule(
        same_target=0, next_target="opt_in", counts=False, worked=False, error=ContentFiltered
    ),
    "rejected": Rule(
        same_target=0, next_target="no", counts=False, worked=False, error=InvalidValue
    ),
}


class AttemptFailed(Exception):
    """One attempt ended without a whole answer. `detail` holds no secret."""

    def __init__(
        self,
        outcome: Outcome,
        detail: str,
        *,
        http_status: int | None = None,
        param: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.outcome: Outcome = outcome
        self.detail = detail
        self.http_status = http_status
        self.param = param
        self.retry_after_seconds = retry_after_seconds

    @property
    def rule(self) -> Rule:
        return RULES[self.outcome]

    def error(self) -> LlmError:
        """What the caller is told when this attempt was the last."""
        extra: dict[str, Any] = {}
        if self.param is not None:
            extra["param"] = self.param
        if self.retry_after_seconds is not None:
            extra["retry_after_seconds"] = self.retry_after_seconds
        return self.rule.error(self.detail, **extra)


def refusal(
    provider: str,
    status: int,
    error: dict[str, Any],
    *,
    retry_after_seconds: float | None,
    secret: str | None,
) -> AttemptFailed:
    """A provider's error answer, or the error inside a 200 or an event, as an outcome."""
    code = error.get("code")
    if status == 200:
        status = code if isinstance(code, int) and 400 <= code < 600 else 502
    outcome = _outcome(status, error)
    if outcome == "rate_limited" and status == 402 and retry_after_seconds is None:
        outcome = "credential"
    said = "" if outcome == "credential" else quoted(error, secret)
    param = error.get("param")
    return AttemptFailed(
        outcome,
        _DETAILS[outcome].format(provider=provider, status=status) + said,
        http_status=status,
        param=param if isinstance(param, str) else None,
        retry_after_seconds=retry_after_seconds,
    )


_DETAILS: dict[Outcome, str] = {
    "rate_limited": "{provider} limits our rate. Try again later.",
    "server_error": "{provider} answered {status}. Try again later.",
    "credential": "{provider} answered {status}: it refuses our key or account. An admin of the "
    "platform has to look at the provider's key.",
    "model_missing": "{provider} answered {status}: it does not have this model.",
    "context_length": "The text is too long for the model. Shorten it or choose a larger model.",
    "refused": "{provider} refuses this content.",
    "rejected": "{provider} answered {status}: it does not accept the request.",
}


def _outcome(status: int, error: dict[str, Any]) -> Outcome:
    words = f"{error.get('code')} {error.get('type')} {error.get('message')}".lower()
    if status in (400, 413, 422) and _is_too_long(words):
        return "context_length"
    if status in (400, 403) and _is_refusal(words, error):
        return "refused"
    if status == 402 and "in_flight" in f"{words} {error.get('metadata')}".lower():
        return "rate_limited"
    if status in (401, 402, 403):
        return "credential"
    if status == 404:
        return "model_missing"
    if status == 429:
        return "rate_limited"
    if status >= 500 or status in (408, 409, 425):
        return "server_error"
    return "rejected"


def _is_too_long(words: str) -> bool:
    signs = ("context_length", "context length", "context window", "too many tokens")
    return any(sign in words for sign in (*signs, "prompt is too long", "maximum context"))


def _is_refusal(words: str, error: dict[str, Any]) -> bool:
    signs = ("content_filter", "content_policy", "content policy", "content management policy")
    metadata = error.get("metadata")
    moderated = isinstance(metadata, dict) and "flagged_input" in cast("dict[str, Any]", metadata)
    return moderated or any(sign in words for sign in (*signs, "moderation", "safety system"))


def quoted(error: dict[str, Any], secret: str | None) -> str:
    """The provider's own words, short and without our key."""
    message = str(error.get("message") or "")
    if secret:
        message = message.replace(secret, "[redacted]")
    message = " ".join(message.split())[:LONGEST_QUOTE]
    return f" It said: {message}" if message else ""
