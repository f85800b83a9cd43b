"""Keyset pagination over time-ordered ids: a page and the cursor of the next one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Generic, TypeVar
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
