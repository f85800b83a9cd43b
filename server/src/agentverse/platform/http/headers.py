"""Request and response headers that several contexts use."""

from typing import Annotated, TypeVar

from fastapi import Header, Response

from agentverse.platform.versions import etag_of
from agentverse.platform.wire import WireModel

View = TypeVar("View", bound=WireModel)

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="Sent again with the same request, gives the same result."),
]
IfMatch = Annotated[
    str | None,
    Header(
        max_length=1000,
        description="The ETag of the version you read: 412 with the present one if it has changed.",
    ),
]


def tagged(response: Response, view: View) -> View:
    """The same view, with its version in the answer's ETag."""
    response.headers["ETag"] = etag_of(view)
    return view
