"""Who acts, for which tenant, with what authority."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["user", "system", "api_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    kind: ActorKind
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The authority one operation runs with; without it no tenant session exists."""

    tenant_id: UUID
    actor: Actor
    permissions: frozenset[str] = frozenset()
    request_id: str | None = None

    def allows(self, permission: str) -> bool:
        return permission in self.permissions


def system_scope(tenant_id: UUID, *, request_id: str | None = None) -> Scope:
    """The scope of the installation itself acting inside one tenant; it holds no permission."""
    return Scope(tenant_id=tenant_id, actor=Actor(kind="system"), request_id=request_id)
