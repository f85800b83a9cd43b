"""The Merkle tree against RFC 9162's own recursion, and what a canonical spelling must keep."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentverse.audit.hashing import MerkleFrontier, canonical, node_hash, stored_frontier

LEAVES = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def definition(leaves: list[bytes]) -> bytes:
    """Merkle tree hash of RFC 9162, 2.1.1, over leaves that are hashed already."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(definition(leaves[:half]), definition(leaves[half:]))


@given(LEAVES)
def test_frontier_has_the_root_of_the_definition(leaves: list[bytes]) -> None:
    frontier = MerkleFrontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    assert frontier.root() == definition(leaves)
    assert stored_frontier(frontier.size, frontier.stored()) == frontier


def test_stored_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="size"):
        stored_frontier(3, bytes(32))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)))  # noqa: DTZ001
def test_canonical_keeps_every_microsecond(moment: datetime) -> None:
    other = moment.replace(microsecond=(moment.microsecond + 1) % 1_000_000)
    assert canonical({"at": moment}) != canonical({"at": other})


def test_canonical_does_not_depend_on_the_order_of_keys() -> None:
    spelled = '{"a":1,"b":"ü"}'.encode()
    assert canonical({"a": 1, "b": "ü"}) == canonical({"b": "ü", "a": 1}) == spelled
