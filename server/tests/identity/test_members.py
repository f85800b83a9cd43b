"""Members, roles, invitations, organizations: who may do what to whom, and what ends when."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from factories.databases import database_environment
from factories.identity import (
    Member,
    access_token,
    add_member,
    bearer,
    make_api_key,
    make_invitation,
    make_member,
    platform_scope,
    suspend,
)
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from agentverse import identity
from agentverse.audit.models import AuditEntryRow
from agentverse.identity import (
    api_keys,
    invitations,
    key_authentication,
    members,
    repository,
    tenant_administration,
)
from agentverse.identity.errors import LastOwner, TenantNotFound
from agentverse.identity.models import InvitationRow, PersonRow
from agentverse.identity.schemas import MemberUpdate
from agentverse.platform import clock
from agentverse.platform.db import engines
from agentverse.platform.db.administration import platform_session
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.http.problems import Problem
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope, system_scope
from agentverse.platform.settings import Settings

API = "/api/v1"
PASSWORD = "correct horse battery"
ROLES = ("viewer", "analyst", "admin", "owner")


@pytest.fixture(autouse=True)
def nothing_remembered(database: object) -> Iterator[None]:
    key_authentication.forget()
    yield
    key_authentication.forget()


def patch(client: TestClient, actor: Member, target: Member, **change: str) -> Any:
    path = f"{API}/users/{target.user_id}"
    return client.patch(path, json=change, headers=bearer(actor))


# --- roles -------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", ["admin", "owner"])
@pytest.mark.parametrize("held", ROLES)
@pytest.mark.parametrize("wanted", ROLES)
def test_nobody_changes_or_grants_a_role_above_their_own(
    client: TestClient, member: Member, actor: str, held: str, wanted: str
) -> None:
    target = add_member(member, held)
    answer = patch(client, add_member(member, actor), target, role=wanted)
    allowed = actor == "owner" or "owner" not in {held, wanted}
    assert answer.status_code == (200 if allowed else 403)
    me = client.get(f"{API}/users/me", headers=bearer(target)).json()
    assert me["role"] == (wanted if allowed else held)


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_only_admins_and_owners_see_and_change_members(
    client: TestClient, member: Member, role: str
) -> None:
    actor = add_member(member, role)
    assert client.get(f"{API}/users", headers=bearer(actor)).status_code == 403
    assert patch(client, actor, actor, role="owner").status_code == 403
    remove = client.delete(f"{API}/users/{member.user_id}", headers=bearer(actor))
    assert remove.status_code == 403


def test_changed_role_holds_with_the_next_request(client: TestClient, member: Member) -> None:
    target = add_member(member, "analyst")
    headers = bearer(target)
    assert patch(client, member, target, role="viewer").status_code == 200
    assert client.post(f"{API}/projects", json={}, headers=headers).status_code in {403, 422}
    assert (
        "projects:write" not in client.get(f"{API}/auth/me", headers=headers).json()["permissions"]
    )


def test_suspended_member_gets_nowhere_until_resumed(client: TestClient, member: Member) -> None:
    target = add_member(member, "admin")
    headers, key = bearer(target), make_api_key(target.scope).key
    assert identity.authenticate(key)
    assert patch(client, member, target, status="suspended").status_code == 200
    for credential in (headers, {"Authorization": f"Bearer {key}"}):
        assert client.get(f"{API}/projects", headers=credential).status_code == 401
    listed = client.get(f"{API}/users/{target.user_id}", headers=bearer(member)).json()
    assert (listed["role"], listed["status"]) == ("admin", "suspended")
    assert patch(client, member, target, status="active").status_code == 200
    assert client.get(f"{API}/projects", headers=headers).status_code == 200


@pytest.mark.parametrize("change", [{"role": "admin"}, {"status": "suspended"}, None])
def test_last_owner_stays(
    client: TestClient, member: Member, change: dict[str, str] | None
) -> None:
    if change is None:
        answer = client.delete(f"{API}/users/{member.user_id}", headers=bearer(member))
    else:
        answer = patch(client, member, member, **change)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    second = add_member(member, "owner")
    assert patch(client, second, member, role="admin").status_code == 200


def test_two_owners_who_leave_at_once_leave_one(member: Member) -> None:
    owners = [member, add_member(member, "owner")]

    def leave(owner: Member) -> bool:
        try:
            with tenant_session(owner.scope) as db:
                members.remove_member(db, owner.user_id)
        except LastOwner:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, owners)) == [False, True]


def test_member_of_another_tenant_is_not_found(
    client: TestClient, member: Member, other_member: Member
) -> None:
    answer = patch(client, other_member, member, role="viewer")
    assert (answer.status_code, answer.json()["code"]) == (404, "member_not_found")


# --- leaving -----------------------------------------------------------------------------------

ASK = """
import sys, time
from agentverse import identity
from agentverse.platform.db import engines, migrating
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.settings import get_settings
migrating.prepare(get_settings())
for credential in sys.argv[1:]:
    identity.authenticate(credential)
