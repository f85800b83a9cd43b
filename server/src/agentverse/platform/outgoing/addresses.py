"""Keeps connections to addresses that people typed out of private networks.

Every address that a name resolves to must be global, and the connection goes to an address that
was checked: a name cannot answer differently the second time. Own code: the guards for aiohttp on
PyPI check the name first and connect to whatever it resolves to later.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from agentverse.platform.errors import FieldError, InvalidInput

KEEP_ALIVE_SECONDS = 30.0


class AddressRefused(Exception):
    """The address lies in a private network, and nobody has allowed that."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable by anybody: not loopback, private, link-local, shared."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    if mapped is not None:
        return is_public(str(mapped))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def check_url(url: str, *, allow_private_network: bool, field: str) -> None:
    """Refuse a URL that is no plain http(s) address or names a private one by number."""

    def refuse(message: str) -> InvalidInput:
        return InvalidInput(
            f"`{field}` {message}.", errors=[FieldError(field=field, message=message)]
        )

    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise refuse("is no address; write http(s)://host[:port]/path") from None
    if parts.scheme not in ("http", "https") or not host or any(sign <= " " for sign in url):
        raise refuse("must read http(s)://host[:port]/path")
    if parts.username is not None or parts.query or parts.fragment:
        raise refuse("may hold no user, password, query or fragment")
    if allow_private_network:
        return
    try:
        public = is_public(host)
    except ValueError:
        public = host.lower().rstrip(".") != "localhost" and not host.lower().endswith(".localhost")
    if not public:
        raise refuse("lies in a private network; set `allow_private_network` where that is meant")


class GuardedResolver(AbstractResolver):
    """Resolves a name and refuses it when any of its addresses is not public."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await self._resolver.resolve(host, port, family)
        if not all(is_public(result["host"]) for result in results):
            raise AddressRefused("resolves to an address in a private network")
        return results

    async def close(self) -> None:
        await self._resolver.close()


def connector(*, allow_private_network: bool) -> aiohttp.TCPConnector:
    """Pooled connections; to public addresses only unless told otherwise."""
    # No limit here: how many calls run is decided where they are admitted.
    return aiohttp.TCPConnector(
        limit=0,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        resolver=None if allow_private_network else GuardedResolver(),
        enable_cleanup_closed=False,
    )
