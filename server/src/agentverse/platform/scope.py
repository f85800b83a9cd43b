"""Who acts, by which credential, for which tenant, with what authority."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["user", "system", "platform"]
CredentialKind = Literal["session", "api_key", "platform_token", "command_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """`platform` is an administrator of the installation; its id is None for the home's owner."""

    kind: ActorKind
    id: UUID | None = None

    @property
    def key(self) -> str:
        """One text for the actor: user:01890…, or system."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What the actor showed, and from where.

    `id` names the sign-in or the API key; `address` and `agent` are the client's network address
    and user agent, None where no request came over HTTP.
    """

    kind: CredentialKind
    id: UUID | None = None
    address: str | None = None
    agent: str | None = None

    @property
    def session_id(self) -> UUID | None:
        return self.id if self.kind == "session" else None

    @property
    def api_key_id(self) -> UUID | None:
        return self.id if self.kind == "api_key" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The authority one operation runs with; without it no tenant session exists."""

    tenant_id: UUID
    actor: Actor
    permissions: frozenset[str] = frozenset()
    credential: Credential | None = None
    request_id: str | None = None

    def allows(self, permission: str) -> bool:
        return permission in self.permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformScope:
    """The authority of a platform administrator: a realm beside the tenants, not a role in one."""

    actor: Actor
    credential: Credential
    request_id: str | None = None


def system_scope(tenant_id: UUID, *, request_id: str | None = None) -> Scope:
    """The scope of the installation itself acting inside one tenant; it holds no permission."""
    return Scope(tenant_id=tenant_id, actor=Actor(kind="system"), request_id=request_id)
