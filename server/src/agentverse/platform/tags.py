"""Words that people put on what they keep, to find it again."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

Tag = Annotated[str, Field(min_length=1, max_length=40)]
Tags = Annotated[list[Tag], Field(max_length=20)]


def tidy_tags(tags: Iterable[str]) -> list[str]:
    """Return the tags without spaces around them, none twice whatever its capitals."""
    stripped = [tag.strip() for tag in tags if tag.strip()]
    return list({tag.casefold(): tag for tag in reversed(stripped)}.values())[::-1]
