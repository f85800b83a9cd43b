"""Slow, endless and flooding senders are bounded: seen at real sockets, by what the server does."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from agentverse.platform.http.connections import ConnectionLimits, limited_protocol
from agentverse.platform.http.request_starts import LEFT

# So that a test waits no longer than it must; what is asserted is the closing, not when.
SHORT = ConnectionLimits(
    header_bytes=8_000, header_seconds=0.2, body_seconds=0.2, send_seconds=0.2, for_one_address=40
)
PATIENT = ConnectionLimits(header_bytes=8_000, for_one_address=40)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers how many bytes came; for /large, more than any socket takes at once."""
    received = 0
    while True:
        message = await receive()
        received += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            break
    size = 64_000_000 if scope["path"] == "/large" else len(str(received))
    headers = [(b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    body = b"x" * size if scope["path"] == "/large" else str(received).encode()
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(limits: ConnectionLimits, app: ASGIApp = echo) -> Generator[tuple[uvicorn.Server, int]]:
    config = uvicorn.Config(
        app, port=0, http=limited_protocol(limits), lifespan="off", log_config=None, ws="none"
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0), backlog=500)
    thread = Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield server, listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class HeldLoop:
    """An application that stops the event loop at /hold, so that a whole flood is there at once.

    started: the paths of the requests that it has seen, in order.
    """

    def __init__(self) -> None:
        self.held = Event()
        self.go_on = Event()
        self.started: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.started.append(scope["path"])
        if scope["path"] == "/hold":
            self.held.set()
            self.go_on.wait()
        await echo(scope, receive, send)


def connect(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))


def send_get(client: socket.socket, path: str, *headers: str) -> None:
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers]
    client.sendall("\r\n".join([*lines, "", ""]).encode())


def read_to_end(client: socket.socket) -> bytes:
    """Everything until the server closes; a server that never does fails the test."""
    received = b""
    while part := client.recv(65_536):
        received += part
    return received


def test_three_hundred_half_sent_heads_are_all_closed() -> None:
    limits = ConnectionLimits(header_seconds=0.2, for_one_address=1000)
    with serving(limits) as (server, port), connect(port) as at_work:
        at_work.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
        clients = [connect(port) for _ in range(300)]
        for client in clients:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        answers = [read_to_end(client) for client in clients]
        for client in clients:
            client.close()
        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}
        assert len(server.server_state.tasks) == 1


def test_connection_that_says_nothing_is_closed() -> None:
    with serving(SHORT) as (_, port), connect(port) as client:
        assert b"408" in read_to_end(client)


def test_second_head_on_a_kept_connection_must_arrive_too() -> None:
    with serving(SHORT) as (_, port), connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
        answer = read_to_end(client)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"HTTP/1.1 408" in answer


def test_body_that_stops_is_closed() -> None:
    with serving(SHORT) as (_, port), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab")
        assert read_to_end(client).startswith(b"HTTP/1.1 408")


def test_answer_that_nobody_reads_is_given_up() -> None:
    with serving(SHORT) as (server, port), connect(port) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(1)
        assert server.server_state.connections
        # The server gives up by itself: only then does its thread end without a forced exit.
    assert not server.server_state.connections


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Many: aaaa\r\n" * 2_000 + b"\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_head_beyond_the_limit_is_refused(head: bytes) -> None:
    with serving(PATIENT) as (_, port), connect(port) as client:
        client.sendall(head)
        answer = read_to_end(client)
    assert answer.startswith(b"HTTP/1.1 431")
    assert b"application/problem+json" in answer


def test_what_is_no_http_is_a_problem() -> None:
    with serving(PATIENT) as (_, port), connect(port) as client:
        client.sendall(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
        answer = read_to_end(client)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"bad_request" in answer


def test_more_connections_than_one_address_may_have_are_refused() -> None:
    with serving(PATIENT) as (server, port):
        clients = [connect(port) for _ in range(PATIENT.for_one_address)]
        clients[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert clients[-1].recv(12) == b"HTTP/1.1 200"
        with connect(port) as one_more:
            assert read_to_end(one_more).startswith(b"HTTP/1.1 503")
        assert len(server.server_state.connections) == PATIENT.for_one_address
        for client in clients:
            client.close()


def test_slow_but_steady_body_is_taken() -> None:
    steady = ConnectionLimits(body_seconds=0.05, body_bytes_per_second=10.0)
    with serving(steady) as (_, port), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n")
        for _ in range(200):
            client.sendall(b"x" * 1000)
        assert read_to_end(client).endswith(b"200000")


@pytest.mark.skipif(not LEFT, reason="only Linux tells that a client has left before it is read")
def test_of_requests_whose_clients_have_left_none_starts() -> None:
    app = HeldLoop()
    limits = ConnectionLimits(for_one_address=1000)
    with serving(limits, app) as (_, port), connect(port) as holding, connect(port) as staying:
        send_get(holding, "/hold")
        app.held.wait()
        for _ in range(300):
            with connect(port) as dropped:
                send_get(dropped, "/dropped")
        send_get(staying, "/stays")
        app.go_on.set()
        assert read_to_end(staying).startswith(b"HTTP/1.1 200")
    assert app.started == ["/hold", "/stays"]


def test_request_of_another_address_starts_before_a_flood_that_came_first() -> None:
    app = HeldLoop()
    with serving(ConnectionLimits(), app) as (_, port), connect(port) as holding:
        send_get(holding, "/hold")
        app.held.wait()
        flood = [connect(port, "127.0.0.2") for _ in range(200)]
        for client in flood:
            send_get(client, "/flood")
        with connect(port) as other:
            send_get(other, "/other")
            app.go_on.set()
            assert read_to_end(other).startswith(b"HTTP/1.1 200")
        answers = [read_to_end(client) for client in flood]
        for client in flood:
            client.close()
    # Nobody is refused; a few turns may pass until the last connection is read.
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 200"}
    assert app.started.index("/other") <= 10


def test_clients_behind_a_configured_proxy_take_turns_by_their_own_address() -> None:
    app = HeldLoop()
    limits = ConnectionLimits(trusted_addresses=frozenset({"127.0.0.1"}))
    with serving(limits, app) as (_, port), connect(port) as holding:
        send_get(holding, "/hold")
        app.held.wait()
        flood = [connect(port) for _ in range(200)]
        for client in flood:
            send_get(client, "/flood", "X-Forwarded-For: 192.0.2.1")
        with connect(port) as other:
            send_get(other, "/other", "X-Forwarded-For: 192.0.2.2")
            app.go_on.set()
            assert read_to_end(other).startswith(b"HTTP/1.1 200")
        for client in flood:
            read_to_end(client)
            client.close()
    assert app.started.index("/other") <= 10
