"""Verifying finds every kind of tampering, done with the powers of the database's own owner."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from agentverse import audit
from agentverse.audit import sealing, verifying
from agentverse.entrypoints.cli import app
from agentverse.platform.db import database_roles
from agentverse.platform.db.embedded import Cluster
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings

ENTRIES = 9
TAMPERED = "entry_changed"

# Column → an expression that changes it, as little as its type allows.
FLIPS: dict[str, dict[str, str]] = {
    "audit_entries": {
        "created_at": "created_at + interval '1 microsecond'",
        "transaction": "transaction - 1",
        "actor_kind": "'system'",
        "actor_id": "gen_random_uuid()",
        "credential_kind": "'command_line'",
        "credential_id": "gen_random_uuid()",
        "action": "action || '.'",
        "resource_type": "upper(resource_type)",
        "resource_id": "gen_random_uuid()",
        "outcome": "'denied'",
        "request_id": "'another'",
        "before": """'{"value": 1}'""",
        "after": "jsonb_set(after, '{value}', '1.00')",
        "commitment": "set_byte(commitment, 0, get_byte(commitment, 0) # 1)",
    },
    "audit_personal": {
        "salt": "set_byte(salt, 15, get_byte(salt, 15) # 128)",
        "address": "'203.0.113.1'",
        "agent": "'another'",
        "texts": 'texts || \'{"/after/name": "Eve"}\'',
    },
    "audit_seals": {
        "created_at": "created_at + interval '1 microsecond'",
        "leaf": "set_byte(leaf, 31, get_byte(leaf, 31) # 1)",
        "chain": "set_byte(chain, 31, get_byte(chain, 31) # 1)",
        "position": "position + 1000",
    },
    "audit_checkpoints": {
        "root": "set_byte(root, 0, get_byte(root, 0) # 1)",
        "chain": "set_byte(chain, 0, get_byte(chain, 0) # 1)",
        "signature": "set_byte(signature, 0, get_byte(signature, 0) # 1)",
        "size": "size - 1",
        "signed_at": "signed_at + interval '1 microsecond'",
        "key_id": "'another'",
    },
    "audit_streams": {
        "size": "size + 1",
        "chain": "set_byte(chain, 0, get_byte(chain, 0) # 1)",
        "frontier": "set_byte(frontier, 0, get_byte(frontier, 0) # 1)",
    },
    "audit_counts": {"entries": "entries + 1", "action": "action || '.'"},
}


@pytest.fixture
def intruder(cluster: Cluster) -> Iterator[psycopg.Connection]:
    """The most powerful there is: a superuser, whom neither rights nor row security stop."""
    url = cluster.superuser_url.set(database="agentverse")
    with psycopg.connect(database_roles.conninfo(url), autocommit=True) as connection:
        yield connection


@pytest.fixture
def sealed(scope: Scope) -> Scope:
    """A stream of sealed and signed entries, the sign-up's first."""
    for value in range(ENTRIES):
        with tenant_session(scope) as db:
            audit.record(
                db,
                action="thing.note",
                resource_type="thing",
                resource_id=None,
                after={"value": value, "name": f"Ada {value}"},
            )
    sealing.seal()
    sealing.sign()
    assert codes() == set(), "the positive control"
    return scope


def codes() -> set[str]:
    return {finding.code for finding in verifying.verify().findings}


def victim(intruder: psycopg.Connection, table: str) -> object:
    """An entry in the middle of the stream, or the only row of a table that has one each."""
    if table in {"audit_entries", "audit_personal", "audit_seals"}:
        query = "SELECT id FROM audit_seals WHERE position = 5"
    else:
        query = f"SELECT id FROM {table} ORDER BY id LIMIT 1"
    (found,) = intruder.execute(query.encode()).fetchone() or (None,)
    return found


def test_every_column_is_flipped_here(owner: psycopg.Connection) -> None:
    """A new column is covered or this fails. Ids move where entries are dropped or swapped."""
    for table, flips in FLIPS.items():
        columns = owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)
        ).fetchall()
        # Not sealed: when a row beside the entry was written, and when it was last signed.
        known = set(flips) | {"id", "tenant_id"}
        free = {
            "audit_personal": {"created_at"},
            "audit_checkpoints": {"created_at"},
            "audit_streams": {"created_at", "signed_size", "signed_at"},
            "audit_counts": {"created_at", "hour", "resource_type", "outcome", "actor_kind"},
        }
        assert {name for (name,) in columns} == known | free.get(table, set()), table


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, flips in FLIPS.items() for column in flips]
)
def test_any_changed_value_is_found(
    sealed: Scope, intruder: psycopg.Connection, table: str, column: str
) -> None:
    row = victim(intruder, table)
    statement = f"UPDATE {table} SET {column} = {FLIPS[table][column]} WHERE id = %s"
    changed = intruder.execute(statement.encode(), (row,))
    assert changed.rowcount == 1
    assert codes() != set()


