"""Sessions of projects and questions: no permission, no session."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import (
    RevalidatedScope,
    requires,
    requires_revalidated,
    requires_scope,
)
from agentverse.platform.scope import Scope

ReadProjects = Annotated[TenantSession, requires("projects:read", read_only=True)]
WriteProjects = Annotated[TenantSession, requires("projects:write")]
WritePopulations = Annotated[TenantSession, requires("populations:write")]
WriteRuns = Annotated[TenantSession, requires("runs:write")]
ProjectsReader = Annotated[Scope, requires_scope("projects:read")]
ProjectsWatcher = Annotated[RevalidatedScope, requires_revalidated("projects:read")]
