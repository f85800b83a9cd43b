"""The base of every type that travels over HTTP or the queue."""

from collections.abc import Iterable
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

# The type of the error, whose context has the `place` inside the refused document.
UNUSABLE_TEXT: Final = "unusable_text"


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


def _unusable_text(found: Any) -> tuple[str | int, ...] | None:
    """Where the first text with a control character or half a surrogate pair is; None: nowhere.

    A key of that kind cannot be told, so it is the place of what has the key.
    """
    if isinstance(found, str):
        return () if any(_is_unusable(sign) for sign in found) else None
    if isinstance(found, dict):
        entries = cast("dict[Any, Any]", found)
        in_a_key = any(_unusable_text(key) is not None for key in entries)
        return () if in_a_key else _inside(entries.items())
    if isinstance(found, list):
        return _inside(enumerate(cast("list[Any]", found)))
    return None


def _inside(parts: Iterable[tuple[str | int, Any]]) -> tuple[str | int, ...] | None:
    found = ((key, _unusable_text(part)) for key, part in parts)
    return next(((key, *place) for key, place in found if place is not None), None)


def _is_unusable(sign: str) -> bool:
    return (sign < " " and sign not in "\t\n\r") or "\ud800" <= sign <= "\udfff"
