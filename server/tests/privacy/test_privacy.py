"""Exports and deletions of a person and of an organization, over HTTP and the worker."""

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from factories.identity import Member, add_member, bearer, make_api_key, make_invitation
from factories.privacy import make_export
from factories.universe import make_answered
from fastapi.testclient import TestClient

from agentverse import identity
from agentverse.audit import sealing, verifying
from agentverse.entrypoints import tables
from agentverse.identity import platform_tokens
from agentverse.platform.clock import now
from agentverse.platform.db.base import Row
from agentverse.platform.jobs import authority
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.settings import Settings
from agentverse.privacy import retention
from agentverse.privacy.table_catalogue import OF_INSTALLATION, OF_PERSONS, TABLES

API = "/api/v1"
PASSWORD = "correct horse battery"


pytestmark = pytest.mark.usefixtures("no_kept_checkpoints")


@pytest.fixture(autouse=True)
def as_in_the_worker() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authority, "_revalidate", identity.revalidate)
        yield


def register(client: TestClient, email: str, name: str = "Acme") -> dict[str, str]:
    body = {
        "email": email,
        "password": PASSWORD,
        "organization_name": name,
        "full_name": "Ada Lovelace",
    }
    token = client.post(f"{API}/auth/register", json=body).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def request_of(client: TestClient, headers: dict[str, str], request_id: str) -> Any:
    listed = client.get(f"{API}/privacy/requests", headers=headers).json()["items"]
    return next(one for one in listed if one["id"] == request_id)


def exported(client: TestClient, headers: dict[str, str], path: str) -> ZipFile:
    asked = client.post(f"{API}/privacy/{path}", headers=headers)
    assert asked.status_code == 202, asked.text
    asked_id = asked.json()["id"]
    early = client.get(f"{API}/privacy/exports/{asked_id}/download", headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    run_queued_jobs()
    done = request_of(client, headers, asked_id)
    assert done["status"] == "succeeded", done
    answer = client.get(f"{API}/privacy/exports/{asked_id}/download", headers=headers)
    assert answer.status_code == 200
    assert len(answer.content) == done["size_bytes"]
    return ZipFile(io.BytesIO(answer.content))


def rows(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"tables/{name}.jsonl").splitlines()]


# --- the catalogue -----------------------------------------------------------------------------


def test_every_table_is_in_the_catalogue_once() -> None:
    known = {table.name for table in tables.metadata.sorted_tables}
    assert known == set(TABLES) | OF_PERSONS | OF_INSTALLATION
    assert not set(TABLES) & (OF_PERSONS | OF_INSTALLATION)


def test_every_column_that_names_a_user_makes_the_row_theirs() -> None:
    naming = {"user_id", "actor_id", "actor", "invited_by", "accepted_by"}
    for name, entry in TABLES.items():
        columns = {column.name for column in Row.metadata.tables[name].columns}
        assert {column for column, _ in entry.users} - {"id"} == naming & columns, name
        assert entry.secret <= columns, name


# --- exports -----------------------------------------------------------------------------------


def test_export_of_an_organization_holds_every_row_and_file_and_no_secret(
    client: TestClient, member: Member, other_member: Member, owner: psycopg.Connection
) -> None:
    answered = make_answered(member.scope)
    make_answered(other_member.scope)
    key = make_api_key(member.scope).key
    invitation = make_invitation(member.scope)
    archive = exported(client, bearer(member), "exports")
    manifest = json.loads(archive.read("manifest.json"))
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(member.tenant_id),))
    for name in set(TABLES) - {"tenants"}:
        (count,) = owner.execute(f"SELECT count(*) FROM {name}".encode()).fetchone() or (0,)
        # Downloading and asking again wrote a few more.
        written = manifest["rows"][name]
        assert written == count or name in {"tasks", "refresh_families", "refresh_tokens"} | {
            found for found in TABLES if found.startswith(("audit_", "one_time"))
        }, name
    assert str(answered.project.id) in {row["id"] for row in rows(archive, "projects")}
    assert {row["tenant_id"] for row in rows(archive, "runs")} == {str(member.tenant_id)}
    files = [name for name in archive.namelist() if name.startswith("files/")]
    assert len(files) >= manifest["rows"]["run_artifacts"] >= 1
    assert b"".join(archive.read(name) for name in archive.namelist()).find(key.encode()) == -1
    for row in rows(archive, "invitations"):
        assert "token_hash" not in row
    assert invitation.token not in archive.read("tables/invitations.jsonl").decode()


