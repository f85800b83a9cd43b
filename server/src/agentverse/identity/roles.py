"""Role to permissions. A role includes everything of the roles below it."""

from typing import Literal

Role = Literal["owner", "admin", "analyst", "viewer"]

_VIEWER = frozenset({"projects:read", "populations:read", "runs:read", "llm:read"})
_ANALYST = _VIEWER | {"projects:write", "populations:write", "runs:write", "llm:call"}
_ADMIN = _ANALYST | {
    "audit:read",
    "audit:export",
    "members:read",
    "members:write",
    "organization:write",
    "api_keys:write",
    "llm:write",
}
_OWNER = _ADMIN | {"organization:delete", "privacy:write"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _OWNER,
    "admin": _ADMIN,
    "analyst": _ANALYST,
    "viewer": _VIEWER,
}

# Every permission there is; an API key's scopes are some of them.
CATALOGUE = _OWNER


def permissions_of(role: str) -> frozenset[str]:
    return PERMISSIONS[role]


RANKS = ("viewer", "analyst", "admin", "owner")


def is_above(role: str, other: str) -> bool:
    return RANKS.index(role) > RANKS.index(other)
