"""Access tokens: short-lived Ed25519 JWTs that name user, tenant and sign-in, and no authority."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt

from agentverse.identity import signing_keys
from agentverse.identity.errors import InvalidCredential
from agentverse.platform.settings import Settings

ACCESS = "access"
REQUIRED = ["sub", "tenant_id", "sid", "type", "jti", "iss", "aud", "exp", "iat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    user_id: UUID
    tenant_id: UUID
    session_id: UUID


def issue(claims: AccessClaims, settings: Settings) -> str:
    document = {
        "aud": settings.audience,
        "sub": str(claims.user_id),
        "tenant_id": str(claims.tenant_id),
        "sid": str(claims.session_id),
        "type": ACCESS,
    }
    life = timedelta(seconds=settings.access_token_seconds)
    return signing_keys.sign(document, settings, life=life)


def verify(token: str, settings: Settings) -> AccessClaims:
    """The claims of a token of ours; every flaw is the same InvalidCredential."""
    try:
        claims = signing_keys.decode(token, settings, audience=settings.audience, require=REQUIRED)
        if claims["type"] != ACCESS:
            raise InvalidCredential("This is not an access token. Sign in again.")
        return AccessClaims(
            user_id=UUID(claims["sub"]),
            tenant_id=UUID(claims["tenant_id"]),
            session_id=UUID(claims["sid"]),
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
        raise InvalidCredential(
            "The access token is malformed, expired or not from this server. Refresh it or sign "
            "in again."
        ) from error