def test_export_of_a_person_holds_their_rows_in_all_their_organizations_only(
    client: TestClient, mails: list[Mail], member: Member
) -> None:
    headers = register(client, "ada@example.org")
    made = client.post(f"{API}/organizations", json={"name": "Second"}, headers=headers).json()
    archive = exported(client, headers, "export-my-data")
    (person,) = rows(archive, "person")
    assert person["address"] == "ada@example.org"
    users = [
        row
        for name in archive.namelist()
        if name.endswith("/users.jsonl")
        for row in map(json.loads, archive.read(name).splitlines())
    ]
    assert {row["email"] for row in users} == {"ada@example.org"}
    assert made["tenant_id"] in {row["tenant_id"] for row in users}
    assert len(users) == 2
    assert b"password" not in archive.read("tables/person.jsonl")


def test_export_is_of_who_asked_or_of_the_organization_for_owners(
    client: TestClient, member: Member, other_headers: dict[str, str]
) -> None:
    viewer = bearer(add_member(member, "viewer"))
    own = client.post(f"{API}/privacy/export-my-data", headers=viewer).json()["id"]
    assert client.post(f"{API}/privacy/exports", headers=viewer).status_code == 403
    run_queued_jobs()
    path = f"{API}/privacy/exports/{own}/download"
    assert client.get(path, headers=viewer).status_code == 200
    for headers in (bearer(member), other_headers):
        assert client.get(path, headers=headers).status_code == 404


# --- deletion of an organization ---------------------------------------------------------------


def test_deleted_organization_leaves_ids_and_a_chain_that_verifies(
    client: TestClient,
    member: Member,
    other_member: Member,
    owner: psycopg.Connection,
    settings: Settings,
) -> None:
    make_answered(member.scope)
    make_answered(other_member.scope)
    add_member(member, "analyst")
    sealing.seal()
    sealing.sign()
    headers, other = bearer(member), bearer(other_member)
    before = counts(owner, other_member)
    wrong = client.request(
        "DELETE", f"{API}/organizations/current", json={"name": "acme"}, headers=headers
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "name_does_not_match")
    asked = client.request(
        "DELETE", f"{API}/organizations/current", json={"name": "Acme"}, headers=headers
    )
    assert asked.status_code == 202, asked.text
    assert client.get(f"{API}/projects", headers=headers).status_code == 200, "not begun yet"
    run_queued_jobs()
    assert client.get(f"{API}/projects", headers=headers).status_code == 401
    left = counts(owner, member)
    assert {name for name, count in left.items() if count} <= {
        "tasks",
        *(name for name, entry in TABLES.items() if entry.kept),
    }
    assert left["tasks"] == 1, "that it was deleted"
    assert left["audit_entries"] > 10
    assert not (settings.artifacts / str(member.tenant_id)).exists()
    assert counts(owner, other_member) == before, "the other organization is as it was"
    assert client.get(f"{API}/runs", headers=other).json()["items"]
    assert owner.execute("SELECT address FROM persons").fetchall() == [(other_member.email,)]
    sealing.seal()
    verified = verifying.verify()
    assert verified.findings == []
    assert verified.erased >= 5


def counts(owner: psycopg.Connection, member: Member) -> dict[str, int]:
    """Rows of the member's tenant, by table; without what signing in writes."""
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(member.tenant_id),))
    found: dict[str, int] = {}
    for name in TABLES:
        (count,) = owner.execute(f"SELECT count(*) FROM {name}".encode()).fetchone() or (0,)
        found[name] = count
    return found


def test_platform_brings_no_deleted_organization_back(
    client: TestClient, member: Member, settings: Settings
) -> None:
    body = {"name": "Acme"}
    path = f"{API}/organizations/current"
    assert client.request("DELETE", path, json=body, headers=bearer(member)).status_code == 202
    run_queued_jobs()
    token = identity_token(settings)
    resumed = client.post(f"{API}/admin/tenants/{member.tenant_id}/resume", headers=token)
    assert (resumed.status_code, resumed.json()["code"]) == (409, "tenant_deleted")


