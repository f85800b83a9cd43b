"""What can go wrong with a model call. Messages name the remedy and never hold a secret.

`code` is public API, at `/v1` and in problem documents alike; `wire_type` is OpenAI's `type`.
"""

from typing import ClassVar

from agentverse.platform.errors import AgentVerseError, Conflict, Misconfigured, NotFound


class LlmError(AgentVerseError):
    """Base of every failure of a model call. `may_retry`: another try may succeed by itself."""

    code = "upstream_error"
    status = 502
    title = "The language model did not answer"
    wire_type: ClassVar[str] = "api_error"
    may_retry: ClassVar[bool] = False


class InvalidValue(LlmError):
    code = "invalid_value"
    status = 400
    title = "The request cannot be used"
    wire_type = "invalid_request_error"


class UnsupportedParameter(InvalidValue):
    code = "unsupported_parameter"
    title = "The parameter is not supported"


class ContextLengthExceeded(InvalidValue):
    code = "context_length_exceeded"
    title = "The text is too long for the language model"


class ContentFiltered(InvalidValue):
    code = "content_filter"
    title = "The provider refuses this content"


class ModelNotPriced(InvalidValue):
    code = "model_not_priced"
    title = "The language model has no price"


class CostCeilingExceeded(InvalidValue):
    code = "cost_ceiling_exceeded"
    title = "The call may cost more than its profile allows"


class TickLoopRefused(InvalidValue):
    code = "tick_loop_refused"
    title = "No model is called inside a simulation tick"


class ModelNotFound(LlmError):
    code = "model_not_found"
    status = 404
    title = "There is no such model or profile"
    wire_type = "invalid_request_error"


class BudgetExceeded(LlmError):
    """`extra["budget"]`: the budget that has no room, with its arithmetic."""

    code = "budget_exceeded"
    status = 402
    title = "The budget is spent"
    wire_type = "insufficient_quota"


class UpstreamRateLimited(LlmError):
    code = "upstream_rate_limited"
    status = 429
    title = "The provider asks us to wait"
    wire_type = "rate_limit_error"
    retryable = True


class UpstreamError(LlmError):
    retryable = True


class UpstreamTimeout(LlmError):
    code = "upstream_timeout"
    status = 504
    title = "The language model took too long"
    wire_type = "timeout_error"
    retryable = True


class NoTargetAvailable(LlmError):
    """`extra["retry_after_seconds"]`: until a resting model is tried again."""

    code = "no_target_available"
    status = 503
    title = "Every model of this call is resting after failures"
    retryable = True
    may_retry = True


class LedgerUnavailable(LlmError):
    code = "ledger_unavailable"
    status = 503
    title = "The ledger cannot be reached, so nothing is spent"
    retryable = True
    may_retry = True


class AnswerInvalid(LlmError):
    code = "answer_invalid"
    title = "The language model's answer does not fit the asked form"


class NoProvider(Misconfigured):
    code = "llm_not_configured"
    title = "No language model is configured"


class LocalModelUnusable(Misconfigured):
    code = "local_model_unusable"
    title = "The trial model cannot be used"


class UnusableScript(Misconfigured):
    code = "llm_script_unusable"
    title = "The scripted answers cannot be used"


class SecretUnreadable(Misconfigured):
    code = "llm_secret_unreadable"
    title = "A provider's stored key cannot be read"


class NoSuchProfile(NotFound):
    code = "no_such_profile"
    title = "There is no such profile"


class NoSuchModel(NotFound):
    code = "no_such_model"
    title = "There is no such model"


class NoSuchProvider(NotFound):
    code = "no_such_provider"
    title = "There is no such provider"


class NoSuchBudget(NotFound):
    code = "no_such_budget"
    title = "There is no such budget"


class NoSuchAlertHook(NotFound):
    code = "no_such_alert_hook"
    title = "There is no such address for alerts"


class NoSuchCall(NotFound):
    code = "no_such_call"
    title = "There is no such call"


class NameTaken(Conflict):
    code = "llm_name_taken"
    title = "The name is taken"
