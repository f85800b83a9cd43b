"""Access tokens: short-lived Ed25519 JWTs that name user, tenant and sign-in, and no authority."""

import fcntl
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from agentverse.identity.errors import InvalidCredential
from agentverse.platform.clock import now
from agentverse.platform.db.roles import write_private
from agentverse.platform.errors import Misconfigured
from agentverse.platform.ids import new_id
from agentverse.platform.settings import Settings

ALGORITHM = "EdDSA"
ACCESS = "access"
REQUIRED = ["sub", "tenant_id", "sid", "type", "jti", "iss", "aud", "exp", "iat"]
# The newest signs; the one before it still verifies what it signed.
LIVE_KEYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    user_id: UUID
    tenant_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    id: str
    private: Ed25519PrivateKey


def issue(claims: AccessClaims, settings: Settings) -> str:
    moment = now()
    key = live_keys(settings)[0]
    return jwt.encode(
        {
            "iss": settings.issuer,
            "aud": settings.audience,
            "sub": str(claims.user_id),
            "tenant_id": str(claims.tenant_id),
            "sid": str(claims.session_id),
            "type": ACCESS,
            "jti": str(new_id()),
            "iat": moment,
            "exp": moment + timedelta(seconds=settings.access_token_seconds),
        },
        key.private,
        algorithm=ALGORITHM,
        headers={"kid": key.id},
    )


def verify(token: str, settings: Settings) -> AccessClaims:
    """The claims of a token of ours; every flaw is the same InvalidCredential."""
    try:
        claims = _decode(token, settings)
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


def _decode(token: str, settings: Settings) -> dict[str, Any]:
    wanted = jwt.get_unverified_header(token).get("kid")
    key = next((key for key in live_keys(settings) if key.id == wanted), None)
    if key is None:
        raise jwt.InvalidTokenError("unknown key id")
    return jwt.decode(
        token,
        key.private.public_key(),
        algorithms=[ALGORITHM],
        audience=settings.audience,
        issuer=settings.issuer,
        options={"require": REQUIRED},
    )


_cache: dict[tuple[str, int], tuple[SigningKey, ...]] = {}


def live_keys(settings: Settings) -> tuple[SigningKey, ...]:
    """Newest first. Read again when the file changed, so a rotation needs no restart."""
    if settings.signing_keys is not None:
        return _parse(settings.signing_keys)
    path = settings.keys_file
    if not path.exists():
        rotate(settings, only_if_none=True)
    stamp = (str(path), path.stat().st_mtime_ns)
    if stamp not in _cache:
        _cache.clear()
        _cache[stamp] = _parse(path.read_text())
    return _cache[stamp]


def rotate(settings: Settings, *, only_if_none: bool = False) -> str:
    """Make a new signing key, keep the one before it for verifying; returns the new key id."""
    path = settings.keys_file
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(path.with_suffix(".lock")):
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if known and only_if_none:
            return next(iter(known))
        key_id = str(new_id())
        pem = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        newest_first = {key_id: pem.decode(), **known}
        write_private(path, json.dumps(dict(list(newest_first.items())[:LIVE_KEYS])))
        return key_id


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _parse(document: str) -> tuple[SigningKey, ...]:
    try:
        known = cast("dict[str, str]", json.loads(document))
        keys = [
            SigningKey(id=key_id, private=_ed25519(load_pem_private_key(pem.encode(), None)))
            for key_id, pem in known.items()
        ]
    except (ValueError, TypeError, AttributeError) as error:
        raise Misconfigured(
            "The signing keys cannot be read. AGENTVERSE_SIGNING_KEYS (or keys/access-tokens.json "
            "in the data home) must be JSON {key id: Ed25519 private key in PEM}."
        ) from error
    if not keys:
        raise Misconfigured("There is no signing key. Remove the file to have one made.")
    return tuple(keys[:LIVE_KEYS])


def _ed25519(key: object) -> Ed25519PrivateKey:
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("not an Ed25519 private key")
    return key
