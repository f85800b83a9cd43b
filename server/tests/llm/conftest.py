"""Calls at the `/v1` door and inside, on the real ledger and a real model server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest
from factories.identity import Member, bearer
from fastapi.testclient import TestClient
from pytest_socket import enable_socket, socket_allow_hosts

from agentverse import llm
from agentverse.platform.db import database_roles, engines
from agentverse.platform.settings import Settings, get_settings


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    socket_allow_hosts(None, allow_unix_socket=True)


@pytest.fixture
def configure(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set AGENTVERSE_LLM_* for this test: `configure(MODEL="m", FREE="true")`."""
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)

    def apply(**values: str | Path) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"AGENTVERSE_LLM_{name}", str(value))
        get_settings.cache_clear()

    apply()
    yield apply
    llm.close()
    monkeypatch.undo()
    get_settings.cache_clear()


SEEDED = get_args(llm.ProfileName)
AS_SEEDED = """
DELETE FROM llm_profile_versions v USING llm_profiles p
    WHERE p.id = v.profile_id AND (v.version > 1 OR NOT p.profile_key = ANY (%(seeded)s));
DELETE FROM llm_profiles WHERE NOT profile_key = ANY (%(seeded)s);
UPDATE llm_profiles p SET version = 1, settings = v.settings
    FROM llm_profile_versions v WHERE v.profile_id = p.id;
"""


@pytest.fixture(autouse=True)
def _profiles_as_seeded(request: pytest.FixtureRequest) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """For tests that use the database; the others need none."""
    if "database" not in request.fixturenames:
        yield
        return
    database: engines.Database = request.getfixturevalue("database")
    yield
    url = database_roles.conninfo(database.urls.owner)
    with psycopg.ClientCursor(psycopg.connect(url, autocommit=True)) as cursor:
        cursor.execute(AS_SEEDED, {"seeded": list(SEEDED)})
        cursor.connection.close()


Ask = Callable[..., Any]


@pytest.fixture
def ask(client: TestClient, member: Member) -> Ask:
    """POST /v1/chat/completions as the owner of tenant A: `ask("profile:TEST", stream=True)`."""
    headers = bearer(member)

    def post(model: str, *, headers_too: dict[str, str] | None = None, **fields: Any) -> Any:
        body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], **fields}
        return client.post(
            "/v1/chat/completions", json=body, headers={**headers, **(headers_too or {})}
        )

    return post
