"""Request headers that several contexts read."""

from typing import Annotated

from fastapi import Header

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="Sent again with the same request, gives the same result."),
]
