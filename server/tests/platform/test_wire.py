"""Request bodies: text that cannot be stored is refused wherever it stands."""

from typing import Any

import pytest
from pydantic import ValidationError

from agentverse.platform.wire import RequestModel


class Wish(RequestModel):
    text: str = ""
    numbers: dict[str, float] = {}  # noqa: RUF012 - pydantic copies defaults
    texts: list[str] = []  # noqa: RUF012


@pytest.mark.parametrize(
    "document",
    [
        {"text": "a\0b"},
        {"text": "bell \a"},
        {"numbers": {"\0": 1}},
        {"numbers": {"\ud800": 1}},
        {"texts": ["fine", "\x1b[31m"]},
    ],
)
def test_unusable_text_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        Wish.model_validate(document)


def test_lines_tabs_and_every_script_pass() -> None:
    wish = Wish.model_validate({"text": "ä 問い 🎈\n\ttab\r\n", "numbers": {"β": 1}})
    assert wish.text == "ä 問い 🎈\n\ttab\r\n"
