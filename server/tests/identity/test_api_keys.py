"""API keys: made and shown once, bounded by their maker, gone everywhere when revoked."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from factories.identity import Member, add_member, bearer
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from agentverse import identity
from agentverse.audit.models import AuditEntryRow
from agentverse.identity import key_authentication, key_secrets
from agentverse.identity.errors import ApiKeyExpired, InvalidCredential
from agentverse.identity.models import ApiKeyRow, ApiKeySecretRow, MembershipRow
from agentverse.identity.roles import CATALOGUE, permissions_of
from agentverse.platform import clock
from agentverse.platform.db import database_roles, engines
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings, get_settings

PATH = "/api/v1/api-keys"
Headers = Callable[[str], dict[str, str]]


@pytest.fixture(autouse=True)
def nothing_remembered(database: object) -> Iterator[None]:
    key_authentication.forget()
    yield
    key_authentication.forget()


def make_key(
    client: TestClient, headers: dict[str, str], *scopes: str, **more: Any
) -> dict[str, Any]:
    body = {"name": "a key", "scopes": scopes or ("projects:read",), **more}
    answer = client.post(PATH, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def with_key(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['key']}"}


def authenticated(text: str) -> Scope:
    scope = identity.authenticate(text)
    assert isinstance(scope, Scope)
    return scope


# --- the text ----------------------------------------------------------------------------------


def test_key_has_the_documented_shape_and_reads_back() -> None:
    secret = key_secrets.new_secret()
    assert re.fullmatch(r"av_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", secret.text)
    assert key_secrets.parse(secret.text) == secret


@given(st.integers(0, 69), st.characters())
def test_key_with_one_sign_changed_is_refused(place: int, sign: str) -> None:
    text = key_secrets.new_secret().text
    changed = text[:place] + sign + text[place + 1 :]
    assert (key_secrets.parse(changed) is not None) == (changed == text)


@given(st.text())
def test_other_text_is_no_key(text: str) -> None:
    assert key_secrets.parse(text) is None
    assert key_secrets.parse(key_secrets.PREFIX + text) is None


def test_mistyped_key_is_refused_without_the_database(settings: Settings) -> None:
    text = key_secrets.new_secret().text
    current = engines.opened()
    engines.use(None)
    try:
        with pytest.raises(InvalidCredential):
            identity.authenticate(text[:-1] + ("0" if text[-1] != "0" else "1"))
        assert engines.opened() is None, "the database was asked"
    finally:
        engines.use(current)


# --- making, listing ---------------------------------------------------------------------------


def test_created_key_is_shown_once_and_opens_what_its_scopes_allow(
    client: TestClient, auth_headers: Headers
) -> None:
    owner = auth_headers("owner")
    made = make_key(client, owner, "projects:read")
    assert client.get("/api/v1/projects", headers=with_key(made)).status_code == 200
    refused = client.post("/api/v1/projects", json={}, headers=with_key(made))
    assert client.get("/api/v1/runs", headers=with_key(made)).status_code == 403
    assert refused.status_code in {403, 422}
    for answer in (
        client.get(PATH, headers=owner),
        client.get(f"{PATH}/{made['id']}", headers=owner),
    ):
        assert answer.status_code == 200
        assert made["key"] not in answer.text
        assert made["key"].split("_")[-1] not in answer.text
    listed = client.get(PATH, headers=owner).json()["items"][0]
    assert made["key"].startswith(listed["prefix"])
    assert listed["last_used_at"] is not None


def test_key_lives_ninety_days_unless_told(client: TestClient, auth_headers: Headers) -> None:
    made = make_key(client, auth_headers("owner"))
    lives = _moment(made["expires_at"]) - _moment(made["created_at"])
    assert abs(lives - timedelta(days=90)) < timedelta(minutes=1)


def _moment(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"scopes": []}, 422, "invalid_request"),
        ({"scopes": ["everything"]}, 422, "unknown_scope"),
        ({"scopes": ["organization:destroy", "projects:read"]}, 422, "unknown_scope"),
        ({"expires_in_days": 0}, 422, "invalid_request"),
        ({"expires_in_days": 366}, 422, "invalid_request"),
        ({"name": "  "}, 422, "invalid_request"),
        ({"tenant_id": "x"}, 422, "invalid_request"),
        ({"key": "av_live_mine"}, 422, "invalid_request"),
    ],
)
def test_bad_request_for_a_key_is_refused(
    client: TestClient, auth_headers: Headers, change: dict[str, Any], status: int, code: str
) -> None:
    body = {"name": "a key", "scopes": ["projects:read"], **change}
    answer = client.post(PATH, json=body, headers=auth_headers("owner"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("role", ["analyst", "viewer"])
def test_only_admins_and_owners_manage_keys(
    client: TestClient, auth_headers: Headers, role: str
) -> None:
    assert client.get(PATH, headers=auth_headers(role)).status_code == 403


def test_key_makes_no_key_that_can_do_more(client: TestClient, auth_headers: Headers) -> None:
    narrow = make_key(client, auth_headers("owner"), "api_keys:write", "projects:read")
    body = {"name": "more", "scopes": ["projects:write"]}
    refused = client.post(PATH, json=body, headers=with_key(narrow))
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_beyond_own")
    assert make_key(client, with_key(narrow), "projects:read")["created_by"] == narrow["created_by"]


def test_key_is_no_person(client: TestClient, auth_headers: Headers) -> None:
    made = make_key(client, auth_headers("owner"), *sorted(CATALOGUE))
    answer = client.get("/api/v1/auth/me", headers=with_key(made))
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_needed")


def test_secret_is_nowhere_in_the_database(
    client: TestClient, auth_headers: Headers, member: Member, owner: psycopg.Connection
) -> None:
    made = make_key(client, auth_headers("owner"))
    client.get("/api/v1/projects", headers=with_key(made))
    secret = key_secrets.parse(made["key"])
    assert secret is not None
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(member.tenant_id),))
    for table in ("api_keys", "api_key_secrets", "audit_entries", "procrastinate_jobs"):
        rows = owner.execute(f"SELECT row_to_json(t)::text FROM {table} t".encode()).fetchall()
        assert secret.secret not in json.dumps(rows), table


# --- authority ---------------------------------------------------------------------------------


def test_scope_of_a_key_names_its_maker_and_the_key(
    client: TestClient, auth_headers: Headers, member: Member
) -> None:
    made = make_key(client, auth_headers("owner"), "llm:call", "runs:read")
    scope = authenticated(made["key"])
    assert (scope.tenant_id, scope.actor.id) == (member.tenant_id, member.user_id)
    assert scope.permissions == {"llm:call", "runs:read"}
    assert scope.credential is not None
    assert scope.credential.api_key_id == UUID(made["id"])
    assert scope.credential.session_id is None


@pytest.mark.parametrize("role", ["analyst", "viewer"])
def test_key_loses_what_its_maker_loses(client: TestClient, member: Member, role: str) -> None:
    admin = add_member(member, "admin")
    made = make_key(client, bearer(admin), *sorted(permissions_of("admin")))
    assert authenticated(made["key"]).permissions == permissions_of("admin")
    with tenant_session(member.scope) as db:
        db.execute(
            update(MembershipRow).where(MembershipRow.user_id == admin.user_id).values(role=role)
        )
    assert _within_a_second(lambda: authenticated(made["key"]).permissions == permissions_of(role))


def test_key_of_a_removed_member_is_dead_within_a_second(
    client: TestClient, member: Member
) -> None:
    admin = add_member(member, "admin")
    made = make_key(client, bearer(admin))
    assert authenticated(made["key"])
    with tenant_session(member.scope) as db:
        db.execute(delete(MembershipRow).where(MembershipRow.user_id == admin.user_id))
    assert _within_a_second(lambda: _is_refused(made["key"]))


def _within_a_second(holds: Callable[[], bool]) -> bool:
    """What the product promises, so the one bound in time that a test of it must have."""
    end = time.monotonic() + 1.0
    while not holds():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.02)
    return True


def _is_refused(text: str) -> bool:
    try:
        identity.authenticate(text)
    except InvalidCredential:
        return True
    return False


def test_expired_key_says_so(client: TestClient, auth_headers: Headers, member: Member) -> None:
    made = make_key(client, auth_headers("owner"))
    with tenant_session(member.scope) as db:
        db.execute(update(ApiKeyRow).values(expires_at=clock.now() - timedelta(seconds=1)))
    answer = client.get("/api/v1/projects", headers=with_key(made))
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_expired")


def test_key_of_another_tenant_is_not_found(
    client: TestClient, auth_headers: Headers, other_headers: dict[str, str]
) -> None:
    made = make_key(client, auth_headers("owner"))
    for answer in (
        client.get(f"{PATH}/{made['id']}", headers=other_headers),
        client.delete(f"{PATH}/{made['id']}", headers=other_headers),
        client.post(f"{PATH}/{made['id']}/rotate", json={}, headers=other_headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "api_key_not_found")
    assert authenticated(made["key"])


def test_app_role_reads_the_directory_by_exact_id_only(
    client: TestClient, auth_headers: Headers, member: Member, database: engines.Database
) -> None:
    public_id = make_key(client, auth_headers("owner"))["prefix"].removeprefix("av_live_")
    with psycopg.connect(database_roles.conninfo(database.urls.app), autocommit=True) as connection:
        found = connection.execute("SELECT app.api_key_tenant(%s)", (public_id,)).fetchone()
        assert found == (member.tenant_id,)
        assert connection.execute("SELECT app.api_key_tenant('%%')").fetchone() == (None,)
        for statement in (
            "SELECT * FROM api_key_directory",
            "DELETE FROM api_key_directory",
            "INSERT INTO api_key_directory VALUES ('x', gen_random_uuid())",
            "UPDATE api_key_directory SET tenant_id = gen_random_uuid()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


# --- revoking and rotating ---------------------------------------------------------------------


def test_revoked_key_is_dead_at_once_and_stays_dead(
    client: TestClient, auth_headers: Headers
) -> None:
    owner = auth_headers("owner")
    made = make_key(client, owner)
    assert client.get("/api/v1/projects", headers=with_key(made)).status_code == 200
    assert client.delete(f"{PATH}/{made['id']}", headers=owner).status_code == 204
    answer = client.get("/api/v1/projects", headers=with_key(made))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credential")
    assert client.delete(f"{PATH}/{made['id']}", headers=owner).status_code == 204
    again = client.post(f"{PATH}/{made['id']}/rotate", json={}, headers=owner)
    assert (again.status_code, again.json()["code"]) == (409, "api_key_revoked")


def test_key_revoked_by_another_process_is_dead_within_a_second(
    client: TestClient, auth_headers: Headers, member: Member
) -> None:
    made = make_key(client, auth_headers("owner"))
    assert authenticated(made["key"])
    # As another process does it: nothing tells this one's memory.
    with tenant_session(member.scope) as db:
        db.execute(update(ApiKeyRow).values(revoked_at=clock.now()))
    assert identity.recall(made["key"]) is not None, "the positive control: it was remembered"
    assert _within_a_second(lambda: _is_refused(made["key"]))


def test_answer_read_before_a_change_is_not_remembered_after_it(
    client: TestClient, auth_headers: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race that brings a deleted key back: looked up, revoked, then put into the memory."""
    made = make_key(client, auth_headers("owner"))
    looked_up = key_authentication._scope_of  # pyright: ignore[reportPrivateUsage] - the race

    def interrupted(key: key_secrets.KeySecret) -> Scope:
        scope = looked_up(key)
        key_authentication.forget()
        return scope

    monkeypatch.setattr(key_authentication, "_scope_of", interrupted)
    assert authenticated(made["key"])
    assert identity.recall(made["key"]) is None


