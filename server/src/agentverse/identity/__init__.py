"""Identity: tenants, organizations, users, memberships, signing in, API keys."""

from agentverse.identity.authentication import (
    authenticate,
    revalidate,
    scope_of_email,
    scope_of_only_user,
    turn_of,
)
from agentverse.identity.expiring import expire_until_stopped
from agentverse.identity.key_authentication import recall
from agentverse.identity.rate_limiting import limit_model_call, limit_request
from agentverse.identity.roles import PERMISSIONS, Role, permissions_of
from agentverse.identity.signing_in import issue_one_time_sign_in
from agentverse.identity.signing_keys import cursor_keys
from agentverse.identity.tenants import NewTenant, create_tenant_with_owner

__all__ = [
    "PERMISSIONS",
    "NewTenant",
    "Role",
    "authenticate",
    "create_tenant_with_owner",
    "cursor_keys",
    "expire_until_stopped",
    "issue_one_time_sign_in",
    "limit_model_call",
    "limit_request",
    "permissions_of",
    "recall",
    "revalidate",
    "scope_of_email",
    "scope_of_only_user",
    "turn_of",
]
