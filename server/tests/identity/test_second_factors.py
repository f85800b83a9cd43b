"""The second factor: set up, asked for at sign-in, each code once, bounded guessing, removal."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi.testclient import TestClient
from pyotp.totp import TOTP
from sqlalchemy import select

from agentverse.audit.models import AuditEntryRow
from agentverse.identity import recovery_codes, totp
from agentverse.platform import clock
from agentverse.platform.db.session import tenant_session
from agentverse.platform.outgoing.mail import Mail
from agentverse.platform.scope import system_scope

API = "/api/v1"
ADA = "ada@example.org"
PASSWORD = "correct horse battery"


class App:
    """Ada's authenticator. The code of the next step is good already: nobody waits for it."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, steps_later: int = 0) -> str:
        return TOTP(self.secret).at(clock.now(), counter_offset=steps_later)


@pytest.fixture
def headers(client: TestClient, mails: list[Mail]) -> dict[str, str]:
    return register(client)


def register(client: TestClient, name: str = "Acme") -> dict[str, str]:
    body = {"email": ADA, "password": PASSWORD, "organization_name": name}
    token = client.post(f"{API}/auth/register", json=body).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def begin(client: TestClient, headers: dict[str, str]) -> App:
    body = {"current_password": PASSWORD}
    begun = client.post(f"{API}/auth/totp", json=body, headers=headers)
    assert begun.status_code == 200, begun.text
    assert begun.json()["secret"] in begun.json()["address"]
    return App(begun.json()["secret"])


def set_up(client: TestClient, headers: dict[str, str]) -> tuple[App, list[str]]:
    app = begin(client, headers)
    body = {"code": app.code()}
    confirmed = client.post(f"{API}/auth/totp/confirm", json=body, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    return app, confirmed.json()["codes"]


def login(client: TestClient, code: str | None = None, password: str = PASSWORD) -> Any:
    body = {"email": ADA, "password": password, "second_factor": code}
    return client.post(f"{API}/auth/login", json=body)


def test_sign_in_takes_password_and_code_and_each_code_once(
    client: TestClient, headers: dict[str, str]
) -> None:
    app, codes = set_up(client, headers)
    asked = login(client)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_needed")
    assert "access_token" not in asked.text
    code = app.code(1)
    assert login(client, code).status_code == 200
    replayed = login(client, code)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "second_factor_wrong")
    wrong = login(client, codes[0], password="not the right one")
    assert wrong.json()["code"] == "sign_in_failed"
    assert login(client, codes[0]).status_code == 200


def test_one_code_at_once_opens_once(client: TestClient, headers: dict[str, str]) -> None:
    app, _ = set_up(client, headers)
    code = app.code(1)
    with ThreadPoolExecutor(4) as pool:
        answers = [answer.status_code for answer in pool.map(partial(login, client), [code] * 4)]
    assert answers.count(200) == 1


def test_recovery_code_opens_once_however_it_is_typed(
    client: TestClient, headers: dict[str, str]
) -> None:
    _, codes = set_up(client, headers)
    assert len(set(codes)) == recovery_codes.COUNT
    typed = codes[3].upper().replace("-", " ")
    assert login(client, typed).status_code == 200
    assert login(client, codes[3]).json()["code"] == "second_factor_wrong"
    left = client.get(f"{API}/auth/second-factors", headers=headers).json()
    assert left["recovery_codes_left"] == recovery_codes.COUNT - 1
    renewed = client.post(
        f"{API}/auth/recovery-codes", json={"code": codes[4]}, headers=headers
    ).json()["codes"]
    assert login(client, codes[5]).status_code == 401
    assert login(client, renewed[0]).status_code == 200


