"""Typed sessions of identity's routes."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import requires, requires_sign_in

ReadSelf = Annotated[TenantSession, requires_sign_in(read_only=True)]
ReadApiKeys = Annotated[TenantSession, requires("api_keys:write", read_only=True)]
WriteApiKeys = Annotated[TenantSession, requires("api_keys:write")]
