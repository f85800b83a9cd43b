"""Secrets at rest: AES-GCM envelopes that name their key and are bound to what they belong to."""

import fcntl
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"AV1"
KEY_ID_BYTES = 8
NONCE_BYTES = 12
KEY_BYTES = 32
WRAPPED_BYTES = KEY_BYTES + 16


class SealBroken(ValueError):
    """The envelope was changed, belongs to something else, or its key is gone."""


class KeyRing:
    """The installation's sealing keys, in one private file; the newest one seals."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def seal(self, secret: str, *, context: str) -> bytes:
        """Encrypt under a fresh data key, which the newest sealing key wraps."""
        key_id, key = self._newest()
        data_key = secrets.token_bytes(KEY_BYTES)
        return b"".join(
            (
                MARK,
                bytes.fromhex(key_id),
                _encrypt(key, data_key, context),
                _encrypt(data_key, secret.encode(), context),
            )
        )

    def open(self, envelope: bytes, *, context: str) -> str:
        """Raises SealBroken unless this very context sealed it."""
        start = len(MARK) + KEY_ID_BYTES
        middle = start + NONCE_BYTES + WRAPPED_BYTES
        key = self._keys().get(envelope[len(MARK) : start].hex())
        if not envelope.startswith(MARK) or key is None:
            raise SealBroken("The envelope's key is not in this installation's key ring.")
        data_key = _decrypt(key, envelope[start:middle], context)
        return _decrypt(data_key, envelope[middle:], context).decode()

    def rotate(self) -> str:
        """Add a key that seals from now on; older envelopes stay readable. Its id."""
        return self._change(_with_new_key)[0]

    def _newest(self) -> tuple[str, bytes]:
        keys = self._keys()
        if not keys:
            self._change(lambda stored: stored or _with_new_key(stored))
            keys = self._keys()
        return list(keys.items())[-1]

    def _keys(self) -> dict[str, bytes]:
        if not self._path.exists():
            return {}
        stored: dict[str, str] = json.loads(self._path.read_text())
        return {key_id: urlsafe_b64decode(key) for key_id, key in stored.items()}

    def _change(self, change: Callable[[dict[str, str]], dict[str, str]]) -> list[str]:
        """Write the ring anew under a lock; the key ids, newest first."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._path.with_suffix(".lock"), "a", opener=_private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            stored: dict[str, str] = {}
            if self._path.exists():
                stored = json.loads(self._path.read_text())
            ring = change(stored)
            fresh = self._path.with_suffix(".new")
            with open(fresh, "w", opener=_private) as file:
                file.write(json.dumps(ring))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        return list(reversed(ring))


def _with_new_key(stored: dict[str, str]) -> dict[str, str]:
    key = urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return {**stored, secrets.token_hex(KEY_ID_BYTES): key}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _encrypt(key: bytes, plain: bytes, context: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def _decrypt(key: bytes, sealed: bytes, context: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise SealBroken("The envelope was changed or belongs to something else.") from None
