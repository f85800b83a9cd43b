"""Sessions of runs: no permission, no session."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import (
    RevalidatedScope,
    requires,
    requires_revalidated,
    requires_scope,
)
from agentverse.platform.scope import Scope

ReadRuns = Annotated[TenantSession, requires("runs:read", read_only=True)]
WriteRuns = Annotated[TenantSession, requires("runs:write")]
RunsReader = Annotated[Scope, requires_scope("runs:read")]
RunsWatcher = Annotated[RevalidatedScope, requires_revalidated("runs:read")]
