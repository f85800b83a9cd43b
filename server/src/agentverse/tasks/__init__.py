"""Tasks: the life of work that a job does, and Idempotency-Keys of the requests that start it."""

from agentverse.tasks.errors import TaskCancelled, TaskSuperseded
from agentverse.tasks.handling import Store, handles, work
from agentverse.tasks.idempotency import made_before
from agentverse.tasks.kinds import TaskKind, declare
from agentverse.tasks.lifecycle import UNFINISHED, Attempt, cancel, cancel_subject, enter, owned
from agentverse.tasks.listing import latest
from agentverse.tasks.monitoring import TaskMonitor
from agentverse.tasks.schemas import Task, TaskPayload, TaskStatus

__all__ = [
    "UNFINISHED",
    "Attempt",
    "Store",
    "Task",
    "TaskCancelled",
    "TaskKind",
    "TaskMonitor",
    "TaskPayload",
    "TaskStatus",
    "TaskSuperseded",
    "cancel",
    "cancel_subject",
    "declare",
    "enter",
    "handles",
    "latest",
    "made_before",
    "owned",
    "work",
]
