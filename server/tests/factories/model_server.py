"""A real HTTP server that speaks OpenAI's wire format and misbehaves as it is told.

It writes bytes to sockets itself, so that it can do what no HTTP library lets a server do.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(slots=True)
class Exchange:
    """One request being answered; `hold` is set when the test is over."""

    document: Document
    headers: dict[str, str]
    path: str
    writer: asyncio.StreamWriter
    hold: asyncio.Event

    @property
    def streams(self) -> bool:
        return bool(self.document.get("stream"))

    def head(self, status: int, content_type: str, *headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", *headers]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def whole(self, status: int, body: bytes, content_type: str, *headers: str) -> None:
        self.head(status, content_type, f"Content-Length: {len(body)}", *headers)
        self.writer.write(body)

    def chunk(self, data: bytes) -> None:
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def event(self, document: Document | bytes) -> None:
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.chunk(b"data: " + data + b"\n\n")

    def begin_stream(self) -> None:
        self.head(200, "text/event-stream", "Transfer-Encoding: chunked")

    def end_stream(self) -> None:
        self.writer.write(b"0\r\n\r\n")


Behaviour = Callable[[Exchange], Awaitable[None]]


@dataclass(slots=True)
class ModelServer:
    """`replies` are used up in order; the last one answers everything after it."""

    base_url: str = ""
    replies: list[Behaviour] = field(default_factory=list[Behaviour])
    received: list[Exchange] = field(default_factory=list[Exchange])
    asked: threading.Event = field(default_factory=threading.Event)
    connections: int = 0

    def next_reply(self) -> Behaviour:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def usage(prompt: int = 1000, completion: int = 250, **extra: Any) -> Document:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        **extra,
    }


USAGE = usage()
HEAD = {"id": "chatcmpl-1", "created": 1, "model": "served-model"}


def completion(
    text: str = "Hello there", *, finish: str | None = "stop", counted: Document | None = USAGE
) -> Document:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
    }
    document: Document = {**HEAD, "object": "chat.completion", "choices": [choice]}
    return document if counted is None else {**document, "usage": counted}


def piece(delta: Document, finish: str | None = None) -> Document:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**HEAD, "object": "chat.completion.chunk", "choices": [choice]}


def count(counted: Document) -> Document:
    return {**HEAD, "object": "chat.completion.chunk", "choices": [], "usage": counted}


def words(text: str) -> list[str]:
    parts = text.split(" ")
    return [part + " " for part in parts[:-1]] + parts[-1:]


def say(
    text: str = "Hello there", *, finish: str | None = "stop", counted: Document | None = USAGE
) -> Behaviour:
    """A good answer, streamed or whole as it was asked for."""

    async def reply(exchange: Exchange) -> None:
        if not exchange.streams:
            body = json.dumps(completion(text, finish=finish, counted=counted)).encode()
            exchange.whole(200, body, "application/json")
            return
        exchange.begin_stream()
        exchange.event(piece({"role": "assistant", "content": ""}))
        for word in words(text):
            exchange.event(piece({"content": word}))
        if finish is not None:
            exchange.event(piece({}, finish))
        if counted is not None:
            exchange.event(count(counted))
        exchange.event(b"[DONE]")
        exchange.end_stream()

    return reply


def answer(document: Document) -> Behaviour:
    """This very document, whole, whatever was asked for."""

    async def reply(exchange: Exchange) -> None:
        exchange.whole(200, json.dumps(document).encode(), "application/json")

    return reply


def events(*documents: Document | bytes, done: bool = True) -> Behaviour:
    """These very events."""

    async def reply(exchange: Exchange) -> None:
        exchange.begin_stream()
        for document in documents:
            exchange.event(document)
        if done:
            exchange.event(b"[DONE]")
        exchange.end_stream()

    return reply


def fail(status: int, *headers: str, error: Document | None = None) -> Behaviour:
    async def reply(exchange: Exchange) -> None:
        body = json.dumps({"error": error or {"message": f"status {status}"}}).encode()
        exchange.whole(status, body, "application/json", *headers)

    return reply


def raw(status: int, body: bytes, content_type: str) -> Behaviour:
    async def reply(exchange: Exchange) -> None:
        exchange.whole(status, body, content_type)

    return reply


async def reset(exchange: Exchange) -> None:
    """Gone before a header."""
    exchange.writer.transport.abort()


async def silence(exchange: Exchange) -> None:
    """Accepts and says nothing."""
    await exchange.hold.wait()


async def slow_first_token(exchange: Exchange) -> None:
    """Headers and comments at once, and never a token."""
    exchange.begin_stream()
    while not exchange.hold.is_set():
        exchange.chunk(b": still thinking\n\n")
        await exchange.writer.drain()
        await asyncio.wait([asyncio.ensure_future(exchange.hold.wait())], timeout=0.05)


async def cut(exchange: Exchange) -> None:
    """Breaks off in the middle of the answer."""
    exchange.begin_stream()
    exchange.event(piece({"role": "assistant", "content": "Hello "}))
    await exchange.writer.drain()
    exchange.writer.close()


async def stall(exchange: Exchange) -> None:
    """Falls silent in the middle of the answer."""
    exchange.begin_stream()
    exchange.event(piece({"role": "assistant", "content": "Hello "}))
    await exchange.writer.drain()
    await exchange.hold.wait()


async def chunked_nonsense(exchange: Exchange) -> None:
    """One write: the client reads head and nonsense together, and never the head alone."""
    head = b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    exchange.writer.write(head + b"\r\nthis is no length\r\n")
    await exchange.writer.drain()
    exchange.writer.close()


async def huge_body(exchange: Exchange) -> None:
    """More than anybody asked for, without an end."""
    exchange.head(200, "application/json", "Transfer-Encoding: chunked")
    exchange.chunk(b'{"choices": "')
    for _ in range(40):
        exchange.chunk(b"x" * 1024 * 1024)
        await exchange.writer.drain()
    exchange.end_stream()


async def huge_event(exchange: Exchange) -> None:
    exchange.begin_stream()
    exchange.event(piece({"content": "Hello "}))
    exchange.chunk(b"data: ")
    for _ in range(10):
        exchange.chunk(b"x" * 1024 * 1024)
        await exchange.writer.drain()
    exchange.end_stream()


@contextmanager
def model_server(*replies: Behaviour) -> Generator[ModelServer]:
    """A server on loopback with these replies (none: it answers well)."""
    server = ModelServer(replies=list(replies) or [say()])
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    hold = asyncio.Event()
    tasks: set[asyncio.Task[Any]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while (exchange := await _read(reader, writer, hold)) is not None:
                server.received.append(exchange)
                server.asked.set()
                await server.next_reply()(exchange)
                if writer.is_closing():
                    return
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(connected, "127.0.0.1", 0)

    async def stop(listening: asyncio.Server) -> None:
        hold.set()
        listening.close()
        for task in tuple(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)

    listening = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    server.base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _read(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hold: asyncio.Event
) -> Exchange | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Exchange(
        document=json.loads(body) if body else {},
        headers=headers,
        path=first.split(" ")[1],
        writer=writer,
        hold=hold,
    )


def closed_port() -> str:
    """An address where nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


def streamed(text: str) -> tuple[str, dict[str, Any] | None, bool]:
    """The words of a stream, its error, and whether it said [DONE]."""
    words, error, done = "", None, False
    for line in text.splitlines():
        if not line.startswith("data: "):
            continue
        data = line.removeprefix("data: ")
        if data == "[DONE]":
            done = True
            continue
        document = json.loads(data)
        error = document.get("error") or error
        for choice in document.get("choices", []):
            words += choice["delta"].get("content") or ""
    return words, error, done
