"""JSON bodies: read once, refused when they nest too deep or hold too much, before validation."""

import json
from collections.abc import Iterator
from typing import Any, Final, cast

from agentverse.platform.errors import AgentVerseError

MOST_DEPTH: Final = 64
MOST_VALUES: Final = 20_000
# Below this a body is read and validated where it arrives; above it, in a thread.
SMALL_BYTES: Final = 16 * 1024


class DocumentTooLarge(AgentVerseError):
    code = "document_too_large"
    status = 422
    title = "The request holds too much"


def read_document(body: bytes) -> Any:
    """Parse JSON; raises ValueError where it is none, DocumentTooLarge beyond the limits."""
    try:
        document = json.loads(body)
    except RecursionError as error:
        raise _too_deep() from error
    _check(document)
    return document


def _check(document: Any) -> None:
    """Level by level, so that no depth can overrun the stack."""
    level, seen = [document], 0
    for _ in range(MOST_DEPTH):
        level = [part for parent in level for part in _parts(parent)]
        if not level:
            return
        seen += len(level)
        if seen > MOST_VALUES:
            raise DocumentTooLarge(
                f"The JSON body holds more than {MOST_VALUES:,} values. Send it in parts, or "
                "leave out what is not needed."
            )
    raise _too_deep()


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from cast("dict[str, Any]", value).values()
    elif isinstance(value, list):
        yield from cast("list[Any]", value)


def _too_deep() -> DocumentTooLarge:
    return DocumentTooLarge(f"The JSON body nests deeper than {MOST_DEPTH} levels. Flatten it.")
