"""Recovery codes: ten secrets on paper, each good once, for whoever has lost the app."""

import base64
import hashlib
import secrets

COUNT = 10
# 80 bits: nobody guesses one, so a plain hash of it is enough.
SECRET_BYTES = 10
GROUP = 4


def new_codes() -> list[str]:
    """Sixteen letters and digits each, in groups of four."""
    return [_grouped(base64.b32encode(secrets.token_bytes(SECRET_BYTES))) for _ in range(COUNT)]


def digest_of(code: str) -> bytes:
    """However it was typed: case, spaces and dashes do not count."""
    letters = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(letters.encode()).digest()


def _grouped(letters: bytes) -> str:
    text = letters.decode().lower()
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))
