"""Persons: one address, several sign-ups; verifying, joining, several organizations, passwords."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from factories.identity import Member, add_member, bearer, make_api_key, make_member
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from agentverse import audit, identity
from agentverse.audit.models import AuditEntryRow
from agentverse.entrypoints import serving
from agentverse.identity import expiring, members, persons, signing_in, tenants
from agentverse.identity.errors import NotAMember, TooManySignUps
from agentverse.identity.models import MembershipRow, PersonRow, PersonTokenRow, UserRow
from agentverse.platform import clock
from agentverse.platform.db import database_roles, engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import tenant_session
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.scope import Scope, system_scope
from agentverse.platform.settings import get_settings, serve_at

API = "/api/v1"
PASSWORD = "correct horse battery"
OTHER = "another horse battery"
ADA = "ada@example.org"
NOWHERE = system_scope(audit.INSTALLATION)

Register = Callable[..., dict[str, str]]


@pytest.fixture
def register(client: TestClient, mails: list[Mail]) -> Register:
    """Sign up and give the headers of the sign-in."""

    def sign_up(email: str = ADA, password: str = PASSWORD, name: str = "Acme") -> dict[str, str]:
        body = {"email": email, "password": password, "organization_name": name}
        answer = client.post(f"{API}/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return sign_up


def me(client: TestClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = client.get(f"{API}/auth/me", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def login(client: TestClient, password: str, **more: Any) -> Any:
    body = {"email": ADA, "password": password, **more}
    return client.post(f"{API}/auth/login", json=body)


def headers_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def token_in(mail: Mail) -> str:
    found = re.search(r"#token=(\S+)", mail.text)
    assert found is not None
    return found[1]


def verify(client: TestClient, headers: dict[str, str], mail: Mail) -> Any:
    body = {"token": token_in(mail)}
    return client.post(f"{API}/auth/address/verify", json=body, headers=headers)


def everybody() -> list[PersonRow]:
    with person_session(NOWHERE, read_only=True) as db:
        return list(db.scalars(select(PersonRow).order_by(PersonRow.id)))


# --- signing up --------------------------------------------------------------------------------


def test_known_address_signs_up_like_an_unknown_one(client: TestClient, register: Register) -> None:
    first = me(client, register(password=PASSWORD))
    second = me(client, register(" aDA@example.ORG ", OTHER))
    assert first["email"] == second["email"] == ADA
    assert first["tenant_id"] != second["tenant_id"]
    assert set(first) == set(second)
    for password, there in ((PASSWORD, first), (OTHER, second)):
        assert me(client, headers_of(login(client, password)))["tenant_id"] == there["tenant_id"]


def test_an_address_has_three_unverified_sign_ups_at_most(
    client: TestClient, register: Register
) -> None:
    for number in range(persons.MOST_UNVERIFIED):
        register(password=f"{PASSWORD} {number}")
    body = {"email": ADA, "password": PASSWORD, "organization_name": "x"}
    answer = client.post(f"{API}/auth/register", json=body)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_sign_ups")


def test_verified_address_takes_as_many_sign_ups_as_an_unknown_one(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    headers = register()
    assert verify(client, headers, mails[0]).status_code == 204
    for number in range(persons.MOST_UNVERIFIED):
        register(password=f"{OTHER} {number}")
    with pytest.raises(TooManySignUps):
        persons.sign_up(NOWHERE, address=ADA, full_name="", password_hash=None)
    assert me(client, headers_of(login(client, f"{OTHER} 2")))["email"] == ADA


def test_sign_ups_at_once_keep_one_holder_and_the_limit(database: object) -> None:
    def sign_up(_: int) -> bool:
        try:
            persons.sign_up(NOWHERE, address=ADA, full_name="", password_hash=None)
        except TooManySignUps:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(sign_up, range(16)))
    assert outcomes.count(True) == persons.MOST_UNVERIFIED
    assert sum(person.expires_at is None for person in everybody()) == 1


def test_unverified_sign_up_beside_a_holder_is_gone_after_a_week(
    client: TestClient, register: Register
) -> None:
    holder, later = register(), register(password=OTHER)
    tenant = UUID(me(client, later)["tenant_id"])
    assert expiring.end_expired_sign_ups() == 0
    with person_session(NOWHERE) as db:
        past = clock.now() - timedelta(seconds=1)
        late = PersonRow.expires_at.is_not(None)
        db.execute(update(PersonRow).where(late).values(expires_at=past))
    assert login(client, OTHER).status_code == 401, "before the sweep too"
    assert expiring.end_expired_sign_ups() == 1
    assert client.get(f"{API}/auth/me", headers=later).status_code == 401
    assert me(client, holder)["email"] == ADA
    assert len(everybody()) == 1
    with tenant_session(system_scope(tenant), read_only=True) as db:
        assert db.scalars(select(MembershipRow)).all() == []
        assert db.scalars(select(UserRow)).one().person_id is None


# --- verifying ---------------------------------------------------------------------------------


def test_verifying_needs_the_link_and_the_sign_in(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    """A mailbox's owner who clicks a stranger's link vouches for nobody."""
    stranger = register()
    owner = register(password=OTHER)
    assert verify(client, owner, mails[0]).status_code == 422
    assert client.post(f"{API}/auth/address/verify", json={"token": "x"}).status_code == 401
    assert not me(client, stranger)["is_address_verified"]
    assert verify(client, owner, mails[1]).status_code == 204
    assert me(client, owner)["is_address_verified"]
    assert verify(client, owner, mails[1]).status_code == 422, "used up"


def test_owner_who_verifies_takes_the_address_from_whoever_came_first(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    register()
    owner = register(password=OTHER)
    assert verify(client, owner, mails[1]).status_code == 204
    squatter, verified = everybody()
    assert squatter.expires_at is not None
    assert (verified.expires_at, verified.verified_at is not None) == (None, True)
    assert me(client, headers_of(login(client, OTHER)))["is_address_verified"]


def test_verified_sign_up_joins_the_person_who_has_the_address(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    first = register(name="First")
    assert verify(client, first, mails[0]).status_code == 204
    second = register(password=OTHER, name="Second")
    assert verify(client, second, mails[1]).status_code == 204
    assert len(everybody()) == 1
    assert login(client, OTHER).status_code == 401, "the sign-up's own password is gone"
    signed_in = headers_of(login(client, PASSWORD))
    names = {place["organization"] for place in _sessions(client, signed_in)}
    assert names == {"First", "Second"}
    assert me(client, second)["is_address_verified"], "its sign-in is the person's now"


def _sessions(client: TestClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/sessions", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_mail_is_not_sent_again_at_once(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    headers = register()
    for _ in range(3):
        answer = client.post(f"{API}/auth/address/verification", headers=headers)
        assert answer.status_code == 202
    assert len(mails) == 1
    with person_session(NOWHERE) as db:
        db.execute(update(PersonTokenRow).values(created_at=clock.now() - timedelta(minutes=2)))
    client.post(f"{API}/auth/address/verification", headers=headers)
    assert len(mails) == 2


def test_expired_link_is_refused(client: TestClient, register: Register, mails: list[Mail]) -> None:
    headers = register()
    with person_session(NOWHERE) as db:
        db.execute(update(PersonTokenRow).values(expires_at=clock.now() - timedelta(seconds=1)))
    answer = verify(client, headers, mails[0])
    assert (answer.status_code, answer.json()["code"]) == (422, "mailed_token_refused")


# --- several organizations ---------------------------------------------------------------------


@pytest.fixture
def two_places(member: Member) -> tuple[Member, UUID]:
    """A person with an organization of their own who is a member of `member`'s too."""
    ada = make_member(ADA, organization="Own")
    with person_session(NOWHERE, read_only=True) as db:
        person_id = db.scalars(select(PersonRow.id).where(PersonRow.address == ADA)).one()
    user_id = ada.user_id
    with tenant_session(member.scope) as db:
        tenants.add_member(db, user_id, person_id=person_id, address=ADA, full_name="")
        db.add(MembershipRow(user_id=user_id, role="viewer"))
    return ada, member.tenant_id


