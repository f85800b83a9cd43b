"""The base of every type that travels over HTTP or the queue."""

import re
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

# The type of the error, whose context has the `place` inside the refused document.
UNUSABLE_TEXT: Final = "unusable_text"
UNUSABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class WireModel(BaseModel):
    """Frozen, refuses unknown fields, readable from rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class RequestModel(WireModel):
    """The base of every request body: text that no database and no page can hold is refused."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_control_characters(cls, document: Any) -> Any:
        place = _unusable_text(document)
        if place is not None:
            raise PydanticCustomError(
                UNUSABLE_TEXT,
                "contains control characters, which cannot be stored; remove them",
                {"place": place},
            )
        return document


def _unusable_text(document: Any) -> tuple[str | int, ...] | None:
    """Where the first text with a control character or half a surrogate pair is; None: nowhere.

    A key of that kind cannot be told, so it is the place of what has the key. A list of what is
    left to see, not recursion: no depth may overrun the stack.
    """
    left: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while left:
        place, value = left.pop()
        if isinstance(value, str):
            if UNUSABLE.search(value):
                return place
            continue
        entries = _entries(value)
        if any(isinstance(key, str) and UNUSABLE.search(key) for key, _ in entries):
            return place
        left += [((*place, key), part) for key, part in reversed(entries)]
    return None


def _entries(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).items())
    if isinstance(value, list):
        return list(enumerate(cast("list[Any]", value)))
    return []
