"""Keyset pagination over time-ordered ids: a page and the cursor of the next one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from agentverse.platform.errors import FieldError, InvalidInput
from agentverse.platform.wire import WireModel

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 200


class Page(WireModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = None


def encode_cursor(last_id: UUID) -> str:
    return urlsafe_b64encode(last_id.bytes).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """Raises InvalidInput for what `encode_cursor` did not make."""
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=="))
    except ValueError as error:
        raise InvalidInput(
            "The cursor is not one this server gave out. Ask again without `cursor` to start "
            "from the first page.",
            errors=[FieldError(field="cursor", message="is not one this server gave out")],
        ) from error


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


Found = TypeVar("Found", bound=Identified)


def first_page(found: list[Found], size: int) -> tuple[list[Found], str | None]:
    """The items of a page, and the cursor after it, from up to one item more than fits."""
    more = len(found) > size
    return found[:size], encode_cursor(found[size - 1].id) if more else None


@dataclass(frozen=True, slots=True)
class PageWanted:
    """Which page of a list: `after` is the id that the page before it ended with."""

    size: int
    after: UUID | None


def page_wanted(cursor: str | None, limit: int) -> PageWanted:
    """Raises InvalidInput for a limit or a cursor that cannot be used."""
    return PageWanted(page_size(limit), None if cursor is None else decode_cursor(cursor))
