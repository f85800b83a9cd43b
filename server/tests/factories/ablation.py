"""One ring taken away, as a careless change would: so that a test can show the suite goes red.

`AGENTVERSE_TEST_ABLATION` names it; without the variable nothing happens.
"""

import os
from typing import Any

import psycopg
from psycopg import sql

from agentverse.platform.db import session, tenancy
from agentverse.platform.scope import Scope

VARIABLE = "AGENTVERSE_TEST_ABLATION"


def ablate_code() -> None:
    """A ring that is code: `criterion`, `stamp`, `permission`."""
    match os.environ.get(VARIABLE, "").split(":"):
        case ["criterion"]:
            _replace(tenancy, "add_tenant_criteria", _nothing)
        case ["stamp"]:
            _replace(tenancy, "stamp_and_check", _nothing)
        case ["permission"]:
            _replace(Scope, "allows", _everything)
        case _:
            return
    assert session.tenancy is tenancy, "the session calls what was replaced"


def ablate_database(owner: psycopg.Connection) -> None:
    """A ring in the database: `policy:TABLE`, `force:TABLE`, `key:TABLE:CONSTRAINT`."""
    match os.environ.get(VARIABLE, "").split(":"):
        case ["policy", table]:
            owner.execute(
                sql.SQL("DROP POLICY {} ON {}").format(
                    sql.Identifier(f"{table}_tenant"), sql.Identifier(table)
                )
            )
        case ["force", table]:
            owner.execute(
                sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(table))
            )
        case ["key", table, constraint]:
            _shorten(owner, table, constraint)
        case _:
            pass


def _shorten(owner: psycopg.Connection, table: str, constraint: str) -> None:
    """The reference without its tenant: the target's id alone becomes unique for it."""
    target, columns = owner.execute(
        "SELECT confrelid::regclass::text, (SELECT array_agg(attname::text) FROM pg_attribute "
        "WHERE attrelid = conrelid AND attnum = ANY(conkey) AND attname <> 'tenant_id') "
        "FROM pg_constraint WHERE conname = %s",
        (constraint,),
    ).fetchone() or ("", [])
    (column,) = columns
    for statement in (
        f"ALTER TABLE {table} DROP CONSTRAINT {constraint}",
        f"ALTER TABLE {target} ADD CONSTRAINT uq_{target}_alone UNIQUE (id)",
        f"ALTER TABLE {table} ADD CONSTRAINT {constraint} "
        f"FOREIGN KEY ({column}) REFERENCES {target} (id) NOT VALID",
    ):
        owner.execute(statement.encode())


def _replace(holder: Any, name: str, value: Any) -> None:
    setattr(holder, name, value)


def _everything(*_: Any) -> bool:
    return True


def _nothing(*_: Any) -> None:
    """Instead of a ring."""
