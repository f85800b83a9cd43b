"""Tasks: the life of work that a job does, and Idempotency-Keys of the requests that start it."""

from agentverse.tasks.errors import TaskCancelled, TaskSuperseded
from agentverse.tasks.handling import Store, handles, work
from agentverse.tasks.idempotency import made_before
from agentverse.tasks.kinds import TaskKind, declare
from agentverse.tasks.lifecycle import (
    UNFINISHED,
    Attempt,
    cancel,
    cancel_subject,
    enter,
    forget,
    owned,
    unfinished_in,
)
from agentverse.tasks.listing import latest
from agentverse.tasks.monitoring import TaskMonitor
from agentverse.tasks.quotas import QuotaName
from agentverse.tasks.quotas import described as quotas_of
from agentverse.tasks.quotas import limits_of as quota_limits_of
from agentverse.tasks.quotas import set_limits as set_quota_limits
from agentverse.tasks.repository import count_running
from agentverse.tasks.schemas import Quota, Task, TaskPayload, TaskStatus

__all__ = [
    "UNFINISHED",
    "Attempt",
    "Quota",
    "QuotaName",
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
    "count_running",
    "declare",
    "enter",
    "forget",
    "handles",
    "latest",
    "made_before",
    "owned",
    "quota_limits_of",
    "quotas_of",
    "set_quota_limits",
    "unfinished_in",
    "work",
]
