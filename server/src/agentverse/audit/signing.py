"""Keys and statements of checkpoints: what a stream held at a size, signed outside the database.

Whoever can write the database cannot sign; the newest statement of each stream also lies in the
data home (and in the log, for whoever ships it elsewhere), so that cutting the end off shows.
"""

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from agentverse.audit.hashing import canonical
from agentverse.platform.db.database_roles import write_private
from agentverse.platform.errors import Misconfigured
from agentverse.platform.settings import Settings

logger = logging.getLogger(__name__)

PURPOSE = b"agentverse audit checkpoint 1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The first `size` entries of `stream` have the Merkle root `root`; `chain` ends them."""

    stream: UUID
    size: int
    root: bytes
    chain: bytes
    signed_at: datetime
    key_id: str

    def signed_bytes(self) -> bytes:
        return PURPOSE + canonical(asdict(self))


class CheckpointKey:
    """The installation's own key; every worker of one installation needs the same."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public: Ed25519PublicKey = private.public_key()
        raw = self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(raw).hexdigest()[:16]

    def sign(self, statement: Statement) -> bytes:
        return self._private.sign(statement.signed_bytes())

    def verifies(self, statement: Statement, signature: bytes) -> bool:
        try:
            self._public.verify(signature, statement.signed_bytes())
        except InvalidSignature:
            return False
        return statement.key_id == self.id


def checkpoint_key(settings: Settings) -> CheckpointKey:
    """From AGENTVERSE_AUDIT_KEY, else from the data home, where it is made on first use.

    Raises Misconfigured for a key that is no Ed25519 private key.
    """
    given = settings.audit_key
    pem = _kept_pem(settings.home) if given is None else given.get_secret_value()
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError) as error:
        raise _unusable() from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable()
    return CheckpointKey(key)


def _unusable() -> Misconfigured:
    return Misconfigured(
        "The key of the audit's checkpoints cannot be read. AGENTVERSE_AUDIT_KEY (or "
        "keys/audit-checkpoints.pem in the data home) must hold an Ed25519 private key in PEM."
    )


def _kept_pem(home: Path) -> str:
    path = home / "keys" / "audit-checkpoints.pem"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            made = Ed25519PrivateKey.generate()
            pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_private(path, pem.decode())
    return path.read_text()


# --- the newest statement of each stream, outside the database ---------------------------------


def keep_outside(settings: Settings, statement: Statement, signature: bytes) -> None:
    """After the checkpoint is committed: a crash in between leaves an older, still true one."""
    document = {
        "stream": str(statement.stream),
        "size": statement.size,
        "root": statement.root.hex(),
        "chain": statement.chain.hex(),
        "signed_at": statement.signed_at.isoformat(),
        "key_id": statement.key_id,
        "signature": signature.hex(),
    }
    spelled = json.dumps(document, sort_keys=True)
    write_private(_folder(settings) / f"{statement.stream}.json", spelled)
    logger.info("Audit checkpoint %s", spelled)


def kept_outside(settings: Settings) -> Iterator[tuple[Statement, bytes] | Path]:
    """Every statement in the data home, or the file that holds none."""
    for path in sorted(_folder(settings).glob("*.json")):
        try:
            yield _parsed(json.loads(path.read_text()))
        except (ValueError, KeyError, TypeError):
            yield path


def _parsed(document: dict[str, Any]) -> tuple[Statement, bytes]:
    statement = Statement(
        stream=UUID(document["stream"]),
        size=int(document["size"]),
        root=bytes.fromhex(document["root"]),
        chain=bytes.fromhex(document["chain"]),
        signed_at=datetime.fromisoformat(document["signed_at"]),
        key_id=str(document["key_id"]),
    )
    return statement, bytes.fromhex(document["signature"])


def _folder(settings: Settings) -> Path:
    return settings.home / "audit"
