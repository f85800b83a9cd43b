"""The platform realm: a token for the home's owner, two realms that do not open each other."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import jwt
import pytest
from factories.identity import Member, bearer
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from agentverse import identity
from agentverse.entrypoints.api import create_app
from agentverse.identity import platform_tokens, signing_keys
from agentverse.identity.errors import InvalidCredential
from agentverse.platform.db.administration import PlatformSession, platform_session
from agentverse.platform.http.authorization import (
    requires,
    requires_platform,
    requires_platform_scope,
)
from agentverse.platform.http.context_router import ContextRouter
from agentverse.platform.scope import PlatformScope, Scope
from agentverse.platform.settings import Settings, get_settings
from agentverse.platform.wire import WireModel


class Answer(WireModel):
    value: str


router = ContextRouter("things")


@router.get("/admin/things")
def tenants(db: Annotated[PlatformSession, requires_platform(read_only=True)]) -> Answer:
    return Answer(value=str(db.scalar(text("SELECT count(*) FROM tenants"))))


@router.get("/admin/who")
def who(scope: Annotated[PlatformScope, requires_platform_scope()]) -> Answer:
    return Answer(value=f"{scope.actor.kind} {scope.credential.agent}")


@router.get("/things")
def things(db: Annotated[Any, requires("projects:read")]) -> Answer:
    return Answer(value=str(db.scope.tenant_id))


@pytest.fixture
def http(database: object) -> Iterator[TestClient]:
    app: FastAPI = create_app()
    app.include_router(router)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def admin(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {platform_tokens.issue_to_home_owner(settings)}"}


def test_home_owner_reaches_the_platform_realm(
    http: TestClient, admin: dict[str, str], member: Member, other_member: Member
) -> None:
    assert http.get("/api/v1/admin/things", headers=admin).json() == {"value": "2"}
    seen = http.get("/api/v1/admin/who", headers={**admin, "User-Agent": "curl"})
    assert seen.json() == {"value": "platform curl"}


def test_no_credential_is_401(http: TestClient) -> None:
    answer = http.get("/api/v1/admin/things")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_realms_do_not_open_each_other(
    http: TestClient, admin: dict[str, str], member: Member
) -> None:
    owner = bearer(member)
    key = http.post(
        "/api/v1/api-keys",
        json={"name": "all", "scopes": sorted(identity.permissions_of("owner"))},
        headers=owner,
    ).json()["key"]
    for headers, path in (
        (owner, "/api/v1/admin/things"),
        (owner, "/api/v1/admin/who"),
        ({"Authorization": f"Bearer {key}"}, "/api/v1/admin/things"),
        (admin, "/api/v1/things"),
        (admin, "/api/v1/auth/me"),
        (admin, "/api/v1/api-keys"),
    ):
        answer = http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_realm"), path
    assert http.get("/api/v1/things", headers=owner).status_code == 200, "the positive control"


def claims_of(settings: Settings) -> dict[str, Any]:
    token = platform_tokens.issue_to_home_owner(settings).removeprefix(platform_tokens.PREFIX)
    return jwt.decode(token, options={"verify_signature": False})


def test_token_lives_at_least_fifteen_minutes(settings: Settings) -> None:
    claims = claims_of(settings)
    assert claims["exp"] - claims["iat"] >= 15 * 60


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "agentverse-api"},
        {"iss": "another"},
        {"type": "access"},
        {"sub": "somebody"},
        {"exp": 1},
        {"sub": None},
        {"type": None},
        {"jti": None},
    ],
)
def test_token_with_a_wrong_claim_is_refused(settings: Settings, change: dict[str, Any]) -> None:
    claims = {k: v for k, v in (claims_of(settings) | change).items() if v is not None}
    key = signing_keys.live_keys(settings)[0]
    token = jwt.encode(claims, key.private, algorithm="EdDSA", headers={"kid": key.id})
    with pytest.raises(InvalidCredential):
        identity.authenticate(platform_tokens.PREFIX + token)


def test_access_token_under_the_prefix_and_the_reverse_are_refused(
    member: Member, settings: Settings
) -> None:
    access = bearer(member)["Authorization"].removeprefix("Bearer ")
    assert isinstance(identity.authenticate(access), Scope), "the positive control"
    platform = platform_tokens.issue_to_home_owner(settings)
    for text_ in (
        platform_tokens.PREFIX + access,
        platform.removeprefix(platform_tokens.PREFIX),
        platform_tokens.PREFIX,
        platform_tokens.PREFIX + "é.é.é",
    ):
        with pytest.raises(InvalidCredential):
            identity.authenticate(text_)


def test_command_prints_one_token_and_nothing_else(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "agentverse.entrypoints.cli", "admin", "token"],
        env={**os.environ, "AGENTVERSE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    own = get_settings().model_copy(update={"home": tmp_path})
    assert made.stdout.count("\n") == 1
    assert made.stderr == ""
    assert platform_tokens.verify(made.stdout.strip(), own) is None, "it is the home owner's"


def test_platform_session_needs_a_platform_scope(member: Member) -> None:
    with (
        pytest.raises(TypeError, match="PlatformScope"),
        platform_session(member.scope),  # pyright: ignore[reportArgumentType]
    ):
        pass


def test_platform_session_reads_no_customer_data_and_keeps_read_only(
    member: Member, settings: Settings
) -> None:
    scope = identity.authenticate(platform_tokens.issue_to_home_owner(settings))
    assert isinstance(scope, PlatformScope)
    for statement in ("SELECT * FROM projects", "SELECT * FROM users", "SELECT * FROM api_keys"):
        with pytest.raises(DBAPIError, match="permission denied"), platform_session(scope) as db:
            db.execute(text(statement))
    with platform_session(scope, read_only=True) as db:
        assert db.scalar(text("SHOW transaction_read_only")) == "on"
    with platform_session(scope) as db:
        assert db.scalar(text("SHOW transaction_read_only")) == "off"
