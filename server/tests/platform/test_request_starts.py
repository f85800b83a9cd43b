"""Requests start in turns: bounds are counted in turns of the event loop and requests started."""

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Any, cast

import pytest

from agentverse.platform.http.request_starts import (
    LEFT,
    STARTS_EACH_TURN,
    FairStarts,
    forwarded_address,
    network_of,
)


class Connection:
    """A connected pair of sockets in the form of a transport; `client` is the far end."""

    def __init__(self, stack: ExitStack) -> None:
        here, self.client = socket.socketpair()
        self._socket = stack.enter_context(here)
        stack.enter_context(self.client)
        self.closed = False

    def get_extra_info(self, _name: str) -> Any:
        return self._socket

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


class Turns:
    """An event loop of nothing but turns, which notes who started in each."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._next: list[Callable[[], None]] = []
        self._current: list[str] = []
        self.starts = FairStarts(self._next.append)

    def arrive(self, sender: str, connection: Connection | None = None) -> Connection:
        connection = connection or Connection(self._stack)
        transport = cast("asyncio.Transport", connection)
        self.starts.enter(sender, transport, lambda: self._current.append(sender))
        return connection

    def turn(self) -> list[str]:
        """The senders of what has started in one more turn."""
        self._current = []
        due, self._next[:] = [*self._next], []
        for act in due:
            act()
        return self._current

    def all(self) -> list[list[str]]:
        """The turns until nothing waits."""
        taken: list[list[str]] = []
        while self._next:
            taken.append(self.turn())
        return taken


@pytest.fixture
def turns() -> Generator[Turns]:
    with ExitStack() as stack:
        yield Turns(stack)


def test_enter_starts_nothing_in_the_turn_in_which_it_arrives(turns: Turns) -> None:
    turns.arrive("a")
    assert turns.starts.waiting() == 1
    assert turns.all() == [["a"]]


def test_turn_starts_one_request_of_a_sender(turns: Turns) -> None:
    for _ in range(200):
        turns.arrive("flood")
    assert turns.all() == [["flood"]] * 200


def test_browser_with_six_connections_waits_six_turns_beside_a_flood(turns: Turns) -> None:
    for _ in range(200):
        turns.arrive("flood")
    for _ in range(6):
        turns.arrive("browser")
    taken = turns.all()
    assert all("browser" in started for started in taken[:6])
    assert sum(len(started) for started in taken) == 206


def test_many_senders_with_floods_start_few_in_a_turn_and_none_waits_long(turns: Turns) -> None:
    for number in range(40):
        for _ in range(5):
            turns.arrive(f"flood {number}")
    turns.arrive("late")
    taken = turns.all()
    assert max(len(started) for started in taken) == STARTS_EACH_TURN
    # Forty others stand before it, each with one request.
    assert "late" in taken[40 // STARTS_EACH_TURN]
    assert sum(len(started) for started in taken) == 201


@pytest.mark.skipif(not LEFT, reason="only Linux tells that a client has left before it is read")
def test_requests_whose_clients_have_left_are_closed_and_do_not_start(turns: Turns) -> None:
    dropped = [turns.arrive("a") for _ in range(200)]
    for connection in dropped:
        connection.client.close()
    turns.arrive("a")
    assert turns.all() == [["a"]]
    assert all(connection.closed for connection in dropped)


def test_connection_that_is_closed_leaves_the_line(turns: Turns) -> None:
    first, second = turns.arrive("a"), turns.arrive("a")
    turns.starts.leave("a", cast("asyncio.Transport", first))
    turns.starts.leave("a", cast("asyncio.Transport", second))
    assert turns.starts.waiting() == 0
    assert turns.all() == [[]]


def test_next_request_of_a_kept_connection_has_its_turn_too(turns: Turns) -> None:
    connection = turns.arrive("a")
    turns.turn()
    turns.arrive("a", connection)
    assert turns.all() == [["a"]]


@pytest.mark.parametrize(
    ("peer", "told", "sender"),
    [
        ("192.0.2.9", ["192.0.2.1"], "192.0.2.9"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.2", ["8.8.8.8, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.2", ["8.8.8.8", "192.0.2.1, 10.0.0.3"], "192.0.2.1"),
        ("10.0.0.2", ["10.0.0.3", " , "], "10.0.0.2"),
    ],
)
def test_forwarded_address_believes_only_configured_proxies(
    peer: str, told: list[str], sender: str
) -> None:
    headers = [(b"host", b"x"), *((b"x-forwarded-for", line.encode()) for line in told)]
    assert forwarded_address(peer, headers, frozenset({"10.0.0.2", "10.0.0.3"})) == sender


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("unknown", "unknown"),
    ],
)
def test_network_of_takes_what_one_client_has(host: str, network: str) -> None:
    assert network_of(host) == network
