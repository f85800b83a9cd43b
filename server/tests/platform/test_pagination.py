"""Pages of a tenant's rows: every row once, newest first, clear refusals."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from agentverse.identity.models import OrganizationRow
from agentverse.platform import pagination
from agentverse.platform.clock import now
from agentverse.platform.db.queries import paginate
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import InvalidInput
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import CursorBinding, decode_cursor, encode_cursor
from agentverse.platform.scope import Scope


def test_pages_hold_every_row_once(scope: Scope) -> None:
    with tenant_session(scope) as db:
        db.add_all([OrganizationRow(name=str(n), slug=str(n)) for n in range(6)])
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        with tenant_session(scope) as db:
            page = paginate(db, select(OrganizationRow), OrganizationRow, cursor=cursor, limit=2)
        seen += [row.name for row in page.items]
        cursor = page.next_cursor
    assert sorted(seen) == ["0", "1", "2", "3", "4", "5", "Acme"]
    assert seen[-1] == "Acme", "the oldest comes last"
    assert cursor is None


@pytest.fixture
def bound() -> Iterator[CursorBinding]:
    """As in a request of tenant A for its runs."""
    mine = CursorBinding(query="/runs", owner="a")
    token = pagination.binding.set(mine)
    yield mine
    pagination.binding.reset(token)


def test_cursor_round_trip(bound: CursorBinding) -> None:
    row_id = new_id()
    assert decode_cursor(encode_cursor(row_id)) == row_id


@given(cursor=st.text(max_size=80))
@example(cursor="")
@example(cursor="x")
@example(cursor="A" * 23)
@example(cursor="-" * 200)
@example(cursor=urlsafe_b64encode(bytes(38)).decode())
def test_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="without `cursor`"):
        decode_cursor(cursor)


@pytest.mark.parametrize("place", range(38))
def test_cursor_with_one_bit_changed_is_refused(place: int, bound: CursorBinding) -> None:
    document = bytearray(urlsafe_b64decode(encode_cursor(new_id()) + "=="))
    assert len(document) == 38
    document[place] ^= 1
    with pytest.raises(InvalidInput):
        decode_cursor(urlsafe_b64encode(document).decode())


@pytest.mark.parametrize(
    "other",
    [
        CursorBinding(query="/runs", owner="b"),
        CursorBinding(query="/tasks", owner="a"),
        CursorBinding(query="a /runs", owner=""),
    ],
)
def test_cursor_of_another_list_is_refused(other: CursorBinding, bound: CursorBinding) -> None:
    cursor = encode_cursor(new_id())
    token = pagination.binding.set(other)
    with pytest.raises(InvalidInput, match="this list"):
        decode_cursor(cursor)
    pagination.binding.reset(token)
    assert decode_cursor(cursor)


def test_cursor_ends_after_a_day(bound: CursorBinding, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = encode_cursor(new_id())
    moment = now()
    for passed, is_good in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
        monkeypatch.setattr(pagination, "now", lambda passed=passed: moment + passed)
        if is_good:
            assert decode_cursor(cursor)
            continue
        with pytest.raises(InvalidInput, match="older than a day"):
            decode_cursor(cursor)


def test_cursor_outlives_one_rotation_of_the_keys(
    bound: CursorBinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [b"first"]
    monkeypatch.setattr(pagination, "_keys", lambda: keys)
    cursor = encode_cursor(new_id())
    keys.insert(0, b"second")
    assert decode_cursor(cursor)
    keys.pop()
    with pytest.raises(InvalidInput):
        decode_cursor(cursor)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_impossible_limit_is_refused(scope: Scope, limit: int) -> None:
    with tenant_session(scope) as db, pytest.raises(InvalidInput, match="between 1 and 200"):
        paginate(db, select(OrganizationRow), OrganizationRow, limit=limit)