def test_person_enters_each_of_their_organizations(
    client: TestClient, two_places: tuple[Member, UUID]
) -> None:
    ada, other = two_places
    own = bearer(ada)
    answer = client.post(f"{API}/organizations/switch", json={"tenant_id": str(other)}, headers=own)
    there = me(client, headers_of(answer))
    assert (there["tenant_id"], there["role"]) == (str(other), "viewer")
    assert me(client, own)["role"] == "owner", "the sign-in here stays as it is"


def test_person_enters_no_organization_of_others(
    client: TestClient, two_places: tuple[Member, UUID], other_member: Member
) -> None:
    body = {"tenant_id": str(other_member.tenant_id)}
    answer = client.post(f"{API}/organizations/switch", json=body, headers=bearer(two_places[0]))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_member")


def test_sign_in_leads_where_the_last_one_led(
    member: Member, two_places: tuple[Member, UUID]
) -> None:
    _, other = two_places
    with person_session(NOWHERE, read_only=True) as db:
        person_id = db.scalars(select(PersonRow.id).where(PersonRow.address == ADA)).one()
    signing_in.enter(person_id, other, signing_in.NOBODY)
    entered = identity.authenticate(
        signing_in.enter(person_id, None, signing_in.NOBODY).access_token
    )
    assert getattr(entered, "tenant_id", None) == other
    with tenant_session(member.scope) as db:
        members.leave(db, two_places[0].user_id, because="removed")
    back = identity.authenticate(signing_in.enter(person_id, None, signing_in.NOBODY).access_token)
    assert getattr(back, "tenant_id", None) == two_places[0].tenant_id
    with pytest.raises(NotAMember):
        signing_in.enter(person_id, other, signing_in.NOBODY)


