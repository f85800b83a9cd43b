"""Which addresses a user-supplied URL may lead to."""

import asyncio
import ipaddress

import aiohttp
import pytest
from factories.model_server import model_server
from pytest_socket import enable_socket

from agentverse.platform.errors import InvalidInput
from agentverse.platform.outgoing.addresses import (
    AddressRefused,
    check_url,
    connector,
    is_public,
)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *(
            str(ipaddress.IPv4Address(0)),
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "224.0.0.1",
        ),
        *("2002:7f00:1::", "fe80::1%eth0", "255.255.255.255"),
    ],
)
def test_private_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111"])
def test_global_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.org", "http://", "example.org", "http://user:pw@example.org/v1"),
        *("http://127.0.0.1/v1", "http://localhost/v1", "http://[::1]/v1", "http://a.localhost"),
        *("https://example.org/v1?key=1", "https://example.org/#x", "https://exa mple.org"),
        *("http://169.254.169.254/latest", "http://example.org:99999/v1", "https://[::1"),
    ],
)
def test_url_that_leads_nowhere_good_is_refused_by_field(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_url(url, allow_private_network=False, field="base_url")

    assert caught.value.errors[0].field == "base_url"


def test_private_url_is_taken_where_it_is_allowed() -> None:
    check_url("http://127.0.0.1:8000/v1", allow_private_network=True, field="base_url")
    check_url("https://openrouter.ai/api/v1", allow_private_network=False, field="base_url")


def test_name_that_resolves_to_a_private_address_is_not_connected_to() -> None:
    """`localhost` stands for any name whose owner lets it point at this machine."""
    enable_socket()
    with model_server() as server:
        url = server.base_url.replace("127.0.0.1", "localhost")

        async def get(allowed: bool) -> int:
            pool = connector(allow_private_network=allowed)
            async with aiohttp.ClientSession(connector=pool) as session, session.get(url) as answer:
                return answer.status

        with pytest.raises(AddressRefused):
            asyncio.run(get(False))
        assert server.connections == 0
        assert asyncio.run(get(True)) == 200