RACES = 40


def test_key_deleted_while_it_is_used_never_comes_back(
    client: TestClient, auth_headers: Headers
) -> None:
    """40 races here, 10,000 in `make test-long`."""
    _race(client, auth_headers("owner"), RACES)


@pytest.mark.long
def test_key_deleted_while_it_is_used_never_comes_back_in_10_000_races(
    client: TestClient, auth_headers: Headers
) -> None:
    _race(client, auth_headers("owner"), 10_000)


def _race(client: TestClient, owner: dict[str, str], races: int) -> None:
    with ThreadPoolExecutor(3) as pool:
        for _ in range(races):
            made = make_key(client, owner)
            stop = threading.Event()
            users = [pool.submit(_use_until, made["key"], stop) for _ in range(2)]
            assert client.delete(f"{PATH}/{made['id']}", headers=owner).status_code == 204
            assert _within_a_second(lambda made=made: _is_refused(made["key"]))
            assert all(_is_refused(made["key"]) for _ in range(5))
            stop.set()
            for user in users:
                user.result()


def _use_until(text: str, stop: threading.Event) -> None:
    while not stop.is_set():
        _is_refused(text)


def test_rotated_key_keeps_its_id_and_ends_the_old_secret(
    client: TestClient, auth_headers: Headers
) -> None:
    owner = auth_headers("owner")
    old = make_key(client, owner)
    assert authenticated(old["key"])
    new = client.post(f"{PATH}/{old['id']}/rotate", json={}, headers=owner).json()
    assert new["id"] == old["id"]
    assert authenticated(new["key"]).credential == authenticated(new["key"]).credential
    with pytest.raises(ApiKeyExpired):
        identity.authenticate(old["key"])


