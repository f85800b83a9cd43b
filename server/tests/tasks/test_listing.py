"""Lists of tasks walk an index, whatever they are filtered by, however many have ended."""

from itertools import product
from typing import Any

import psycopg
import pytest
from factories.tasks import enter
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from agentverse.platform.db.session import TenantSession
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import encode_cursor
from agentverse.platform.scope import Scope
from agentverse.tasks import TaskKind, repository
from agentverse.tasks.listing import STATUSES
from agentverse.tasks.repository import TaskFilter

ENDED = 20_000
KINDS = ("ask", "hybrid", "import", "plan", "run")

# Runs are the most, failures few; times ascend with the ids as they do in life.
MANY = """
INSERT INTO tasks (id, kind, subject_type, subject_id, title, group_id, actor, status, attempt,
                   problem, started_at, finished_at)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       CASE WHEN n %% 100 = 0 THEN 'import' WHEN n %% 10 = 0 THEN 'ask' ELSE 'run' END,
       'run', gen_random_uuid(), 'Baseline', gen_random_uuid(), 'user:' || n %% 7,
       CASE WHEN n %% 500 = 0 THEN 'failed' ELSE 'succeeded' END, 1,
       CASE WHEN n %% 500 = 0 THEN '{"code": "run_inputs_invalid"}'::jsonb END, now(), now()
FROM generate_series(1, %s) n
"""


@pytest.fixture
def many(owner: psycopg.Connection, scope: Scope) -> None:
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    owner.execute(MANY, (ENDED,))
    owner.execute("ANALYZE tasks")


def plan_of(db: TenantSession, wanted: TaskFilter, cursor: str | None = None) -> dict[str, Any]:
    """As the application's role sees it, row security and all."""
    statement = repository.page_statement(wanted, cursor=cursor, limit=51)
    compiled = statement.compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    (found,) = db.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}")).one()
    return found[0]["Plan"]


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def test_list_reads_no_more_rows_than_it_shows_for_each_kind_and_status(
    db: TenantSession, many: None
) -> None:
    """Every filter in one test: the rows take longer to make than to read."""
    after = encode_cursor(new_id())
    for kinds, statuses, actor, cursor in product(
        (KINDS, ("import",), ("hybrid",)),
        (STATUSES, ("queued", "running"), ("failed",)),
        (None, "user:3"),
        (None, after),
    ):
        wanted = TaskFilter(kinds=kinds, statuses=statuses, actor=actor)
        read = [node for node in nodes(plan_of(db, wanted, cursor)) if "Relation Name" in node]
        assert {node["Node Type"] for node in read} <= {"Index Scan", "Index Only Scan"}, wanted
        for node in read:
            per_loop = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            assert per_loop <= 51, (wanted, node)


def test_list_of_a_subject_reads_that_subject_alone(
    db: TenantSession, scope: Scope, kind: TaskKind, many: None
) -> None:
    subject_id = new_id()
    enter(scope, kind, subject_id=subject_id)
    wanted = TaskFilter(kinds=("sample", *KINDS), statuses=STATUSES, subject_id=subject_id)
    read = [node for node in nodes(plan_of(db, wanted)) if "Relation Name" in node]
    indexes = {node.get("Index Name") for node in read}
    assert "ix_tasks_tenant_id_subject_id_id" in indexes
    for node in read:
        assert node.get("Rows Removed by Filter", 0) <= 1, node
