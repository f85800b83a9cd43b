"""Administrators of the installation: bootstrapped once, named, let in with a code, removed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from factories.identity import platform_scope
from fastapi.testclient import TestClient
from pyotp.totp import TOTP
from sqlalchemy import select

from agentverse import audit
from agentverse.audit.models import AuditEntryRow
from agentverse.identity import administrators
from agentverse.platform import clock
from agentverse.platform.db.session import tenant_session
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.scope import system_scope

API = "/api/v1"
PASSWORD = "correct horse battery"


class Somebody:
    """A signed-in person with a verified address and, if wanted, an authenticator app."""

    def __init__(self, client: TestClient, mails: list[Mail], name: str, *, app: bool) -> None:
        self.client = client
        self.email = f"{name}@example.org"
        body = {"email": self.email, "password": PASSWORD, "organization_name": name}
        token = client.post(f"{API}/auth/register", json=body).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        link = next(mail.text for mail in mails if mail.to == self.email)
        self.verification = link.partition("#token=")[2].split()[0]
        self._secret = self._set_up() if app else None

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{API}{path}", json=body, headers=self.headers)

    def verify(self) -> "Somebody":
        assert self.post("/auth/address/verify", token=self.verification).status_code == 204
        return self

    def code(self) -> str:
        """Of the next step: the present one was used for confirming the app."""
        assert self._secret is not None
        return TOTP(self._secret).at(clock.now(), counter_offset=1)

    def enter(self) -> dict[str, str]:
        answer = self.post("/auth/platform", second_factor=self.code())
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['platform_token']}"}

    def _set_up(self) -> str:
        secret = self.post("/auth/totp", current_password=PASSWORD).json()["secret"]
        confirmed = self.post("/auth/totp/confirm", code=TOTP(secret).at(clock.now()))
        assert confirmed.status_code == 200, confirmed.text
        return secret


@pytest.fixture
def ada(client: TestClient, mails: list[Mail]) -> Somebody:
    return Somebody(client, mails, "ada", app=True)


@pytest.fixture
def bob(client: TestClient, mails: list[Mail]) -> Somebody:
    return Somebody(client, mails, "bob", app=True)


def become_administrator(person: Somebody) -> dict[str, str]:
    made = person.post("/auth/platform/bootstrap", token=administrators.new_bootstrap_token())
    assert made.status_code == 204, made.text
    return person.enter()


def tenants_seen(client: TestClient, headers: dict[str, str]) -> int:
    return client.get(f"{API}/admin/tenants", headers=headers).status_code


def entries_of_the_installation() -> list[tuple[str, str, str]]:
    with tenant_session(system_scope(audit.INSTALLATION), read_only=True) as db:
        rows = db.scalars(select(AuditEntryRow).order_by(AuditEntryRow.id))
        return [
            (row.action, row.outcome, row.actor_kind)
            for row in rows
            if row.action.startswith("administrator.")
        ]


def test_bootstrapped_person_enters_with_a_code_and_reaches_the_platform(
    client: TestClient, ada: Somebody
) -> None:
    headers = become_administrator(ada)
    assert tenants_seen(client, headers) == 200
    assert tenants_seen(client, ada.headers) == 403, "the access token stays in its own realm"
    assert client.get(f"{API}/projects", headers=headers).status_code == 403
    assert entries_of_the_installation() == [
        ("administrator.bootstrap", "success", "user"),
        ("administrator.enter", "success", "user"),
    ]


def test_acts_of_an_administrator_name_them(client: TestClient, ada: Somebody) -> None:
    headers = become_administrator(ada)
    tenant = client.get(f"{API}/admin/tenants", headers=headers).json()["items"][0]["id"]
    path = f"{API}/admin/tenants/{tenant}/suspend"
    assert client.post(path, json={"reason": "a test"}, headers=headers).status_code == 204
    listed = client.get(f"{API}/admin/administrators", headers=headers).json()["items"]
    told = client.get(f"{API}/admin/tenants/{tenant}/audit-logs", headers=headers).json()["items"]
    acted = next(entry for entry in told if entry["action"] == "tenant.suspend")
    assert acted["actor"] == {"kind": "platform", "id": listed[0]["person_id"]}


def test_twenty_racing_redemptions_of_one_token_make_one_administrator(
    client: TestClient, mails: list[Mail]
) -> None:
    people = [Somebody(client, mails, f"racer-{n}", app=False) for n in range(20)]
    token = administrators.new_bootstrap_token()

    def redeem(one: Somebody) -> Any:
        return one.post("/auth/platform/bootstrap", token=token)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(redeem, people))
    assert sorted(answer.status_code for answer in answers) == [204] + [422] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {
        "bootstrap_refused"
    }
    made, _ = administrators.list_administrators(platform_scope(), cursor=None, limit=100)
    assert len(made) == 1


@pytest.mark.parametrize("flaw", ["used", "replaced", "expired", "garbage", "empty"])
def test_flawed_bootstrap_tokens_are_refused_alike(
    client: TestClient, ada: Somebody, bob: Somebody, monkeypatch: pytest.MonkeyPatch, flaw: str
) -> None:
    token = administrators.new_bootstrap_token()
    if flaw == "used":
        assert bob.post("/auth/platform/bootstrap", token=token).status_code == 204
    elif flaw == "replaced":
        administrators.new_bootstrap_token()
    elif flaw == "expired":
        later = clock.now() + administrators.BOOTSTRAP_LIFE + timedelta(seconds=1)
        monkeypatch.setattr(administrators, "now", lambda: later)
    else:
        token = "x" * 43 if flaw == "garbage" else ""
    refused = ada.post("/auth/platform/bootstrap", token=token)
    assert (refused.status_code, refused.json()["code"]) == (422, "bootstrap_refused")
    assert "agentverse admin bootstrap" in refused.json()["detail"]


def test_nobody_else_enters(client: TestClient, ada: Somebody, mails: list[Mail]) -> None:
    refused = ada.post("/auth/platform", second_factor=ada.code())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_an_administrator")
    assert entries_of_the_installation() == [("administrator.enter", "denied", "user")]


def test_administrator_without_a_second_factor_is_told_to_set_one_up(
    client: TestClient, mails: list[Mail]
) -> None:
    cy = Somebody(client, mails, "cy", app=False)
    cy.post("/auth/platform/bootstrap", token=administrators.new_bootstrap_token())
    refused = cy.post("/auth/platform", second_factor="123456")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_second_factor")


def test_wrong_and_used_codes_do_not_let_in(client: TestClient, ada: Somebody) -> None:
    become_administrator(ada)
    for code in (ada.code(), "000000"):
        refused = ada.post("/auth/platform", second_factor=code)
        assert refused.status_code in {401, 429}
    assert "platform_token" not in refused.text


def test_removed_administrator_is_out_with_the_next_request(
    client: TestClient, ada: Somebody, bob: Somebody
) -> None:
    first = become_administrator(ada)
    bob.verify()
    named = client.post(f"{API}/admin/administrators", json={"email": bob.email}, headers=first)
    assert named.status_code == 201, named.text
    second = bob.enter()
    assert tenants_seen(client, second) == 200
    path = f"{API}/admin/administrators/{named.json()['person_id']}"
    assert client.delete(path, headers=first).status_code == 204
    out = client.get(f"{API}/admin/tenants", headers=second)
    assert (out.status_code, out.json()["code"]) == (401, "session_ended")
    assert client.delete(path, headers=first).status_code == 404
    assert [action for action, *_ in entries_of_the_installation()][-2:] == [
        "administrator.enter",
        "administrator.remove",
    ]


@pytest.mark.parametrize("how", ["everywhere", "this one"])
def test_platform_token_ends_with_the_sign_in_it_came_from(
    client: TestClient, ada: Somebody, how: str
) -> None:
    headers = become_administrator(ada)
    assert tenants_seen(client, headers) == 200
    if how == "everywhere":
        ada.post("/auth/logout-everywhere")
    else:
        (session,) = client.get(f"{API}/sessions", headers=ada.headers).json()["items"]
        client.delete(f"{API}/sessions/{session['id']}", headers=ada.headers)
    assert tenants_seen(client, headers) == 401


def test_only_the_holder_of_a_verified_address_is_named(
    client: TestClient, ada: Somebody, bob: Somebody
) -> None:
    headers = become_administrator(ada)
    for email in (bob.email, "nobody@example.org"):
        refused = client.post(f"{API}/admin/administrators", json={"email": email}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "no_such_verified_address")
    bob.verify()
    for _ in range(2):
        named = client.post(
            f"{API}/admin/administrators", json={"email": bob.email}, headers=headers
        )
        assert named.status_code == 201, named.text
    listed = client.get(f"{API}/admin/administrators", headers=headers).json()["items"]
    assert [row["email"] for row in listed] == [bob.email, ada.email]
