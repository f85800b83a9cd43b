"""Typed sessions of identity's routes."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import requires, requires_signed_in_scope
from agentverse.platform.scope import Scope

# The signed-in person's own scope, for what spans their organizations.
Self = Annotated[Scope, requires_signed_in_scope()]
ReadApiKeys = Annotated[TenantSession, requires("api_keys:write", read_only=True)]
WriteApiKeys = Annotated[TenantSession, requires("api_keys:write")]
