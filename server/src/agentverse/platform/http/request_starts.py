"""Which of the arrived requests start now: in each turn of the event loop one of a sender.

Starting a request costs the event loop some milliseconds (routing, the signature of its
credential) before anybody knows whose it is. A flood's wait here, unstarted, and those whose
client has left are closed instead.
"""

import asyncio
import select
from collections import OrderedDict
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Final

# Of all senders together, so that many addresses do not fill a turn either.
STARTS_EACH_TURN: Final = 4
FORWARDED_FOR: Final = b"x-forwarded-for"
# Linux only; elsewhere a client's leaving is seen when its connection is read.
LEFT: Final = getattr(select, "POLLRDHUP", 0)


class FairStarts:
    """Requests that have arrived and not started, of each sender in order of arrival.

    turn: calls a function in the next turn of the event loop.
    """

    def __init__(self, turn: Callable[[Callable[[], None]], object]) -> None:
        self._turn = turn
        self._waiting: OrderedDict[str, dict[asyncio.Transport, Callable[[], None]]] = OrderedDict()
        self._turns = False

    def enter(self, sender: str, transport: asyncio.Transport, start: Callable[[], None]) -> None:
        """Call `start` when it is the sender's turn, unless the client leaves before.

        transport: the request's connection, of which one request at a time waits here.
        """
        self._waiting.setdefault(sender, {})[transport] = start
        self._go_on()

    def leave(self, sender: str, transport: asyncio.Transport) -> None:
        """The connection is closed: what waits of it does not start."""
        requests = self._waiting.get(sender, {})
        requests.pop(transport, None)
        if not requests:
            self._waiting.pop(sender, None)

    def waiting(self) -> int:
        """How many requests wait now."""
        return sum(len(requests) for requests in self._waiting.values())

    def _go_on(self) -> None:
        if self._waiting and not self._turns:
            self._turns = True
            self._turn(self._start_some)

    def _start_some(self) -> None:
        """One request of each of the next senders, who then stand behind the others."""
        self._turns = False
        for sender in [*self._waiting][:STARTS_EACH_TURN]:
            requests = self._waiting.pop(sender)
            _start_one(requests)
            if requests:
                self._waiting[sender] = requests
        self._go_on()


def _start_one(requests: dict[asyncio.Transport, Callable[[], None]]) -> None:
    """Start the first whose client is there; close those before it."""
    while requests:
        transport = next(iter(requests))
        start = requests.pop(transport)
        if not _has_left(transport):
            start()
            return
        transport.close()


def _has_left(transport: asyncio.Transport) -> bool:
    """Whether the client has closed its side, even where that has not been read yet."""
    if transport.is_closing():
        return True
    if not LEFT:
        return False
    looked = select.poll()
    looked.register(transport.get_extra_info("socket").fileno(), LEFT)
    return bool(looked.poll(0))


def network_of(host: str) -> str:
    """The address; of IPv6 the network, for one client has all of it."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return host


def forwarded_address(
    peer: str, headers: Iterable[tuple[bytes, bytes]], proxies: frozenset[str]
) -> str:
    """Who sent a request: the peer, or whom the nearest configured proxies name.

    headers: names in lower case. What stands left of the last foreign address anybody can write.
    """
    if peer not in proxies:
        return peer
    forwarded = b",".join(value for name, value in headers if name == FORWARDED_FOR)
    hosts = [host.strip() for host in forwarded.decode("latin-1").split(",")]
    return next((host for host in reversed(hosts) if host and host not in proxies), peer)
