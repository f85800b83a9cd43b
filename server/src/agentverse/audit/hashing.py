"""What is hashed and how: one entry, its place in the chain, the Merkle tree over all of them.

Leaves and nodes as in RFC 9162, section 2.1; every kind of hash has its own first byte.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

LEAF, NODE, LINK, COMMITMENT = b"\x00", b"\x01", b"\x02", b"\x03"
HASH_BYTES = 32
# What the chain of every stream begins from.
GENESIS = bytes(HASH_BYTES)
EMPTY_ROOT = hashlib.sha256(b"").digest()


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one spelling of a document: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        dict(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_spelled
    ).encode("utf-8", "surrogatepass")


def _spelled(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical spelling.")


def leaf_hash(entry: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(LEAF + canonical(entry)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def link_hash(before: bytes, *, position: int, sealed_at: datetime, leaf: bytes) -> bytes:
    """The chain's next hash: `before` is the one of the position below, GENESIS at the first."""
    place = canonical({"position": position, "sealed_at": sealed_at})
    return hashlib.sha256(LINK + before + leaf + place).digest()


def commitment_of(salt: bytes, personal: Mapping[str, Any]) -> bytes:
    """Binds an entry to its personal part; without the salt nobody can guess what it was."""
    return hashlib.sha256(COMMITMENT + salt + canonical(personal)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class MerkleFrontier:
    """A growing Merkle tree as the roots of its perfect subtrees, largest first.

    size: leaves so far. roots: one hash for each 1 in the binary form of `size`.
    """

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "MerkleFrontier":
        roots, size, hashed = self.roots, self.size, leaf
        while size & 1:
            hashed = node_hash(roots[-1], hashed)
            roots, size = roots[:-1], size >> 1
        return MerkleFrontier(size=self.size + 1, roots=(*roots, hashed))

    def root(self) -> bytes:
        if not self.roots:
            return EMPTY_ROOT
        hashed = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            hashed = node_hash(left, hashed)
        return hashed

    def stored(self) -> bytes:
        return b"".join(self.roots)


def stored_frontier(size: int, stored: bytes) -> MerkleFrontier:
    """The frontier of a stored row; raises ValueError where both do not belong together."""
    if len(stored) != HASH_BYTES * size.bit_count():
        raise ValueError("The stored tree does not have the size it claims.")
    roots = tuple(stored[i : i + HASH_BYTES] for i in range(0, len(stored), HASH_BYTES))
    return MerkleFrontier(size=size, roots=roots)