def identity_token(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {platform_tokens.issue_to_home_owner(settings)}"}


@pytest.mark.parametrize("role", ["admin", "analyst", "viewer"])
def test_only_owners_delete_an_organization(client: TestClient, member: Member, role: str) -> None:
    headers = bearer(add_member(member, role))
    answer = client.request(
        "DELETE", f"{API}/organizations/current", json={"name": "Acme"}, headers=headers
    )
    assert answer.status_code == 403


# --- deletion of oneself -----------------------------------------------------------------------


def test_person_who_leaves_is_forgotten_and_their_words_are_erased(
    client: TestClient, mails: list[Mail], member: Member, owner: psycopg.Connection
) -> None:
    invitation = make_invitation(member.scope, "grace@example.org", role="analyst")
    body = {"token": invitation.token, "password": PASSWORD, "full_name": "Grace Hopper"}
    joined = client.post(f"{API}/invitations/by-token/sign-up", json=body)
    headers = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    client.patch(f"{API}/users/me", json={"full_name": "Admiral"}, headers=headers)
    sealing.seal()
    wrong = client.post(
        f"{API}/privacy/delete-my-data", json={"current_password": "not it"}, headers=headers
    )
    assert wrong.status_code == 401
    gone = client.post(
        f"{API}/privacy/delete-my-data", json={"current_password": PASSWORD}, headers=headers
    )
    assert gone.status_code == 204, gone.text
    assert client.get(f"{API}/auth/me", headers=headers).status_code == 401
    words = {"grace", "hopper", "admiral"}
    assert words <= texts_of(owner, member), "the positive control: none of them hexadecimal"
    run_queued_jobs()
    assert not words & texts_of(owner, member)
    sealing.seal()
    assert verifying.verify().findings == []


def texts_of(owner: psycopg.Connection, member: Member) -> set[str]:
    """Every word of the tenant's rows."""
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(member.tenant_id),))
    found: set[str] = set()
    for name in TABLES:
        for (row,) in owner.execute(f"SELECT t::text FROM {name} t".encode()).fetchall():
            found.update(re.findall(r"[a-z]+", row.lower()))
    return found


def test_only_owner_of_an_organization_is_told_to_hand_it_over(
    client: TestClient, mails: list[Mail]
) -> None:
    headers = register(client, "ada@example.org")
    refused = client.post(
        f"{API}/privacy/delete-my-data", json={"current_password": PASSWORD}, headers=headers
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    assert "'Acme'" in refused.json()["detail"]
    assert client.get(f"{API}/auth/me", headers=headers).status_code == 200


# --- what is kept how long ---------------------------------------------------------------------


def test_exports_are_gone_after_a_week(
    client: TestClient, member: Member, settings: Settings
) -> None:
    headers, export_id = bearer(member), make_export(member.scope)
    folder = settings.artifacts / str(member.tenant_id)
    path = f"{API}/privacy/exports/{export_id}/download"
    retention.enforce(member.tenant_id, now() + timedelta(days=6))
    assert client.get(path, headers=headers).status_code == 200
    assert len(list(folder.glob("*.zip"))) == 1
    retention.enforce(member.tenant_id, now() + timedelta(days=8))
    gone = client.get(path, headers=headers)
    assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")
    assert list(folder.glob("*.zip")) == []


def test_words_of_the_audit_are_kept_as_long_as_the_organization_says(
    client: TestClient, member: Member, other_member: Member
) -> None:
    headers, path = bearer(member), f"{API}/privacy/retention/audit_words"
    rename(client, member, "Zanzibar")
    rename(client, other_member, "Zanzibar")
    assert retention.enforce(member.tenant_id, now() + timedelta(days=4000)) == 0, "for good"
    for days in (29, 3651, 0):
        assert client.put(path, json={"days": days}, headers=headers).status_code == 422
    assert client.put(path, json={"days": 30}, headers=headers).json()["days"] == 30
    (policy,) = client.get(f"{API}/privacy/retention", headers=headers).json()["items"]
    assert policy == {"resource": "audit_words", "days": 30}
    assert retention.enforce(member.tenant_id, now() + timedelta(days=29)) == 0
    assert found_in_audit(client, member, "Zanzibar") == 1
    assert retention.enforce(member.tenant_id, now() + timedelta(days=31)) > 0
    assert found_in_audit(client, member, "Zanzibar") == 0
    assert found_in_audit(client, other_member, "Zanzibar") == 1
    sealing.seal()
    assert verifying.verify().findings == []
    assert client.put(path, json={"days": None}, headers=headers).status_code == 200
    assert retention.enforce(member.tenant_id, now() + timedelta(days=4000)) == 0


def rename(client: TestClient, member: Member, name: str) -> None:
    path = f"{API}/organizations/current"
    assert client.patch(path, json={"name": name}, headers=bearer(member)).status_code == 200


def found_in_audit(client: TestClient, member: Member, word: str) -> int:
    query = f"{API}/admin/audit-logs?search={word}"
    return len(client.get(query, headers=bearer(member)).json()["items"])
