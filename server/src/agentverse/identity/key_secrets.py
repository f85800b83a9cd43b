"""The text of an API key: how it is made, checked without a database, and hashed for storing.

`av_live_` + public id (12) + `_` + secret (43) + CRC-32 of all before it (6), all base 62, so that
a scanner finds a leaked key and a mistyped one is refused before any look-up.
"""

import hashlib
import hmac
import json
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from typing import cast

from agentverse.identity import key_rings
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings

PREFIX = "av_live_"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
PUBLIC_LENGTH = 12
SECRET_LENGTH = 43  # 256 bits
CHECKSUM_LENGTH = 6
SHAPE = re.compile(r"av_live_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecret:
    public_id: str
    secret: str

    @property
    def text(self) -> str:
        """What the caller is shown once."""
        unchecked = f"{PREFIX}{self.public_id}_{self.secret}"
        return unchecked + _checksum(unchecked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pepper:
    """A secret outside the database that every digest is keyed with."""

    version: int
    secret: bytes


def new_secret() -> KeySecret:
    return KeySecret(public_id=_random(PUBLIC_LENGTH), secret=_random(SECRET_LENGTH))


def parse(text: str) -> KeySecret | None:
    """The parts of a well-formed key; None for every other text."""
    match = SHAPE.fullmatch(text)
    if match is None or _checksum(text[:-CHECKSUM_LENGTH]) != match[3]:
        return None
    return KeySecret(public_id=match[1], secret=match[2])


def digest(key: KeySecret, pepper: Pepper) -> bytes:
    """A fast hash is right for 256 random bits: nobody can try them."""
    return hmac.digest(pepper.secret, key.text.encode(), hashlib.sha256)


def matches(key: KeySecret, stored: bytes, version: int, settings: Settings) -> bool:
    """In constant time; False where the pepper of that version is gone."""
    pepper = next((p for p in peppers(settings) if p.version == version), None)
    return pepper is not None and hmac.compare_digest(digest(key, pepper), stored)


def peppers(settings: Settings) -> tuple[Pepper, ...]:
    """Newest first. All are kept: a key is hashed anew with the newest when it is next used.

    Raises Misconfigured for a file that holds none, or too short a one.
    """
    given = settings.api_key_peppers
    document = (
        key_rings.read(settings.peppers_file, _make) if given is None else given.get_secret_value()
    )
    try:
        stored = cast("dict[str, str]", json.loads(document))
        parsed = [Pepper(version=int(v), secret=bytes.fromhex(s)) for v, s in stored.items()]
    except (ValueError, TypeError, AttributeError) as error:
        raise _unreadable() from error
    if not parsed or any(len(pepper.secret) < hashlib.sha256().digest_size for pepper in parsed):
        raise _unreadable()
    return tuple(sorted(parsed, key=lambda pepper: pepper.version, reverse=True))


def rotate_pepper(settings: Settings) -> str:
    """Hash with a new pepper from now on; returns its version."""
    return key_rings.add(settings.peppers_file, _make, keep=None)


def _make(existing_ids: list[str]) -> tuple[str, str]:
    return str(max(map(int, existing_ids), default=0) + 1), secrets.token_hex(32)


def _random(length: int) -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(length))


def _checksum(text: str) -> str:
    number, signs = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        signs = DIGITS[digit] + signs
    return signs


def _unreadable() -> Misconfigured:
    return Misconfigured(
        "The peppers of API keys cannot be read. AGENTVERSE_API_KEY_PEPPERS (or "
        "keys/api-key-peppers.json in the data home) must be JSON {version: secret}, the version "
        "a number, the secret at least 64 hexadecimal digits."
    )
