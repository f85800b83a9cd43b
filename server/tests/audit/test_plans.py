"""Every single filter of the list is answered from an index, in the order of the page.

Bounds the work, not the time: what is read is about a page, however many entries there are. The
times at ten million entries are measured by `make bench-security`.
"""

import re
from typing import Any

import psycopg
import pytest
from factories.audit_rows import fill, filters_of
from sqlalchemy import event

from agentverse.audit import repository
from agentverse.audit.reading import checked
from agentverse.audit.repository import Filters
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope

ROWS = 30_000
PAGE = 50
# Of 60,000 entries. A word that every 50th entry has is found by reading on until the page is full.
MOST_READ = 3_000
FILTERS = filters_of(7_777)


@pytest.fixture
def filled(owner: psycopg.Connection, scope: Scope, other_scope: Scope) -> Scope:
    for each in (scope, other_scope):
        fill(owner, each.tenant_id, rows=ROWS)
    return scope


def plan_of(scope: Scope, filters: Filters) -> list[str]:
    """EXPLAIN ANALYZE of the very statement that the list runs, as the app role."""
    with tenant_session(scope, read_only=True) as db:
        statements: list[Any] = []

        def keep(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            statements.append((statement, parameters))

        connection = db.connection()
        event.listen(connection, "before_cursor_execute", keep)
        repository.list_entries(db, checked(filters), before=None, limit=PAGE + 1)
        event.remove(connection, "before_cursor_execute", keep)
        (statement, parameters) = statements[-1]
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) {statement}", parameters)
        return [row[0] for row in cursor.fetchall()]


def test_each_filter_reads_a_small_part(filled: Scope, owner: psycopg.Connection) -> None:
    (middle,) = owner.execute("SELECT now() - interval '45 days'").fetchone() or (None,)
    dates = {
        "to": Filters(to=middle),
        "since": Filters(since=middle),
        "nothing between": Filters(since=middle, to=middle),
    }
    named = {name: Filters(**found) for name, found in FILTERS.items()}  # pyright: ignore[reportArgumentType]
    for name, filters in {**named, **dates}.items():
        plan = plan_of(filled, filters)
        assert rows_read(plan) <= MOST_READ, f"{name}\n" + "\n".join(plan)


def rows_read(plan: list[str]) -> float:
    """What all scans of the plan gave or threw away."""
    total = 0.0
    for line in plan:
        if "Scan" in line and (found := re.search(r"actual rows=([\d.]+) loops=(\d+)", line)):
            total += float(found.group(1)) * int(found.group(2))
        if found := re.search(r"Rows Removed by .*: (\d+)", line):
            total += int(found.group(1))
    return total