# --- sign-ins and passwords --------------------------------------------------------------------


def test_sessions_are_listed_and_ended_one_by_one(client: TestClient, register: Register) -> None:
    register()
    here = headers_of(login(client, PASSWORD))
    listed = _sessions(client, {**here, "User-Agent": "curl"})
    assert [session["is_current"] for session in listed] == [True, False]
    assert {session["agent"] for session in listed} == {"testclient"}
    first = listed[1]["id"]
    assert client.delete(f"{API}/sessions/{first}", headers=here).status_code == 204
    assert [session["is_current"] for session in _sessions(client, here)] == [True]


def test_session_of_somebody_else_is_not_found(
    client: TestClient, register: Register, member: Member
) -> None:
    colleague = bearer(member)
    theirs = _sessions(client, colleague)[0]["id"]
    answer = client.delete(f"{API}/sessions/{theirs}", headers=register())
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
    in_the_same_tenant = bearer(add_member(member, "admin"))
    assert client.delete(f"{API}/sessions/{theirs}", headers=in_the_same_tenant).status_code == 404
    assert me(client, colleague)


def test_sign_out_everywhere_ends_every_sign_in(
    client: TestClient, two_places: tuple[Member, UUID]
) -> None:
    ada, other = two_places
    own = bearer(ada)
    switched = headers_of(
        client.post(f"{API}/organizations/switch", json={"tenant_id": str(other)}, headers=own)
    )
    assert client.post(f"{API}/auth/logout-everywhere", headers=own).status_code == 204
    for headers in (own, switched):
        assert client.get(f"{API}/auth/me", headers=headers).status_code == 401


