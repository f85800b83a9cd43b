"""The base of every type that travels over HTTP or the queue."""

from typing import Any, cast

from pydantic import BaseModel, ConfigDict, model_validator


class WireModel(BaseModel):
    """Frozen, refuses unknown fields, readable from rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class RequestModel(WireModel):
    """The base of every request body: text that no database and no page can hold is refused."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_control_characters(cls, document: Any) -> Any:
        if _holds_unusable_text(document):
            raise ValueError("contains control characters, which cannot be stored; remove them")
        return document


def _holds_unusable_text(found: Any) -> bool:
    """Whether any text, keys included, has a control character or half a surrogate pair."""
    if isinstance(found, str):
        return any(_is_unusable(sign) for sign in found)
    if isinstance(found, dict):
        entries = cast("dict[Any, Any]", found)
        return any(_holds_unusable_text(part) for entry in entries.items() for part in entry)
    if isinstance(found, list):
        return any(_holds_unusable_text(part) for part in cast("list[Any]", found))
    return False


def _is_unusable(sign: str) -> bool:
    return (sign < " " and sign not in "\t\n\r") or "\ud800" <= sign <= "\udfff"
