"""Pages of a tenant's rows: every row once, newest first, clear refusals."""

import pytest
from sqlalchemy import select

from agentverse.identity.models import OrganizationRow
from agentverse.platform.db.queries import paginate
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import InvalidInput
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import decode_cursor, encode_cursor
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


def test_cursor_round_trip() -> None:
    row_id = new_id()
    assert decode_cursor(encode_cursor(row_id)) == row_id


@pytest.mark.parametrize("cursor", ["", "x", "é", "A" * 23, "-" * 200])
def test_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="without `cursor`"):
        decode_cursor(cursor)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_impossible_limit_is_refused(scope: Scope, limit: int) -> None:
    with tenant_session(scope) as db, pytest.raises(InvalidInput, match="between 1 and 200"):
        paginate(db, select(OrganizationRow), OrganizationRow, limit=limit)
