"""A real HTTP server on loopback that speaks OpenAI's wire format and answers from a list."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`hold`: wait for this before answering; `cut`: promise more bytes than are sent."""

    status: int = 200
    document: dict[str, Any] | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    hold: threading.Event | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    path: str
    headers: dict[str, str]
    document: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class OpenAIServer:
    base_url: str = ""
    replies: list[Reply] = field(default_factory=list[Reply])
    received: list[Received] = field(default_factory=list[Received])
    asked: threading.Event = field(default_factory=threading.Event)


def completion(text: str = "Hello", **usage: Any) -> dict[str, Any]:
    """A chat completion as OpenAI sends it; keywords are its `usage`."""
    return {
        "id": "chatcmpl-1",
        "model": "served-model",
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": usage,
    }


@contextmanager
def openai_server(*replies: Reply) -> Generator[OpenAIServer]:
    http = _HttpServer(("127.0.0.1", 0), _Handler)
    server = http.scripted
    server.base_url = f"http://127.0.0.1:{http.server_port}/v1"
    server.replies.extend(replies)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        for reply in replies:
            if reply.hold is not None:
                reply.hold.set()
        http.shutdown()
        thread.join()
        http.server_close()


class _HttpServer(ThreadingHTTPServer):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.scripted = OpenAIServer()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _HttpServer)
        server = self.server.scripted
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received = Received(
            path=self.path, headers=dict(self.headers.items()), document=json.loads(body)
        )
        server.received.append(received)
        reply = server.replies[len(server.received) - 1]
        server.asked.set()
        if reply.hold is not None:
            reply.hold.wait()
        try:
            self._send(reply)
        except ConnectionError:
            return  # the caller left, as some tests want it to

    def _send(self, reply: Reply) -> None:
        body = json.dumps(reply.document).encode() if reply.body is None else reply.body
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) + (1 if reply.cut else 0)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        del format, args
