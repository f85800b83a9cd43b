"""What can go wrong with a model call. Messages name the remedy and never hold a secret."""

from agentverse.platform.errors import AgentVerseError, Misconfigured


class LlmError(AgentVerseError):
    """Base of every failure of a model call that reached a provider."""

    code = "llm_failed"
    status = 502
    title = "The language model did not answer"


class NoProvider(Misconfigured):
    code = "llm_not_configured"
    title = "No language model is configured"


class UnpricedModel(Misconfigured):
    code = "llm_unpriced_model"
    title = "The language model has no price"


class UnusableScript(Misconfigured):
    code = "llm_script_unusable"
    title = "The scripted answers cannot be used"


class PromptTooLong(LlmError):
    code = "llm_prompt_too_long"
    status = 400
    title = "The text is too long for the language model"


class RequestRejected(LlmError):
    code = "llm_request_rejected"
    title = "The language model refused the request"


class CredentialsRefused(LlmError):
    code = "llm_credentials_refused"
    title = "The provider refused our credentials"


class CreditExhausted(LlmError):
    code = "llm_credit_exhausted"
    status = 402
    title = "The provider's credit is used up"


class ModelUnknown(LlmError):
    code = "llm_model_unknown"
    title = "The provider does not have this model"


class RateLimited(LlmError):
    code = "llm_rate_limited"
    status = 503
    title = "The provider asks us to wait"
    retryable = True


class ProviderUnavailable(LlmError):
    code = "llm_provider_unavailable"
    status = 503
    title = "The provider is not available"
    retryable = True


class DeadlineExceeded(LlmError):
    code = "llm_deadline_exceeded"
    status = 504
    title = "The language model took too long"
    retryable = True


class AnswerUnreadable(LlmError):
    code = "llm_answer_unreadable"
    title = "The provider's answer cannot be read"
    retryable = True


class NotScripted(LlmError):
    code = "llm_not_scripted"
    title = "The scripted model has no answer to this"


class AlreadySettled(AgentVerseError):
    """A bug, not an expected failure: one call was settled twice."""

    code = "internal_error"
