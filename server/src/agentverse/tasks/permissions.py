"""Sessions of tasks: for any credential; each kind's own permission is asked for inside."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import (
    RevalidatedScope,
    requires_credential,
    requires_found,
    requires_revalidated_credential,
)
from agentverse.tasks.listing import cancel_permission

ReadTasks = Annotated[TenantSession, requires_credential(read_only=True)]
CancelTasks = Annotated[TenantSession, requires_found("task_id", cancel_permission)]
TasksWatcher = Annotated[RevalidatedScope, requires_revalidated_credential()]
