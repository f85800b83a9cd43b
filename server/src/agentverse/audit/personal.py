"""The personal part of an entry: free text, address and agent, apart so that it can be erased.

The entry keeps a salted commitment to it, so erasing leaves the chain of hashes as it was.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from agentverse.audit.hashing import commitment_of

ELSEWHERE = "[erasable]"
SALT_BYTES = 16
MOST_TERMS = 24
TERM = re.compile(r"[^\W_]{2,40}")

# Texts that are words of ours: everything else that somebody typed is taken for personal.
PLAIN_KEYS = frozenset(
    {"because", "code", "kind", "method", "outcome", "permission", "role", "status", "variant"}
)
PLAIN_TEXT = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an id
    r"|[0-9a-f]{32,128}"  # a digest
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?)?"  # a moment
    r"|\[redacted\]"
)
PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """texts: JSON pointer into {"before", "after"} → what stood there."""

    salt: bytes
    address: str | None
    agent: str | None
    texts: dict[str, Any]

    @property
    def commitment(self) -> bytes:
        return commitment_of(
            self.salt, {"address": self.address, "agent": self.agent, "texts": self.texts}
        )

    @property
    def terms(self) -> frozenset[str]:
        """The words that a search finds the entry by."""
        words = (word.lower() for text in _strings(self.texts) for word in TERM.findall(text))
        return frozenset(list(dict.fromkeys(words))[:MOST_TERMS])


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def split(documents: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """JSON documents without their free text, and that text by JSON pointer."""
    texts: dict[str, Any] = {}
    kept = {name: _kept(value, f"/{name}", "", texts) for name, value in documents.items()}
    return kept, texts


def join(documents: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `split`; what has been erased stays `[erasable]`."""
    return {name: _joined(value, f"/{name}", texts) for name, value in documents.items()}


def _kept(value: Any, pointer: str, key: str, texts: dict[str, Any]) -> Any:
    if isinstance(value, str) and value and not _is_plain(key, value):
        texts[pointer] = value
        return ELSEWHERE
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if all(PLAIN_NAME.fullmatch(name) for name in fields):
            return {
                name: _kept(item, f"{pointer}/{name}", name, texts) for name, item in fields.items()
            }
        # Keys that somebody typed (a file's columns): the whole document is personal.
        texts[pointer] = fields
        return ELSEWHERE
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_kept(item, f"{pointer}/{i}", key, texts) for i, item in enumerate(items)]
    return value


def _is_plain(key: str, text: str) -> bool:
    return key in PLAIN_KEYS or PLAIN_TEXT.fullmatch(text) is not None


def _joined(value: Any, pointer: str, texts: Mapping[str, Any]) -> Any:
    if value == ELSEWHERE:
        return texts.get(pointer, ELSEWHERE)
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: _joined(item, f"{pointer}/{name}", texts) for name, item in fields.items()}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_joined(item, f"{pointer}/{i}", texts) for i, item in enumerate(items)]
    return value


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in cast("dict[str, Any]", value).values() for text in _strings(item)]
    if isinstance(value, list):
        return [text for item in cast("list[Any]", value) for text in _strings(item)]
    return []
