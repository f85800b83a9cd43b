"""A canary secret is found nowhere: rows, errors, logs; envelopes open only in their context."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from factories.llm import make_model
from factories.model_server import fail, model_server
from sqlalchemy import update
from sqlalchemy.orm import Session

from agentverse.llm.catalogue_store import secret_context
from agentverse.llm.models import CatalogueRow, ProviderRow
from agentverse.platform.db import engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.envelope_encryption import KeyRing, SealBroken
from agentverse.platform.scope import Scope
from agentverse.platform.settings import get_settings

Ask = Callable[..., Any]
CANARY = "sk-canary-51ce"


def give_key(provider: str) -> None:
    ring = KeyRing(get_settings().sealing_keys_file)
    with Session(engines.current().engines[DatabaseRole.PLATFORM]) as db, db.begin():
        row = db.query(ProviderRow).filter_by(name=provider).one()
        row.sealed_api_key = ring.seal(CANARY, context=secret_context(row.id))
        db.execute(update(CatalogueRow).values(version=CatalogueRow.version + 1))


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_key_and_text_are_found_nowhere_but_at_the_provider(
    ask: Ask,
    scope: Scope,
    owner: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    private = "A private sentence."
    with model_server(fail(status, error={"message": f"{CANARY} is bad"})) as server:
        model = make_model(server.base_url)
        give_key("primary")
        found = ask(model, messages=[{"role": "user", "content": private}])

    assert server.received[0].headers["authorization"] == f"Bearer {CANARY}"
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    stored = [
        str(owner.execute(f"SELECT t::text FROM {table} t".encode()).fetchall())
        for table in ("llm_calls", "llm_attempts", "llm_providers", "llm_usage_hours")
    ]
    assert "primary" in stored[0] + stored[1]
    for secret in (CANARY, private):
        for place in (found.text, str(found.headers), caplog.text, *stored):
            assert secret not in place


def test_envelope_opens_only_in_its_own_context(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "sealing.json")
    envelope = ring.seal("secret", context="a")

    assert ring.open(envelope, context="a") == "secret"
    with pytest.raises(SealBroken):
        ring.open(envelope, context="b")
    for place in range(len(envelope)):
        broken = bytes([*envelope[:place], envelope[place] ^ 1, *envelope[place + 1 :]])
        with pytest.raises(SealBroken):
            ring.open(broken, context="a")


def test_rotated_ring_reads_what_was_sealed_before(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "sealing.json")
    before = ring.seal("old", context="a")
    ring.rotate()
    after = ring.seal("new", context="a")

    assert before[3:11] != after[3:11]
    assert (ring.open(before, context="a"), ring.open(after, context="a")) == ("old", "new")
    assert (tmp_path / "sealing.json").stat().st_mode & 0o077 == 0
