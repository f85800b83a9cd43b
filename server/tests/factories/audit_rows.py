"""Audit entries in bulk, made by the database itself: for plans, benchmarks and exports."""

from uuid import UUID

import psycopg

ACTIONS = 40
PEOPLE = 500
ADDRESSES = 2_000
WORDS = 5_000

# Ids spread over `days` until now; only every 5th entry has free text, of two words.
ENTRIES = """
INSERT INTO audit_entries (tenant_id, id, created_at, actor_kind, actor_id, action, resource_type,
    resource_id, outcome, request_id, after)
SELECT %(tenant)s,
    overlay(gen_random_uuid()::text PLACING left(app.uuid_floor(moment)::text, 13)
        || '-7' FROM 1 FOR 15)::uuid,
    moment, 'user', ('00000000-0000-7000-8000-' || lpad((n %% %(people)s)::text, 12, '0'))::uuid,
    'thing' || (n %% %(actions)s) || '.change', 'thing' || (n %% %(actions)s),
    ('00000000-0000-7000-9000-' || lpad((n / 10)::text, 12, '0'))::uuid,
    'success', md5(n::text), jsonb_build_object('value', n)
FROM (SELECT n, clock_timestamp() - make_interval(secs => %(days)s * 86400.0 * n / %(rows)s)
    AS moment FROM generate_series(1, %(rows)s) n) AS numbered
"""
PERSONAL = """
INSERT INTO audit_personal (tenant_id, id, salt, address, agent, texts)
SELECT tenant_id, id, '\\x00', '203.0.' || (value %% %(addresses)s) / 250 || '.'
    || (value %% %(addresses)s) %% 250, 'agent', '{}'
FROM (SELECT tenant_id, id, (after ->> 'value')::bigint AS value FROM audit_entries
    WHERE action LIKE 'thing%%') AS entry
"""
TERMS = """
INSERT INTO audit_terms (tenant_id, id, term)
SELECT tenant_id, id, 'word' || (value / 5) %% (CASE WHEN which = 0 THEN %(words)s ELSE 10 END)
    || CASE WHEN which = 0 THEN '' ELSE 'often' END
FROM (SELECT tenant_id, id, (after ->> 'value')::bigint AS value FROM audit_entries
    WHERE action LIKE 'thing%%') AS entry, generate_series(0, 1) AS which
WHERE value %% 5 = 0
"""
TABLES = ("audit_entries", "audit_personal", "audit_terms")


def fill(owner: psycopg.Connection, tenant_id: UUID, *, rows: int, days: int = 90) -> None:
    """Rows of one tenant, the newest now; then the planner's statistics."""
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(tenant_id),))
    values = {
        "tenant": tenant_id,
        "rows": rows,
        "days": days,
        "people": PEOPLE,
        "actions": ACTIONS,
        "addresses": ADDRESSES,
        "words": WORDS,
    }
    for statement in (ENTRIES, PERSONAL, TERMS):
        owner.execute(statement.encode(), values)
    for table in TABLES:
        owner.execute(f"ANALYZE {table}".encode())


def filters_of(n: int) -> dict[str, dict[str, str]]:
    """Each single filter with a value that the n-th entry matches, often or seldom."""
    return {
        "none": {},
        "action": {"action": f"thing{n % ACTIONS}.change"},
        "resource_type": {"resource_type": f"thing{n % ACTIONS}"},
        "resource_id": {"resource_id": f"00000000-0000-7000-9000-{n // 10:012d}"},
        "user_id": {"user_id": f"00000000-0000-7000-8000-{n % PEOPLE:012d}"},
        "ip": {"ip": f"203.0.{n % ADDRESSES // 250}.{n % ADDRESSES % 250}"},
        "request_id": {"request_id": "0" * 32},
        "search, a rare word": {"search": f"word{n % WORDS}"},
        "search, a common word": {"search": f"word{n % 10}often"},
        "search, two words": {"search": f"word{n % WORDS} word{n % 10}often"},
    }
