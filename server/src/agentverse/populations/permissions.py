"""Sessions of populations: no permission, no session."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import (
    RevalidatedScope,
    requires,
    requires_revalidated,
    requires_scope,
)
from agentverse.platform.scope import Scope

ReadPopulations = Annotated[TenantSession, requires("populations:read", read_only=True)]
WritePopulations = Annotated[TenantSession, requires("populations:write")]
PopulationsReader = Annotated[Scope, requires_scope("populations:read")]
PopulationsWriter = Annotated[Scope, requires_scope("populations:write")]
PopulationsWatcher = Annotated[RevalidatedScope, requires_revalidated("populations:read")]
