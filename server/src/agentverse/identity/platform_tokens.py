"""Tokens of the platform realm: another prefix, audience and type than any token of a tenant."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt

from agentverse.identity import signing_keys
from agentverse.identity.errors import InvalidCredential
from agentverse.platform.settings import Settings

PREFIX = "av_admin_"
PLATFORM = "platform"
# Whoever can read the keys of the data home; no account in any table.
HOME_OWNER = "home"
REQUIRED = ["sub", "type", "jti", "iss", "aud", "exp", "iat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformClaims:
    """An administrator, and the sign-in (in one of their tenants) that the token ends with."""

    person_id: UUID
    tenant_id: UUID
    session_id: UUID


def issue_to_home_owner(settings: Settings) -> str:
    """A token for whoever owns the data home, which holds the key that signs it."""
    return _sign({"sub": HOME_OWNER}, settings)


def issue(claims: PlatformClaims, settings: Settings) -> str:
    document = {
        "sub": str(claims.person_id),
        "tenant_id": str(claims.tenant_id),
        "sid": str(claims.session_id),
    }
    return _sign(document, settings)


def verify(credential: str, settings: Settings) -> PlatformClaims | None:
    """The claims of a token of ours, None for the home's owner; every flaw is InvalidCredential."""
    try:
        claims = signing_keys.decode(
            credential.removeprefix(PREFIX),
            settings,
            audience=settings.platform_audience,
            require=REQUIRED,
        )
        if claims["type"] != PLATFORM:
            raise _refused()
        if claims["sub"] == HOME_OWNER:
            return None
        return PlatformClaims(
            person_id=UUID(claims["sub"]),
            tenant_id=UUID(claims["tenant_id"]),
            session_id=UUID(claims["sid"]),
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise _refused() from error


def _sign(claims: dict[str, str], settings: Settings) -> str:
    document = {"aud": settings.platform_audience, "type": PLATFORM, **claims}
    life = timedelta(minutes=settings.platform_token_minutes)
    return PREFIX + signing_keys.sign(document, settings, life=life)


def _refused() -> InvalidCredential:
    return InvalidCredential(
        "The platform token is malformed, expired or not from this server. Enter again with a "
        "code of your authenticator app, or run `agentverse admin token` for a new one."
    )
