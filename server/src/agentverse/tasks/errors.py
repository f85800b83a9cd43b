"""What can go wrong with work that a job does, each with a stable code."""

from agentverse.platform.errors import AgentVerseError, Conflict, Forbidden, InvalidInput, NotFound


class TaskNotFound(NotFound):
    code = "task_not_found"
    title = "No such task"


class TaskAlreadyFinished(Conflict):
    code = "task_already_finished"
    title = "The task has already ended"


class TaskSuperseded(Conflict):
    """Another attempt owns the task now; this one must write nothing more."""

    code = "task_superseded"
    title = "Another worker has taken over the task"


class TaskKindUnknown(InvalidInput):
    code = "task_kind_unknown"
    title = "There is no such kind of task"


class TaskCancelled(Exception):
    """A handler raises it once it has stopped because cancelling was asked for.

    done: how far it came, in the unit of the task's total; None: as was last reported.
    """

    def __init__(self, done: int | None = None) -> None:
        super().__init__("was cancelled")
        self.done = done


class TaskForbidden(Forbidden):
    code = "task_forbidden"
    title = "Who started this may no longer do so"


class QuotaReached(AgentVerseError):
    code = "quota_reached"
    status = 429
    title = "Your organization has as much work as it may"
