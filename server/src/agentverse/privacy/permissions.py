"""Typed sessions of privacy's routes."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import requires, requires_signed_in_scope
from agentverse.platform.scope import Scope

Self = Annotated[Scope, requires_signed_in_scope()]
DeleteOrganization = Annotated[TenantSession, requires("organization:delete")]
ReadPrivacy = Annotated[TenantSession, requires("privacy:write", read_only=True)]
WritePrivacy = Annotated[TenantSession, requires("privacy:write")]
