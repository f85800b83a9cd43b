"""Tokens of the platform realm: another prefix, audience and type than any token of a tenant."""

from datetime import timedelta

import jwt

from agentverse.identity import signing_keys
from agentverse.identity.errors import InvalidCredential
from agentverse.platform.scope import Actor, Credential, PlatformScope
from agentverse.platform.settings import Settings

PREFIX = "av_admin_"
PLATFORM = "platform"
# Whoever can read the keys of the data home; no account in any table.
HOME_OWNER = "home"
REQUIRED = ["sub", "type", "jti", "iss", "aud", "exp", "iat"]


def issue_to_home_owner(settings: Settings) -> str:
    """A token for whoever owns the data home, which holds the key that signs it."""
    document = {"aud": settings.platform_audience, "sub": HOME_OWNER, "type": PLATFORM}
    life = timedelta(minutes=settings.platform_token_minutes)
    return PREFIX + signing_keys.sign(document, settings, life=life)


def verify(credential: str, settings: Settings) -> PlatformScope:
    """The scope of a token of ours; every flaw is the same InvalidCredential."""
    try:
        claims = signing_keys.decode(
            credential.removeprefix(PREFIX),
            settings,
            audience=settings.platform_audience,
            require=REQUIRED,
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
        raise _refused() from error
    if (claims["type"], claims["sub"]) != (PLATFORM, HOME_OWNER):
        raise _refused()
    return PlatformScope(actor=Actor(kind="platform"), credential=Credential(kind="platform_token"))


def _refused() -> InvalidCredential:
    return InvalidCredential(
        "The platform token is malformed, expired or not from this server. Run `agentverse admin "
        "token` for a new one."
    )
