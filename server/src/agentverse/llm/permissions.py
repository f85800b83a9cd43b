"""What each route of the router may do, as typed sessions."""

from typing import Annotated

from agentverse.platform.db.administration import PlatformSession
from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import (
    requires,
    requires_platform,
    requires_platform_scope,
    requires_scope,
)
from agentverse.platform.scope import PlatformScope, Scope

ReadAll = Annotated[PlatformSession, requires_platform(read_only=True)]
WriteCatalogue = Annotated[PlatformSession, requires_platform()]
PlatformAdmin = Annotated[PlatformScope, requires_platform_scope()]

ReadLlm = Annotated[TenantSession, requires("llm:read", read_only=True)]
WriteLlm = Annotated[TenantSession, requires("llm:write")]
CallLlm = Annotated[Scope, requires_scope("llm:call")]
ExportLlm = Annotated[Scope, requires_scope("llm:read")]
