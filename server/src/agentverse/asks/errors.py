"""What can go wrong with questions, each with a stable code."""

from agentverse.platform.errors import AgentVerseError, Conflict, InvalidInput, NotFound


class AskNotFound(NotFound):
    code = "ask_not_found"
    title = "No such question"


class QuestionEmpty(InvalidInput):
    code = "question_empty"
    title = "The question is empty"


class QuestionTooLong(InvalidInput):
    code = "question_too_long"
    title = "The question is too long"


class QuestionUnreadable(InvalidInput):
    code = "question_unreadable"
    title = "The question cannot be read"


class BaselineMissing(Conflict):
    code = "baseline_missing"
    title = "The baseline has not been run"


class QuestionNotUnderstood(InvalidInput):
    code = "question_not_understood"
    title = "The question was not understood as a whole"


class SuggestionMissing(InvalidInput):
    code = "suggestion_missing"
    title = "There is no such suggestion"


class ModelNotAllowed(Conflict):
    code = "model_not_allowed"
    title = "This project lets no language model read its questions"


class RunFailed(AgentVerseError):
    code = "run_failed"
    status = 500
    title = "The run failed"
