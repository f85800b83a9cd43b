"""What a door's clients speak: how a request is read and an answer, a stream, an error written."""

from typing import Any, Protocol

import orjson

from agentverse.llm.calls import Report
from agentverse.llm.requests import CallRequest, Labels, read_chat, read_embeddings
from agentverse.llm.wire_errors import WireError

Document = dict[str, Any]


class StreamWriter(Protocol):
    """Turns the events of one live answer into a client's events."""

    def begin(self) -> bytes: ...

    def event(self, data: bytes) -> bytes: ...

    def end(self) -> bytes: ...

    def fail(self, error: WireError) -> bytes: ...

    @property
    def keep_alive(self) -> bytes: ...


class Dialect(Protocol):
    """`whole` and `stream` are given the served answer; `body` is what the client sent."""

    def read(self, body: object, labels: Labels) -> CallRequest: ...

    def whole(self, answer: Document, body: Document, report: Report) -> bytes: ...

    def stream(self, request: CallRequest, body: Document, report: Report) -> StreamWriter: ...

    def error(self, error: WireError, request_id: str) -> bytes: ...


def named(document: Document, report: Report) -> Document:
    """The served model's own name, where the provider left it out."""
    if document.get("model") is None and report.served_model is not None:
        document["model"] = report.served_model.partition("/")[2]
    return document


class ChatDialect:
    """OpenAI's chat completions: what the router speaks itself."""

    def read(self, body: object, labels: Labels) -> CallRequest:
        return read_chat(body, labels)

    def whole(self, answer: Document, body: Document, report: Report) -> bytes:
        return orjson.dumps(named(answer, report))

    def stream(self, request: CallRequest, body: Document, report: Report) -> StreamWriter:
        return ChatStream(request, report)

    def error(self, error: WireError, request_id: str) -> bytes:
        return error.body()


class EmbeddingsDialect(ChatDialect):
    def read(self, body: object, labels: Labels) -> CallRequest:
        return read_embeddings(body, labels)


class ChatStream:
    """Events pass through; usage is shown on demand only, and `model` is always there."""

    keep_alive = b": keep-alive\n\n"

    def __init__(self, request: CallRequest, report: Report) -> None:
        self._include_usage = request.include_usage
        self._report = report

    def begin(self) -> bytes:
        return b""

    def event(self, data: bytes) -> bytes:
        has_usage = b'"usage"' in data and not self._include_usage
        if not has_usage and b'"model"' in data:
            return b"data: " + data + b"\n\n"
        document: Document = orjson.loads(data)
        if has_usage:
            document.pop("usage", None)
            if not document.get("choices"):
                return b""
        return b"data: " + orjson.dumps(named(document, self._report)) + b"\n\n"

    def end(self) -> bytes:
        return b"data: [DONE]\n\n"

    def fail(self, error: WireError) -> bytes:
        """The status is out already: an event tells it, and no [DONE] follows."""
        return b"data: " + error.body() + b"\n\n"
