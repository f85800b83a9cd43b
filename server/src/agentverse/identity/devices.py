"""Devices that somebody has signed in on: a signed cookie, so that guessing elsewhere slows nobody.

It opens nothing. It only has its own count of failures, apart from those of strangers.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt

from agentverse.identity import signing_keys
from agentverse.platform.ids import new_id
from agentverse.platform.settings import Settings

AUDIENCE = "agentverse-device"
REQUIRED = ["sub", "device", "iss", "aud", "exp", "iat"]
LIFETIME = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A browser; `addresses` are the hashes of the e-mail addresses that signed in on it."""

    id: UUID
    address: str

    def knows(self, email: str) -> bool:
        return self.address == _hash(email)


def remember(email: str, settings: Settings, *, device: Device | None = None) -> str:
    """The text of the cookie for a device on which this address has just signed in."""
    is_known = device is not None and device.knows(email)
    device_id = device.id if is_known and device is not None else new_id()
    claims = {"aud": AUDIENCE, "sub": _hash(email), "device": str(device_id)}
    return signing_keys.sign(claims, settings, life=LIFETIME)


def recognise(cookie: str | None, settings: Settings) -> Device | None:
    """The device that a cookie names; None for one that we have not made or that is too old."""
    if cookie is None:
        return None
    try:
        claims = signing_keys.decode(cookie, settings, audience=AUDIENCE, require=REQUIRED)
        return Device(id=UUID(claims["device"]), address=str(claims["sub"]))
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
        return None


def _hash(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()
