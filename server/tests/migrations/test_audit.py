"""Revision 0014 on a populated database of revision 0013: every entry is kept and sealed."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from alembic import command
from psycopg.types.json import Jsonb

from agentverse.audit import reading, sealing, verifying
from agentverse.platform.db import database_roles, engines, migrating
from agentverse.platform.db.engines import DatabaseUrls
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import system_scope
from agentverse.platform.settings import Settings

BEFORE = "0013_api_keys"
TENANTS = [new_id() for _ in range(2)]
ENTRIES = 25


@pytest.fixture
def opened(urls: DatabaseUrls, settings: Settings) -> Iterator[engines.Database]:
    """The migrated older database as this process's own, then the usual one again."""
    usual = engines.opened()
    opened = engines.open_database(urls, settings)
    engines.use(opened)
    yield opened
    engines.use(usual)
    opened.dispose()


def test_upgrade_keeps_every_tenants_entries_and_the_sealer_takes_them(
    urls: DatabaseUrls, opened: engines.Database
) -> None:
    config = migrating.configuration(urls)
    command.upgrade(config, BEFORE)
    with psycopg.connect(database_roles.conninfo(urls.owner)) as connection:
        written = {tenant: _fill(connection, tenant) for tenant in TENANTS}
    command.upgrade(config, "head")
    assert sealing.seal() == 2 * ENTRIES
    assert verifying.verify().findings == []
    for tenant, entries in written.items():
        with tenant_session(system_scope(tenant), read_only=True) as db:
            kept = reading.list_entries(db, reading.Filters(), cursor=None, limit=50).items
            detail = reading.get_entry(db, kept[0].id)
        assert [entry.id for entry in reversed(kept)] == entries
        assert detail.after == {"question": "What if Ada leaves?", "seed": 20}
        assert detail.resource_type == "ask"


def _fill(connection: psycopg.Connection, tenant: UUID) -> list[UUID]:
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))
    connection.execute(
        "INSERT INTO tenants (id, status, created_at) VALUES (%s, 'active', now())", (tenant,)
    )
    ids = [new_id() for _ in range(ENTRIES)]
    for entry_id in ids:
        connection.execute(
            "INSERT INTO audit_entries (id, actor_kind, action, resource_type, resource_id, "
            "outcome, after) VALUES (%s, 'user', 'ask.create', 'ask', %s, 'success', %s)",
            (entry_id, new_id(), Jsonb({"question": "What if Ada leaves?", "seed": 20})),
        )
    return ids