@pytest.mark.parametrize("position", [1, 5, ENTRIES + 1])
@pytest.mark.parametrize("also_seal", [False, True])
def test_a_dropped_entry_is_found(
    sealed: Scope, intruder: psycopg.Connection, position: int, also_seal: bool
) -> None:
    row = intruder.execute("SELECT id FROM audit_seals WHERE position = %s", (position,)).fetchone()
    intruder.execute("DELETE FROM audit_entries WHERE id = %s", row)
    if also_seal:
        intruder.execute("DELETE FROM audit_seals WHERE id = %s", row)
    assert codes() != set()


def test_swapped_entries_are_found(sealed: Scope, intruder: psycopg.Connection) -> None:
    """What two entries say changes places."""
    intruder.execute(
        "WITH two AS (SELECT id, position FROM audit_seals WHERE position IN (3, 4)) "
        "UPDATE audit_entries e SET after = o.after FROM two mine, two other, audit_entries o "
        "WHERE e.id = mine.id AND other.position <> mine.position AND o.id = other.id"
    )
    assert TAMPERED in codes()


def test_swapped_seals_are_found(sealed: Scope, intruder: psycopg.Connection) -> None:
    intruder.execute("UPDATE audit_seals SET position = -position WHERE position IN (3, 4)")
    intruder.execute("UPDATE audit_seals SET position = 7 + position WHERE position < 0")
    assert "chain_broken" in codes()


def test_a_dropped_seal_is_found(sealed: Scope, intruder: psycopg.Connection) -> None:
    intruder.execute("DELETE FROM audit_seals WHERE position = 5")
    assert codes() >= {"position_missing", "seal_missing"}


def test_an_end_cut_off_everywhere_is_found_by_what_lies_outside(
    sealed: Scope, intruder: psycopg.Connection
) -> None:
    """Entries, seals, checkpoint, counts and head rewritten as if the end had never been."""
    intruder.execute(
        "DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_seals WHERE position > 6)"
    )
    intruder.execute("DELETE FROM audit_seals WHERE position > 6")
    intruder.execute("DELETE FROM audit_checkpoints")
    intruder.execute("DELETE FROM audit_streams")
    intruder.execute("DELETE FROM audit_counts")
    assert "truncated" in codes()


def test_a_whole_stream_that_is_gone_is_found(sealed: Scope, intruder: psycopg.Connection) -> None:
    for table in FLIPS:
        intruder.execute(f"DELETE FROM {table}".encode())
    assert "truncated" in codes()


def test_a_chain_computed_anew_is_found(sealed: Scope, intruder: psycopg.Connection) -> None:
    """Who rewrites history with our own code still cannot sign it."""
    intruder.execute(
        "DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_seals WHERE position = 5)"
    )
    for table in ("seals", "checkpoints", "streams", "counts", "horizon"):
        intruder.execute(f"DELETE FROM audit_{table}".encode())
    sealing.seal()
    assert codes() == {"truncated"}
    with tenant_session(sealed) as db:
        audit.record(db, action="thing.note", resource_type="thing", resource_id=None)
    sealing.seal()
    assert codes() == {"checkpoint_differs"}


def test_an_entry_slipped_in_unsealed_is_found(sealed: Scope, intruder: psycopg.Connection) -> None:
    intruder.execute(
        "INSERT INTO audit_entries (tenant_id, transaction, actor_kind, action, resource_type, "
        "outcome) VALUES (%s, 1, 'user', 'thing.note', 'thing', 'success')",
        (sealed.tenant_id,),
    )
    assert codes() == {"seal_missing"}


def test_an_erased_personal_part_is_no_finding(sealed: Scope, intruder: psycopg.Connection) -> None:
    row = victim(intruder, "audit_personal")
    intruder.execute("DELETE FROM audit_personal WHERE id = %s", (row,))
    result = verifying.verify()
    assert result.findings == []
    assert result.erased == 1


def test_a_kept_checkpoint_that_was_changed_is_found(sealed: Scope, settings: Settings) -> None:
    (path,) = kept(settings)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "root": "00" * 32}))
    assert codes() == {"signature_invalid"}
    path.write_text("{")
    assert codes() == {"kept_checkpoint_unreadable"}


def kept(settings: Settings) -> list[Path]:
    return list((settings.home / "audit").glob("*.json"))


def test_command_names_what_differs_and_fails(sealed: Scope, intruder: psycopg.Connection) -> None:
    shown = CliRunner().invoke(app, ["audit", "verify"])
    assert shown.exit_code == 0
    assert f"{ENTRIES + 1} entries in 1 streams" in shown.output
    row = victim(intruder, "audit_entries")
    intruder.execute("UPDATE audit_entries SET outcome = 'denied' WHERE id = %s", (row,))
    shown = CliRunner().invoke(app, ["audit", "verify"])
    assert isinstance(shown.exception, AgentVerseError)
    assert f"entry_changed: stream {sealed.tenant_id}, position 5, entry {row}" in shown.output
