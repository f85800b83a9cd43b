"""Typed sessions of the audit's routes."""

from typing import Annotated

from agentverse.platform.db.session import TenantSession
from agentverse.platform.http.authorization import (
    RevalidatedScope,
    requires,
    requires_platform_scope,
    requires_revalidated,
)
from agentverse.platform.scope import PlatformScope

ReadAudit = Annotated[TenantSession, requires("audit:read", read_only=True)]
AuditExporter = Annotated[RevalidatedScope, requires_revalidated("audit:export")]
PlatformReader = Annotated[PlatformScope, requires_platform_scope()]