def test_begun_is_not_in_force_and_needs_the_password(
    client: TestClient, headers: dict[str, str]
) -> None:
    wrong = {"current_password": "not the right one"}
    refused = client.post(f"{API}/auth/totp", json=wrong, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_failed")
    first = begin(client, headers)
    second = begin(client, headers)
    assert login(client).status_code == 200
    confirm = f"{API}/auth/totp/confirm"
    stale = client.post(confirm, json={"code": first.code()}, headers=headers)
    assert stale.json()["code"] == "second_factor_wrong"
    assert client.post(confirm, json={"code": second.code()}, headers=headers).status_code == 200
    again = client.post(confirm, json={"code": second.code(1)}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_in_use")
    body = {"current_password": PASSWORD}
    begun = client.post(f"{API}/auth/totp", json=body, headers=headers)
    assert begun.json()["code"] == "second_factor_in_use"


def test_removal_takes_password_and_code(client: TestClient, headers: dict[str, str]) -> None:
    app, codes = set_up(client, headers)
    path = f"{API}/auth/totp/remove"
    for body in (
        {"current_password": "not the right one", "code": app.code(1)},
        {"current_password": PASSWORD, "code": "abcd"},
    ):
        assert client.post(path, json=body, headers=headers).status_code == 401
    body = {"current_password": PASSWORD, "code": app.code(1)}
    assert client.post(path, json=body, headers=headers).status_code == 204
    assert login(client).status_code == 200
    none = client.post(f"{API}/auth/recovery-codes", json={"code": codes[0]}, headers=headers)
    assert (none.status_code, none.json()["code"]) == (409, "no_second_factor")
    left = client.get(f"{API}/auth/second-factors", headers=headers).json()
    assert left == {"totp_since": None, "recovery_codes_left": 0}


def test_guessing_slows_down_wherever_it_comes_from(
    client: TestClient, headers: dict[str, str]
) -> None:
    app, _ = set_up(client, headers)
    client.cookies.clear()
    answers = [login(client, "000000x").json()["code"] for _ in range(5)]
    assert set(answers) == {"second_factor_wrong"}
    refused = login(client, app.code(1))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(refused.headers["Retry-After"]) <= 1


def test_known_device_passes_while_others_guess(
    client: TestClient, headers: dict[str, str]
) -> None:
    app, codes = set_up(client, headers)
    assert login(client, app.code(1)).status_code == 200
    device = dict(client.cookies)
    client.cookies.clear()
    for _ in range(6):
        login(client, "000000x")
    assert login(client, codes[0]).status_code == 429
    client.cookies.update(device)
    assert login(client, codes[0]).status_code == 200


def test_secret_is_sealed_and_bound_to_its_person(
    client: TestClient, headers: dict[str, str], owner: psycopg.Connection
) -> None:
    app, codes = set_up(client, headers)
    (sealed,) = owner.execute("SELECT sealed_secret FROM person_totp").fetchone() or (b"",)
    assert app.secret.encode() not in bytes(sealed)
    stored = owner.execute("SELECT code_hash FROM recovery_codes").fetchall()
    assert recovery_codes.digest_of(codes[0]) in {bytes(found) for (found,) in stored}
    # Moved to another person, it opens nothing.
    client.post(
        f"{API}/auth/register",
        json={"email": "eve@example.org", "password": PASSWORD, "organization_name": "Eve"},
    )
    owner.execute(
        "UPDATE person_totp SET person_id = (SELECT id FROM persons WHERE address = %s)",
        ("eve@example.org",),
    )
    moved = client.post(
        f"{API}/auth/login",
        json={"email": "eve@example.org", "password": PASSWORD, "second_factor": app.code()},
    )
    assert (moved.status_code, moved.json()["code"]) == (503, "misconfigured")


def test_reset_of_the_password_takes_the_code_all_the_same(
    client: TestClient, headers: dict[str, str], mails: list[Mail]
) -> None:
    verify = mails[-1].text.split("#token=")[1].split()[0]
    client.post(f"{API}/auth/address/verify", json={"token": verify}, headers=headers)
    app, _ = set_up(client, headers)
    client.post(f"{API}/auth/password/forgotten", json={"email": ADA})
    token = mails[-1].text.split("#token=")[1].split()[0]
    other = "another horse battery"
    body = {"token": token, "new_password": other}
    assert client.post(f"{API}/auth/password/reset", json=body).status_code == 204
    assert login(client, password=other).json()["code"] == "second_factor_needed"
    assert login(client, app.code(1), password=other).status_code == 200


def test_mailbox_alone_does_not_get_past_the_second_factor(
    client: TestClient, headers: dict[str, str], mails: list[Mail]
) -> None:
    """Who reads Ada's mail signs up with her address and verifies it: joined, and signed out."""
    verify = mails[-1].text.split("#token=")[1].split()[0]
    client.post(f"{API}/auth/address/verify", json={"token": verify}, headers=headers)
    set_up(client, headers)
    thief = register(client, "Thief")
    token = mails[-1].text.split("#token=")[1].split()[0]
    joined = client.post(f"{API}/auth/address/verify", json={"token": token}, headers=thief)
    assert joined.status_code == 204
    assert client.get(f"{API}/auth/me", headers=thief).status_code == 401
    assert client.get(f"{API}/auth/me", headers=headers).status_code == 200


def test_changes_of_the_second_factor_are_audited_without_secrets(
    client: TestClient, headers: dict[str, str]
) -> None:
    app, codes = set_up(client, headers)
    me = client.get(f"{API}/auth/me", headers=headers).json()
    client.post(
        f"{API}/auth/totp/remove",
        json={"current_password": PASSWORD, "code": codes[0]},
        headers=headers,
    )
    with tenant_session(system_scope(UUID(me["tenant_id"])), read_only=True) as db:
        found = list(db.scalars(select(AuditEntryRow).order_by(AuditEntryRow.id)))
    actions = [entry.action for entry in found if entry.action.startswith("person.")]
    assert [a for a in actions if "verify" not in a] == [
        "person.begin_totp",
        "person.confirm_totp",
        "person.use_recovery_code",
        "person.remove_totp",
    ]
    told = " ".join(f"{entry.before} {entry.after}" for entry in found)
    assert app.secret not in told
    assert codes[0] not in told


def test_wrong_code_is_told_in_the_audit_as_a_failed_sign_in(
    client: TestClient, headers: dict[str, str]
) -> None:
    set_up(client, headers)
    login(client, "not a code")
    me = client.get(f"{API}/auth/me", headers=headers).json()
    with tenant_session(system_scope(UUID(me["tenant_id"])), read_only=True) as db:
        failed = select(AuditEntryRow.action).where(AuditEntryRow.outcome == "failure")
        assert list(db.scalars(failed)) == ["session.start"]


def test_person_without_one_is_asked_for_nothing(
    client: TestClient, headers: dict[str, str]
) -> None:
    assert login(client).status_code == 200
    assert login(client, "123456").status_code == 200
    answer = client.post(f"{API}/auth/totp/confirm", json={"code": "123456"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_second_factor")


def test_code_belongs_to_its_step_and_to_those_beside_it() -> None:
    secret, moment = totp.new_secret(), clock.now()
    codes = [TOTP(secret).at(moment, counter_offset=steps) for steps in range(-3, 4)]
    present = int(moment.timestamp()) // totp.STEP_SECONDS
    found = [totp.step_of(secret, code, moment, after=-1) for code in codes]
    assert found == [None, None, present - 1, present, present + 1, None, None]
    assert totp.step_of(secret, codes[3], moment, after=present) is None


# RFC 6238, appendix B, the last six of its eight digits.
@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    moment = clock.now().fromtimestamp(seconds, tz=clock.now().tzinfo)
    assert totp.step_of(secret, code, moment, after=-1) == seconds // totp.STEP_SECONDS
