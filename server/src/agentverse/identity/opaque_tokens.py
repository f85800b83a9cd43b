"""Opaque secrets handed out once and stored as hashes: refresh tokens, one-time sign-ins.

A token starts with its tenant's id, so that looking it up needs no table across tenants; the
id proves nothing, the secret behind it must match a hash of that tenant.
"""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueToken:
    tenant_id: UUID
    secret: str

    @property
    def text(self) -> str:
        return f"{self.tenant_id.hex}.{self.secret}"

    @property
    def digest(self) -> bytes:
        """A plain hash is enough: the secret has 256 random bits, nothing to guess."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_token(tenant_id: UUID) -> OpaqueToken:
    return OpaqueToken(tenant_id=tenant_id, secret=secrets.token_urlsafe(SECRET_BYTES))


def parse_token(text: str) -> OpaqueToken | None:
    tenant, dot, secret = text.partition(".")
    try:
        tenant_id = UUID(hex=tenant)
    except ValueError:
        return None
    return OpaqueToken(tenant_id=tenant_id, secret=secret) if dot and secret else None
