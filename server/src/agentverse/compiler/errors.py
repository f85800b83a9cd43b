"""Why a question is refused before it is read; the codes are public API."""


class QuestionRefused(ValueError):
    """A text that no compiler can read; `code` names why, `message` says what to do."""

    code = "question_refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class QuestionEmpty(QuestionRefused):
    code = "question_empty"


class QuestionTooLong(QuestionRefused):
    code = "question_too_long"


class QuestionUnreadable(QuestionRefused):
    code = "question_unreadable"
