"""Wire types of tasks, and the base of every payload that starts one."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from agentverse.platform.wire import WireModel

TaskStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class TaskSubject(WireModel):
    """What the work is for: the population, question, run, plan or hybrid."""

    type: str
    id: UUID
    title: str = Field(description="What people called it when the work was queued.")


class TaskProgress(WireModel):
    done: int
    total: int | None = Field(description="In the unit of `done`; null where nobody knows yet.")
    label: str = Field(description="What is being done; empty where there is only one thing to do.")


class Task(WireModel):
    id: UUID
    kind: str = Field(examples=["run"])
    subject: TaskSubject
    project_id: UUID | None
    group_id: UUID = Field(description="Tasks of one group make one result; cancelled together.")
    status: TaskStatus
    attempt: int
    progress: TaskProgress
    cancel_requested: bool
    may_cancel: bool = Field(description="It has not ended and your role allows cancelling it.")
    mine: bool = Field(description="You started it.")
    problem: dict[str, object] | None = Field(description="RFC 9457 problem when failed.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Quota(WireModel):
    """How much work an organization may have, and has."""

    name: Literal["unfinished_tasks", "tasks_per_day"]
    limit: int
    used: int


class TaskPayload(WireModel):
    """Queue payload of every kind; its task says the rest. A kind adds only what has no row."""

    task_id: UUID
