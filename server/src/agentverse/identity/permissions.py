"""Typed sessions of identity's routes."""

from typing import Annotated

from agentverse.platform.db.administration import PlatformSession
from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import (
    requires,
    requires_platform,
    requires_platform_scope,
    requires_signed_in_scope,
)
from agentverse.platform.scope import PlatformScope, Scope

# The signed-in person's own scope, for what spans their organizations.
Self = Annotated[Scope, requires_signed_in_scope()]
ReadApiKeys = Annotated[TenantSession, requires("api_keys:write", read_only=True)]
WriteApiKeys = Annotated[TenantSession, requires("api_keys:write")]
ReadMembers = Annotated[TenantSession, requires("members:read", read_only=True)]
WriteMembers = Annotated[TenantSession, requires("members:write")]
WriteOrganization = Annotated[TenantSession, requires("organization:write")]
ReadQuotas = Annotated[TenantSession, requires("runs:read", read_only=True)]
ReadTenants = Annotated[PlatformSession, requires_platform(read_only=True)]
Platform = Annotated[PlatformScope, requires_platform_scope()]
