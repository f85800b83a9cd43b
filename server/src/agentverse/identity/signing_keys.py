"""The Ed25519 keys that sign tokens: the newest signs, the one before it still verifies."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from agentverse.identity import key_rings
from agentverse.platform.clock import now
from agentverse.platform.errors import Misconfigured
from agentverse.platform.ids import new_id
from agentverse.platform.settings import Settings, get_settings

ALGORITHM = "EdDSA"
LIVE_KEYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    id: str
    private: Ed25519PrivateKey


def sign(claims: dict[str, Any], settings: Settings, *, life: timedelta) -> str:
    """A JWT of these claims with issuer, token id, time of issue and expiry added."""
    moment = now()
    key = live_keys(settings)[0]
    return jwt.encode(
        {
            "iss": settings.issuer,
            "jti": str(new_id()),
            "iat": moment,
            "exp": moment + life,
            **claims,
        },
        key.private,
        algorithm=ALGORITHM,
        headers={"kid": key.id},
    )


def decode(token: str, settings: Settings, *, audience: str, require: list[str]) -> dict[str, Any]:
    """The claims of a live token signed by us; raises jwt.InvalidTokenError or ValueError."""
    wanted = jwt.get_unverified_header(token).get("kid")
    key = next((key for key in live_keys(settings) if key.id == wanted), None)
    if key is None:
        raise jwt.InvalidTokenError("unknown key id")
    return jwt.decode(
        token,
        key.private.public_key(),
        algorithms=[ALGORITHM],
        audience=audience,
        issuer=settings.issuer,
        options={"require": require},
    )


_cache: dict[tuple[str, int], tuple[SigningKey, ...]] = {}


def live_keys(settings: Settings) -> tuple[SigningKey, ...]:
    """Newest first. Read again when the file changed, so a rotation needs no restart.

    Raises Misconfigured for a file that is unreadable or holds none.
    """
    if settings.signing_keys is not None:
        return _parse(settings.signing_keys)
    path = settings.keys_file
    if not path.exists():
        key_rings.read(path, _make)
    stamp = (str(path), path.stat().st_mtime_ns)
    if stamp not in _cache:
        _cache.clear()
        _cache[stamp] = _parse(path.read_text())
    return _cache[stamp]


def cursor_keys() -> list[bytes]:
    """Keys (32 bytes) for cursors, one of each live signing key, the newest first."""
    return [
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"cursors").derive(
            key.private.private_bytes_raw()
        )
        for key in live_keys(get_settings())
    ]


def rotate(settings: Settings) -> str:
    """Make a new signing key, keep the one before it for verifying; returns the new key id."""
    return key_rings.add(settings.keys_file, _make, keep=LIVE_KEYS)


def _make(_existing_ids: list[str]) -> tuple[str, str]:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return str(new_id()), pem.decode()


def _parse(document: str) -> tuple[SigningKey, ...]:
    try:
        stored = cast("dict[str, str]", json.loads(document))
        keys = [
            SigningKey(id=key_id, private=_ed25519(load_pem_private_key(pem.encode(), None)))
            for key_id, pem in stored.items()
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