print("in", flush=True)
sys.stdin.readline()
end = time.monotonic() + 1.0
left = set(sys.argv[1:])
while left and time.monotonic() < end:
    for credential in sorted(left):
        try:
            identity.authenticate(credential)
        except AgentVerseError:
            left.discard(credential)
print("out" if not left else "still in", flush=True)
"""


def test_removed_member_is_out_within_a_second_in_two_processes(
    client: TestClient, member: Member, database: engines.Database, settings: Settings
) -> None:
    target = add_member(member, "admin")
    credentials = [access_token(target), make_api_key(target.scope).key]
    environment = {
        **os.environ,
        "AGENTVERSE_HOME": str(settings.home),
        **database_environment(database.urls),
    }
    with subprocess.Popen(
        [sys.executable, "-c", ASK, *credentials],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        for credential in credentials:
            assert identity.authenticate(credential)
        path = f"{API}/users/{target.user_id}"
        assert client.delete(path, headers=bearer(member)).status_code == 204
        other.stdin.write("removed\n")
        other.stdin.flush()
        assert all(_within_a_second(lambda c=c: _is_refused(c)) for c in credentials)
        assert other.stdout.readline() == "out\n"


def _within_a_second(holds: Callable[[], bool]) -> bool:
    """What the product promises, so the one bound in time that a test of it must have."""
    end = time.monotonic() + 1.0
    while not holds():
        if time.monotonic() > end:
            return False
        Event().wait(0.02)
    return True


def _is_refused(credential: str) -> bool:
    try:
        identity.authenticate(credential)
    except AgentVerseError:
        return True
    return False


def test_removed_member_who_is_invited_again_is_another_user(
    client: TestClient, member: Member
) -> None:
    """No old key, no old session comes back with them."""
    target = make_member("ada@example.org", organization="Own")
    _accept(client, target, make_invitation(member.scope, target.email, "admin").token)
    first = _users(client, member)["ada@example.org"]
    with tenant_session(member.scope) as db:
        members.remove_member(db, first)
    _accept(client, target, make_invitation(member.scope, target.email, "viewer").token)
    assert _users(client, member)["ada@example.org"] != first


@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_leave(client: TestClient, member: Member, role: str) -> None:
    target = add_member(member, role)
    headers, key = bearer(target), make_api_key(target.scope).key
    assert client.post(f"{API}/organizations/current/leave", headers=headers).status_code == 204
    for credential in (headers, {"Authorization": f"Bearer {key}"}):
        assert client.get(f"{API}/projects", headers=credential).status_code == 401
    assert target.email not in _users(client, member)


def test_last_owner_does_not_leave(client: TestClient, member: Member) -> None:
    answer = client.post(f"{API}/organizations/current/leave", headers=bearer(member))
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")


def test_person_of_no_organization_signs_in_by_an_invitation(
    client: TestClient, member: Member
) -> None:
    """Removed from the only one: the password alone leads nowhere, with the token it joins."""
    address = "ada@example.org"
    password = {"email": address, "password": PASSWORD}
    founded = {**password, "organization_name": "Own"}
    client.post(f"{API}/auth/register", json=founded)
    with person_session(member.scope) as db:
        person = db.scalars(select(PersonRow).where(PersonRow.address == address)).one()
        (place,) = repository.tenants_of_person(db, person.id)
    with tenant_session(system_scope(place.tenant_id)) as db:
        members.leave(db, place.user_id, because="removed")
    refused = client.post(f"{API}/auth/login", json=password)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_membership")
    token = make_invitation(member.scope, address, "analyst").token
    wrong = {**password, "password": "not the right one", "invitation": token}
    assert client.post(f"{API}/auth/login", json=wrong).status_code == 401
    joined = client.post(f"{API}/auth/login", json={**password, "invitation": token})
    assert joined.status_code == 200, joined.text
    headers = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    me = client.get(f"{API}/auth/me", headers=headers).json()
    assert (me["tenant_id"], me["role"]) == (str(member.tenant_id), "analyst")


def _users(client: TestClient, member: Member) -> dict[str, UUID]:
    found = client.get(f"{API}/users", headers=bearer(member)).json()["items"]
    return {user["email"]: UUID(user["user_id"]) for user in found}


def _accept(client: TestClient, who: Member, token: str) -> dict[str, str]:
    path = f"{API}/invitations/by-token/accept"
    answer = client.post(path, json={"token": token}, headers=bearer(who))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


# --- invitations -------------------------------------------------------------------------------


def test_invited_stranger_signs_up_and_joins(client: TestClient, member: Member) -> None:
    body = {"email": "New@example.org", "role": "analyst"}
    path = f"{API}/organizations/current/invitations"
    created = client.post(path, json=body, headers=bearer(member))
    assert created.status_code == 201, created.text
    token = {"token": created.json()["token"]}
    offer = client.post(f"{API}/invitations/by-token", json=token).json()
    assert (offer["organization"], offer["role"], offer["email"]) == (
        "Acme",
        "analyst",
        "new@example.org",
    )
    joined = client.post(
        f"{API}/invitations/by-token/sign-up", json={**token, "password": PASSWORD}
    )
    assert joined.status_code == 201, joined.text
    headers = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    me = client.get(f"{API}/auth/me", headers=headers).json()
    assert (me["tenant_id"], me["role"]) == (str(member.tenant_id), "analyst")
    assert not me["is_address_verified"], "whoever invites has the token too"
    assert client.get(path, headers=bearer(member)).json()["items"] == []


def test_invitation_is_good_for_one_of_twenty_who_race(member: Member) -> None:
    token = make_invitation(member.scope).token
    people = [make_member(f"p{n}@example.org").scope for n in range(20)]

    def accept(scope: Scope) -> bool:
        try:
            invitations.accept_by_token(scope, token, invitations.Client())
        except AgentVerseError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(accept, people)).count(True) == 1


@pytest.mark.parametrize("ending", ["revoked", "expired", "replaced", "inviter left", "garbage"])
def test_invitation_that_has_ended_opens_nothing(
    client: TestClient, member: Member, ending: str
) -> None:
    inviter = add_member(member, "admin")
    created = make_invitation(inviter.scope)
    token = created.token
    if ending == "revoked":
        path = f"{API}/organizations/current/invitations/{created.id}"
        assert client.delete(path, headers=bearer(member)).status_code == 204
    elif ending == "expired":
        with tenant_session(member.scope) as db:
            past = clock.now() - timedelta(seconds=1)
            db.execute(update(InvitationRow).values(expires_at=past))
    elif ending == "replaced":
        make_invitation(member.scope)
    elif ending == "inviter left":
        with tenant_session(member.scope) as db:
            members.remove_member(db, inviter.user_id)
    else:
        token = "x" * 40
    answer = client.post(f"{API}/invitations/by-token", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (422, "invitation_refused")


def test_nobody_invites_above_themselves(client: TestClient, member: Member) -> None:
    admin = bearer(add_member(member, "admin"))
    body = {"email": "new@example.org", "role": "owner"}
    answer = client.post(f"{API}/organizations/current/invitations", json=body, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_beyond_own")


def test_member_does_not_join_twice(client: TestClient, member: Member) -> None:
    token = {"token": make_invitation(member.scope).token}
    path = f"{API}/invitations/by-token/accept"
    answer = client.post(path, json=token, headers=bearer(member))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")


def test_pending_invitations_are_for_the_verified_address(
    client: TestClient, member: Member
) -> None:
    invited = make_member("ada@example.org", organization="Own")
    first = make_invitation(member.scope, "ada@example.org").id
    path = f"{API}/invitations/pending"
    assert client.get(path, headers=bearer(invited)).json()["items"] == []
    assert _answer_to(client, invited, first, "accept").status_code == 404
    with person_session(invited.scope) as db:
        mine = PersonRow.address == "ada@example.org"
        db.execute(update(PersonRow).where(mine).values(verified_at=clock.now()))
    offers = client.get(path, headers=bearer(invited)).json()["items"]
    assert [UUID(offer["id"]) for offer in offers] == [first]
    assert _answer_to(client, invited, first, "decline").status_code == 204
    assert client.get(path, headers=bearer(invited)).json()["items"] == []
    second = make_invitation(member.scope, "ada@example.org").id
    assert _answer_to(client, member, second, "accept").status_code == 404, "another's address"
    assert _answer_to(client, invited, second, "accept").status_code == 200
    names = client.get(f"{API}/organizations", headers=bearer(invited)).json()["items"]
    assert {(o["name"], o["role"]) for o in names} == {("Own", "owner"), ("Acme", "viewer")}


def _answer_to(client: TestClient, who: Member, invitation_id: UUID, verb: str) -> Any:
    return client.post(f"{API}/invitations/{invitation_id}/{verb}", headers=bearer(who))


# --- organizations -----------------------------------------------------------------------------


def test_person_founds_another_organization(client: TestClient, member: Member) -> None:
    headers = bearer(member)
    made = client.post(f"{API}/organizations", json={"name": "Second"}, headers=headers).json()
    assert (made["name"], made["role"], made["is_current"]) == ("Second", "owner", False)
    body = {"tenant_id": made["tenant_id"]}
    switched = client.post(f"{API}/organizations/switch", json=body, headers=headers).json()
    there = {"Authorization": f"Bearer {switched['access_token']}"}
    assert client.get(f"{API}/organizations/current", headers=there).json()["name"] == "Second"


def test_organization_is_founded_once_by_one_key(client: TestClient, member: Member) -> None:
    headers = {**bearer(member), "Idempotency-Key": "one"}

    def found(_n: int) -> tuple[int, str]:
        answer = client.post(f"{API}/organizations", json={"name": "Other"}, headers=headers)
        return answer.status_code, answer.json()["tenant_id"]

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(found, range(8)))
    assert [status for status, _ in answers] == [201]
    listed = client.get(f"{API}/organizations", headers=bearer(member)).json()["items"]
    assert len(listed) == 2
    other = client.post(f"{API}/organizations", json={"name": "Third"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_invitation_is_made_once_by_one_key_and_its_token_shown_once(
    client: TestClient, member: Member
) -> None:
    headers = {**bearer(member), "Idempotency-Key": "one"}
    path, body = (
        f"{API}/organizations/current/invitations",
        {"email": "new@example.org", "role": "viewer"},
    )
    first = client.post(path, json=body, headers=headers).json()
    again = client.post(path, json=body, headers=headers)
    assert (again.status_code, again.json()) == (201, {**first, "token": None})
    assert client.post(f"{API}/invitations/by-token", json={"token": first["token"]}).is_success


def test_admin_renames_the_organization(client: TestClient, member: Member) -> None:
    path = f"{API}/organizations/current"
    for role, status in (("analyst", 403), ("admin", 200)):
        headers = bearer(add_member(member, role))
        assert client.patch(path, json={"name": " New "}, headers=headers).status_code == status
    assert client.get(path, headers=bearer(member)).json()["name"] == "New"


def test_own_name_is_changed(client: TestClient, member: Member) -> None:
    answer = client.patch(f"{API}/users/me", json={"full_name": " Ada "}, headers=bearer(member))
    assert (answer.status_code, answer.json()["full_name"]) == (200, "Ada")


# --- tenants in the platform realm -------------------------------------------------------------


def test_suspended_tenant_is_out_and_comes_back(
    client: TestClient, member: Member, other_member: Member
) -> None:
    headers = bearer(member)
    key = {"Authorization": f"Bearer {make_api_key(member.scope).key}"}
    scope = platform_scope()
    suspend(member.tenant_id)
    for credential in (headers, key):
        answer = client.get(f"{API}/projects", headers=credential)
        assert Problem.model_validate(answer.json()).code == "tenant_suspended"
    assert client.get(f"{API}/projects", headers=bearer(other_member)).status_code == 200
    tenant_administration.resume(scope, member.tenant_id)
    assert client.get(f"{API}/projects", headers=headers).status_code == 200
    with tenant_session(member.scope, read_only=True) as db:
        entries = db.scalars(
            select(AuditEntryRow).where(AuditEntryRow.resource_type == "tenant")
        ).all()
    assert [(e.action, e.actor_kind) for e in entries if e.actor_kind == "platform"] == [
        ("tenant.suspend", "platform"),
        ("tenant.resume", "platform"),
    ]


def test_tenants_are_listed_by_pages(member: Member, other_member: Member) -> None:
    with platform_session(platform_scope(), read_only=True) as db:
        first = tenant_administration.list_tenants(db, cursor=None, limit=1)
        second = tenant_administration.list_tenants(db, cursor=first.next_cursor, limit=1)
        assert second.next_cursor is None
    found = {tenant.id for tenant in (*first.items, *second.items)}
    assert found == {member.tenant_id, other_member.tenant_id}


def test_unknown_tenant_is_not_found(database: object) -> None:
    with pytest.raises(TenantNotFound):
        tenant_administration.resume(platform_scope(), new_id())


# --- work in the queue -------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["suspended tenant", "left", "revoked key", "lost role"])
def test_queued_scope_is_what_its_maker_may_do_now(member: Member, change: str) -> None:
    maker = add_member(member, "analyst")
    scope = maker.scope
    assert identity.revalidate(scope).permissions == scope.permissions
    if change == "suspended tenant":
        suspend(member.tenant_id)
    elif change == "left":
        with tenant_session(member.scope) as db:
            members.remove_member(db, maker.user_id)
    elif change == "revoked key":
        key = make_api_key(scope)
        found = identity.authenticate(key.key)
        assert isinstance(found, Scope)
        scope = found
        with tenant_session(member.scope) as db:
            api_keys.revoke_api_key(db, key.id)
    else:
        with tenant_session(member.scope) as db:
            members.update_member(db, maker.user_id, MemberUpdate(role="viewer"))
        assert not identity.revalidate(scope).allows("runs:write")
        return
    with pytest.raises(AgentVerseError):
        identity.revalidate(scope)


def test_work_of_the_installation_ends_with_its_tenant_only(member: Member) -> None:
    scope = system_scope(member.tenant_id)
    assert identity.revalidate(scope) == scope
    suspend(member.tenant_id)
    with pytest.raises(AgentVerseError):
        identity.revalidate(scope)