def test_changed_password_ends_the_other_sign_ins(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    elsewhere = register()
    here = headers_of(login(client, PASSWORD))
    body = {"current_password": PASSWORD, "new_password": OTHER}
    assert client.post(f"{API}/auth/password", json=body, headers=here).status_code == 204
    assert client.get(f"{API}/auth/me", headers=elsewhere).status_code == 401
    assert me(client, here)
    assert login(client, PASSWORD).status_code == 401
    assert login(client, OTHER).status_code == 200
    assert verify(client, here, mails[0]).status_code == 422, "what was mailed before is void"


@pytest.mark.parametrize(
    ("change", "status"),
    [({"current_password": "wrong password"}, 401), ({"new_password": "short"}, 422)],
)
def test_bad_change_of_password_changes_nothing(
    client: TestClient, register: Register, change: dict[str, str], status: int
) -> None:
    here = register()
    body = {"current_password": PASSWORD, "new_password": OTHER, **change}
    assert client.post(f"{API}/auth/password", json=body, headers=here).status_code == status
    assert login(client, PASSWORD).status_code == 200


def forgotten(client: TestClient, email: str = ADA) -> Any:
    return client.post(f"{API}/auth/password/forgotten", json={"email": email})


def test_forgotten_password_is_answered_alike_and_mailed_to_whom_it_is(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    register()
    mails.clear()
    known, unknown = forgotten(client), forgotten(client, "nobody@example.org")
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content
    assert [mail.to for mail in mails] == [ADA]


def test_refused_link_says_what_to_do_about_it(client: TestClient, register: Register) -> None:
    headers = register()
    reset = client.post(
        f"{API}/auth/password/reset", json={"token": "nobody's", "new_password": OTHER}
    )
    verify = client.post(f"{API}/auth/address/verify", json={"token": "x"}, headers=headers)
    assert "Forgotten your password?" in reset.json()["detail"]
    assert "signed in" not in reset.json()["detail"]
    assert "in your profile" in verify.json()["detail"]


def test_links_lead_where_the_server_listens_unless_another_address_is_set(
    client: TestClient, register: Register, mails: list[Mail], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTVERSE_PUBLIC_URL", "to be put back")
    monkeypatch.delenv("AGENTVERSE_PUBLIC_URL")
    try:
        serve_at(serving.address_of("::", 8123))
        register()
        monkeypatch.setenv("AGENTVERSE_PUBLIC_URL", "https://people.example.org")
        serve_at(serving.address_of("127.0.0.1", 8124))
        register("bob@example.org")
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert "http://localhost:8123/verify-address#token=" in mails[0].text
    assert "https://people.example.org/verify-address#token=" in mails[1].text


def test_reset_password_signs_nobody_in_and_ends_every_sign_in(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    here = register()
    assert verify(client, here, mails.pop()).status_code == 204
    forgotten(client)
    body = {"token": token_in(mails[0]), "new_password": OTHER}
    assert client.post(f"{API}/auth/password/reset", json=body).status_code == 204
    assert client.post(f"{API}/auth/password/reset", json=body).status_code == 422
    assert client.get(f"{API}/auth/me", headers=here).status_code == 401
    assert login(client, PASSWORD).status_code == 401
    assert login(client, OTHER).status_code == 200


def test_reset_of_an_address_nobody_verified_leaves_the_squatter_no_way_in(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    squatter = register()
    scope = identity.authenticate(squatter["Authorization"].removeprefix("Bearer "))
    assert isinstance(scope, Scope)
    key = make_api_key(scope).key
    mails.clear()
    forgotten(client)
    body = {"token": token_in(mails[0]), "new_password": OTHER}
    assert client.post(f"{API}/auth/password/reset", json=body).status_code == 204
    for credential in (squatter, {"Authorization": f"Bearer {key}"}):
        assert client.get(f"{API}/projects", headers=credential).status_code == 401
    assert me(client, headers_of(login(client, OTHER)))["is_address_verified"]


# --- behind its own role -----------------------------------------------------------------------


@pytest.mark.parametrize("table", ["persons", "person_tokens", "person_tenants"])
@pytest.mark.parametrize("role", [DatabaseRole.APP, DatabaseRole.PLATFORM])
def test_no_other_role_reads_persons(
    database: engines.Database, role: DatabaseRole, table: str
) -> None:
    with (
        psycopg.connect(database_roles.conninfo(database.urls.logins[role])) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SELECT * FROM {table}".encode())


@pytest.mark.parametrize("table", ["users", "memberships", "projects", "api_keys", "tenants"])
def test_the_persons_role_reads_no_tenant(table: str, member: Member) -> None:
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        person_session(member.scope) as db,
    ):
        db.execute(text(f"SELECT * FROM {table}"))


def test_changes_of_a_person_are_audited_where_they_acted(
    client: TestClient, register: Register, mails: list[Mail]
) -> None:
    headers = register()
    verify(client, headers, mails[0])
    body = {"current_password": PASSWORD, "new_password": OTHER}
    client.post(f"{API}/auth/password", json=body, headers=headers)
    tenant = UUID(me(client, headers)["tenant_id"])
    assert _actions(tenant) >= {"person.verify", "person.change_password", "tenant.create"}


def test_failed_sign_in_is_told_where_the_address_belongs(
    client: TestClient, register: Register
) -> None:
    tenant = UUID(me(client, register())["tenant_id"])
    login(client, "wrong password")
    client.post(f"{API}/auth/login", json={"email": "no@body.org", "password": "wrong password"})
    assert _failures(tenant) == 1
    assert _failures(audit.INSTALLATION) == 1


def _actions(tenant_id: UUID) -> set[str]:
    with tenant_session(system_scope(tenant_id), read_only=True) as db:
        return set(db.scalars(select(AuditEntryRow.action)))


def _failures(tenant_id: UUID) -> int:
    with tenant_session(system_scope(tenant_id), read_only=True) as db:
        failed = select(AuditEntryRow.id).where(AuditEntryRow.outcome == "failure")
        return len(db.scalars(failed).all())