def test_rotated_key_with_grace_lets_both_in_until_it_is_over(
    client: TestClient, auth_headers: Headers, member: Member
) -> None:
    owner = auth_headers("owner")
    old = make_key(client, owner)
    body = {"grace_seconds": 3600}
    new = client.post(f"{PATH}/{old['id']}/rotate", json=body, headers=owner).json()
    assert authenticated(old["key"]).credential == authenticated(new["key"]).credential
    with tenant_session(member.scope) as db:
        grace = ApiKeySecretRow.expires_at.is_not(None)
        past = clock.now() - timedelta(seconds=1)
        db.execute(update(ApiKeySecretRow).where(grace).values(expires_at=past))
    key_authentication.forget()
    with pytest.raises(ApiKeyExpired):
        identity.authenticate(old["key"])
    assert authenticated(new["key"])


def test_only_the_maker_rotates_a_key(client: TestClient, member: Member) -> None:
    """An admin who could rotate an owner's key would hold a secret that acts as the owner."""
    made = make_key(client, bearer(member))
    admin = bearer(add_member(member, "admin"))
    answer = client.post(f"{PATH}/{made['id']}/rotate", json={}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_the_keys_maker")
    assert client.delete(f"{PATH}/{made['id']}", headers=admin).status_code == 204


def test_each_change_of_a_key_is_one_audit_entry_without_the_secret(
    client: TestClient, auth_headers: Headers, member: Member
) -> None:
    owner = auth_headers("owner")
    made = make_key(client, owner)
    client.post(f"{PATH}/{made['id']}/rotate", json={}, headers=owner)
    client.delete(f"{PATH}/{made['id']}", headers=owner)
    client.delete(f"{PATH}/{made['id']}", headers=owner)
    with tenant_session(member.scope, read_only=True) as db:
        entries = db.scalars(
            select(AuditEntryRow)
            .where(AuditEntryRow.resource_id == UUID(made["id"]))
            .order_by(AuditEntryRow.id)
        ).all()
    assert [e.action for e in entries] == ["api_key.create", "api_key.rotate", "api_key.revoke"]
    assert made["key"] not in str([(e.before, e.after) for e in entries])


# --- peppers, last use -------------------------------------------------------------------------


def test_key_is_hashed_anew_when_used_after_the_pepper_changed(
    client: TestClient, auth_headers: Headers, member: Member, settings: Settings
) -> None:
    made = make_key(client, auth_headers("owner"))
    version = int(key_secrets.rotate_pepper(get_settings()))
    assert authenticated(made["key"])
    with tenant_session(member.scope, read_only=True) as db:
        assert db.scalars(select(ApiKeySecretRow.pepper_version)).one() == version
    key_authentication.forget()
    assert authenticated(made["key"])


def test_key_of_a_pepper_that_is_gone_is_refused(
    client: TestClient, auth_headers: Headers, settings: Settings
) -> None:
    made = make_key(client, auth_headers("owner"))
    settings.peppers_file.unlink()
    key_authentication.forget()
    assert _is_refused(made["key"])


def test_last_use_is_noted_once_a_minute(
    client: TestClient, auth_headers: Headers, member: Member
) -> None:
    made = make_key(client, auth_headers("owner"))

    def noted() -> Any:
        key_authentication.forget()
        authenticated(made["key"])
        with tenant_session(member.scope, read_only=True) as db:
            return db.scalars(select(ApiKeyRow.last_used_at)).one()

    first = noted()
    assert noted() == first
    with tenant_session(member.scope) as db:
        db.execute(update(ApiKeyRow).values(last_used_at=first - timedelta(seconds=61)))
    assert noted() > first
