"""Keyset pagination over time-ordered ids: a page and the signed cursor of the next one.

A cursor is bound to the list it came from: tenant, path and filters; it ends after a day.
"""

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from agentverse.platform.clock import now
from agentverse.platform.errors import FieldError, InvalidInput
from agentverse.platform.wire import WireModel

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 200
CURSOR_LIFE: Final = timedelta(days=1)
ID_BYTES: Final = 16
EXPIRY_BYTES: Final = 6
SIGNATURE_BYTES: Final = 16
PAGE_PARAMETERS: Final = frozenset({"cursor", "limit"})

# The newest first: it signs, all of them verify.
Keys = Callable[[], Sequence[bytes]]

_of_this_process = (secrets.token_bytes(32),)


def _process_keys() -> Sequence[bytes]:
    return _of_this_process


_keys: Keys = _process_keys


def install_keys(keys: Keys) -> None:
    """From now on in this process, sign with these keys, which other processes have too."""
    global _keys
    _keys = keys


class Page(WireModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = None


@dataclass(slots=True, kw_only=True)
class CursorBinding:
    """The list that a request reads: `query` is path and filters; `owner` is set once known."""

    query: str
    owner: str = ""


# Set by the HTTP door for each request; work outside one reads lists of its own.
binding: ContextVar[CursorBinding | None] = ContextVar("cursor_binding", default=None)


def query_of(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Path and filters as one text: what a cursor belongs to, however long the pages are."""
    filters = sorted(pair for pair in parameters if pair[0] not in PAGE_PARAMETERS)
    return json.dumps([path, filters])


def bind_owner(owner: str) -> None:
    """Whose list the request reads: the tenant, or the platform realm."""
    bound = binding.get()
    if bound is not None:
        bound.owner = owner


def encode_cursor(last_id: UUID) -> str:
    expiry = int((now() + CURSOR_LIFE).timestamp()).to_bytes(EXPIRY_BYTES, "big")
    signed = last_id.bytes + expiry
    return urlsafe_b64encode(signed + _signature(_keys()[0], signed)).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """Raises InvalidInput for what `encode_cursor` did not make for this list, or a day ago."""
    try:
        document = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise _refused("is not one this server gave out") from error
    signed, signature = document[: ID_BYTES + EXPIRY_BYTES], document[ID_BYTES + EXPIRY_BYTES :]
    if not any(hmac.compare_digest(_signature(key, signed), signature) for key in _keys()):
        raise _refused("is not one this server gave out for this list and these filters")
    if int.from_bytes(signed[ID_BYTES:], "big") <= now().timestamp():
        raise _refused("is older than a day")
    return UUID(bytes=signed[:ID_BYTES])


def _signature(key: bytes, signed: bytes) -> bytes:
    bound = binding.get() or CursorBinding(query="")
    # Lengths are fixed or told, so that no two lists have the same text.
    text = f"{len(bound.owner)} {bound.owner} {bound.query}".encode()
    return hmac.digest(key, b"cursor " + signed + text, hashlib.sha256)[:SIGNATURE_BYTES]


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        f"The cursor {why}. Ask again without `cursor` to start from the first page.",
        errors=[FieldError(field="cursor", message=why)],
    )


def page_size(limit: int) -> int:
    """The rows to return for a wished limit; refuses what no page can hold. Raises InvalidInput."""
    if not 1 <= limit <= MAXIMUM_LIMIT:
        raise InvalidInput(
            f"`limit` must be between 1 and {MAXIMUM_LIMIT}; you asked for {limit}.",
            errors=[FieldError(field="limit", message=f"must lie between 1 and {MAXIMUM_LIMIT}")],
        )
    return limit


class Identified(Protocol):
    """What a page's cursor is made of."""

    @property
    def id(self) -> UUID: ...


Item = TypeVar("Item", bound=Identified)


def first_page(items: list[Item], size: int) -> tuple[list[Item], str | None]:
    """The items of a page, and the cursor after it, from up to one item more than fits."""
    more = len(items) > size
    return items[:size], encode_cursor(items[size - 1].id) if more else None


@dataclass(frozen=True, slots=True)
class PageWanted:
    """Which page of a list: `after` is the id that the page before it ended with."""

    size: int
    after: UUID | None


def page_wanted(cursor: str | None, limit: int) -> PageWanted:
    """Raises InvalidInput for a limit or a cursor that cannot be used."""
    return PageWanted(page_size(limit), None if cursor is None else decode_cursor(cursor))
