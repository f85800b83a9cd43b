"""Sign-up, sign-in, refresh and sign-out over HTTP, on real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from factories.identity import Member, suspend
from fastapi.testclient import TestClient
from sqlalchemy import update

from agentverse.identity import devices, sessions, sign_in_throttling, signing_in
from agentverse.identity.errors import RefreshRaced, SessionEnded, TooManyAttempts
from agentverse.identity.models import RefreshTokenRow, SignInAttemptRow
from agentverse.identity.passwords import Passwords, passwords
from agentverse.platform import clock
from agentverse.platform.db.session import tenant_session
from agentverse.platform.db.system import system_session
from agentverse.platform.scope import system_scope
from agentverse.platform.settings import get_settings

PASSWORD = "correct horse battery"
ADA = {
    "email": "Ada@Example.org",
    "password": PASSWORD,
    "full_name": "Ada",
    "organization_name": "Analytical Engines",
}
COOKIE = "agentverse-refresh"


@pytest.fixture
def ada(client: TestClient) -> dict[str, str]:
    """Ada has just registered; her refresh cookie is in the client."""
    answer = client.post("/api/v1/auth/register", json=ADA)
    assert answer.status_code == 201, answer.text
    return answer.json()


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_register_makes_tenant_organization_and_owner(
    client: TestClient, ada: dict[str, str]
) -> None:
    me = client.get("/api/v1/auth/me", headers=bearer(ada)).json()
    assert me["email"] == "ada@example.org"
    assert me["role"] == "owner"
    assert me["organization"] == {
        "id": me["organization"]["id"],
        "name": "Analytical Engines",
        "slug": "analytical-engines",
    }
    assert {"projects:write", "members:write", "audit:read"} <= set(me["permissions"])


def test_register_short_password_says_how_long_it_must_be(client: TestClient) -> None:
    answer = client.post("/api/v1/auth/register", json={**ADA, "password": "short"})
    assert answer.status_code == 422
    assert "12" in answer.json()["errors"][0]["message"]
    assert "short" not in answer.text.replace("too_short", "")


def test_register_malformed_address_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/auth/register", json={**ADA, "email": "not an address"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_email")


def test_register_unknown_field_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/auth/register", json={**ADA, "role": "owner"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "role", "message": "This field is unknown; leave it out."}
    ]


def test_login_gives_a_token_for_the_same_user(client: TestClient, ada: dict[str, str]) -> None:
    answer = client.post(
        "/api/v1/auth/login", json={"email": "ADA@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 200
    assert client.get("/api/v1/auth/me", headers=bearer(answer.json())).status_code == 200


def test_login_wrong_password_and_unknown_person_get_one_answer(
    client: TestClient, ada: dict[str, str]
) -> None:
    wrong = client.post(
        "/api/v1/auth/login", json={"email": ADA["email"], "password": "wrong password"}
    )
    unknown = client.post(
        "/api/v1/auth/login", json={"email": "no@body.org", "password": "wrong password"}
    )
    assert wrong.status_code == unknown.status_code == 401
    drop = {"request_id"}
    assert {k: v for k, v in wrong.json().items() if k not in drop} == {
        k: v for k, v in unknown.json().items() if k not in drop
    }


@pytest.mark.parametrize("stored", [0, 1, 4])
def test_every_sign_in_computes_the_same_number_of_hashes(
    stored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's password costs what a wrong one costs, and what a right one of several does."""
    ours = Passwords(get_settings())
    hashes = [ours.hash(PASSWORD) for _ in range(stored)]
    verified: list[str] = []
    hasher = ours._hasher  # pyright: ignore[reportPrivateUsage] - the cost is what is tested
    real = type(hasher).verify

    def counting(self: object, hashed: str, password: str) -> bool:
        verified.append(hashed)
        return real(hasher, hashed, password)

    monkeypatch.setattr(type(hasher), "verify", counting)
    for password in ("wrong password", PASSWORD):
        found = ours.first_match(password, hashes, work=4)
        assert found == (0 if stored and password == PASSWORD else None)
    assert len(verified) == 2 * 4
    assert len({"$".join(one.split("$")[:4]) for one in verified}) == 1, "the same cost parameters"


def test_password_of_nobody_opens_nothing() -> None:
    ours = Passwords(get_settings())
    assert not ours.matches("the password of nobody at all", None)


def test_public_routes_tell_no_time(client: TestClient, ada: dict[str, str]) -> None:
    """A time measured at the server would tell a known address through any network."""
    for path in ("login", "register"):
        answer = client.post(f"/api/v1/auth/{path}", json={**ADA, "email": "x@example.org"})
        assert "server-timing" not in answer.headers
    signed_in = client.get("/api/v1/auth/me", headers=bearer(ada))
    assert "server-timing" in signed_in.headers, "the positive control"


def test_failures_slow_down_and_never_lock_out(database: object) -> None:
    for _ in range(sign_in_throttling.FREE_FAILURES):
        sign_in_throttling.claim_attempt("slow@example.org")
    with pytest.raises(TooManyAttempts) as refused:
        sign_in_throttling.claim_attempt("slow@example.org")
    assert refused.value.extra["retry_after_seconds"] == 1
    with system_session() as db:
        db.execute(
            update(SignInAttemptRow).values(last_failed_at=clock.now() - timedelta(seconds=2))
        )
    sign_in_throttling.claim_attempt("slow@example.org")
    sign_in_throttling.clear_failures("slow@example.org")
    sign_in_throttling.claim_attempt("slow@example.org")


def test_guessing_elsewhere_slows_nobody_here(database: object) -> None:
    for _ in range(sign_in_throttling.FREE_FAILURES):
        sign_in_throttling.claim_attempt("victim@example.org", "network:192.0.2.1")
    with pytest.raises(TooManyAttempts):
        sign_in_throttling.claim_attempt("victim@example.org", "network:192.0.2.1")
    sign_in_throttling.claim_attempt("victim@example.org", "network:192.0.2.2")


def test_known_device_passes_while_its_own_network_guesses(
    client: TestClient, ada: dict[str, str]
) -> None:
    """The worst case: the guesser shares the victim's address, as behind one router."""
    guesser = TestClient(client.app)
    wrong = {"email": ADA["email"], "password": "wrong horse battery staple"}
    refusals = [guesser.post("/api/v1/auth/login", json=wrong).status_code for _ in range(12)]
    assert refusals[-1] == 429
    right = {"email": ADA["email"], "password": ADA["password"]}
    assert guesser.post("/api/v1/auth/login", json=right).status_code == 429
    client.cookies.set("agentverse-device", devices.remember(ADA["email"], get_settings()))
    signed_in = client.post("/api/v1/auth/login", json=right)
    assert signed_in.status_code == 200
    assert "agentverse-device=" in signed_in.headers["set-cookie"]


def test_device_cookie_is_of_one_address_and_of_ours_only() -> None:
    settings = get_settings()
    cookie = devices.remember("a@example.org", settings)
    device = devices.recognise(cookie, settings)
    assert device is not None
    assert device.knows(" A@example.org")
    assert not device.knows("b@example.org")
    assert devices.recognise(cookie[:-4] + "AAAA", settings) is None
    assert devices.recognise("nonsense", settings) is None
    again = devices.recognise(devices.remember("a@example.org", settings, device=device), settings)
    assert again == device


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (8, 8), (11, 60), (500, 60)]
)
def test_wait_doubles_up_to_a_minute(failures: int, seconds: float) -> None:
    assert sign_in_throttling.wait_seconds(failures) == seconds


def test_refresh_rotates_the_cookie(client: TestClient, ada: dict[str, str]) -> None:
    before = client.cookies[COOKIE]
    answer = client.post("/api/v1/auth/refresh")
    assert answer.status_code == 200
    assert client.cookies[COOKIE] != before
    assert client.get("/api/v1/auth/me", headers=bearer(answer.json())).status_code == 200


def test_refresh_again_within_the_grace_mints_nothing(
    client: TestClient, ada: dict[str, str], owner: psycopg.Connection
) -> None:
    used = client.cookies[COOKIE]
    client.post("/api/v1/auth/refresh")
    fresh = client.cookies[COOKIE]
    client.cookies.clear()
    client.cookies.set(COOKIE, used)
    raced = client.post("/api/v1/auth/refresh")
    assert (raced.status_code, raced.json()["code"]) == (409, "refresh_raced")
    assert "set-cookie" not in raced.headers
    client.cookies.clear()
    client.cookies.set(COOKIE, fresh)
    assert client.post("/api/v1/auth/refresh").status_code == 200


def test_refresh_reuse_after_the_grace_ends_the_family(
    client: TestClient, ada: dict[str, str]
) -> None:
    stolen = client.cookies[COOKIE]
    client.post("/api/v1/auth/refresh")
    fresh = client.cookies[COOKIE]
    _age_used_tokens(ada_tenant(client, ada))
    with pytest.raises(SessionEnded):
        sessions.refresh(stolen)
    with pytest.raises(SessionEnded):
        sessions.refresh(fresh)
    answer = client.get("/api/v1/auth/me", headers=bearer(ada))
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


def test_refresh_fifty_times_at_once_mints_one_token(
    client: TestClient, ada: dict[str, str]
) -> None:
    token = client.cookies[COOKIE]

    def refresh(_: int) -> bool:
        try:
            sessions.refresh(token)
        except RefreshRaced:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(refresh, range(50)))
    assert outcomes.count(True) == 1


def test_revoked_family_never_gets_the_grace(client: TestClient, ada: dict[str, str]) -> None:
    """The token that was current when the family ended is no race, however fresh its use is."""
    used = client.cookies[COOKIE]
    client.post("/api/v1/auth/refresh")
    client.post("/api/v1/auth/logout")
    with pytest.raises(SessionEnded):
        sessions.refresh(used)


@pytest.mark.parametrize("text", ["", "x", "x.y", f"{'0' * 32}.secret", "." * 100])
def test_refresh_with_garbage_is_signed_out(text: str, database: object) -> None:
    with pytest.raises(SessionEnded):
        sessions.refresh(text)


def test_logout_ends_access_at_once(client: TestClient, ada: dict[str, str]) -> None:
    answer = client.post("/api/v1/auth/logout")
    assert answer.status_code == 204
    assert COOKIE not in client.cookies
    assert client.get("/api/v1/auth/me", headers=bearer(ada)).status_code == 401


def test_logout_twice_is_harmless(client: TestClient, ada: dict[str, str]) -> None:
    client.post("/api/v1/auth/logout")
    assert client.post("/api/v1/auth/logout").status_code == 204


def test_one_time_token_signs_in_once(client: TestClient, member: Member) -> None:
    token = signing_in.issue_one_time_sign_in(member.scope, member.user_id)
    first = client.post("/api/v1/auth/one-time", json={"token": token})
    second = client.post("/api/v1/auth/one-time", json={"token": token})
    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (401, "one_time_token_refused")


def test_one_time_token_at_once_signs_in_once(client: TestClient, member: Member) -> None:
    token = signing_in.issue_one_time_sign_in(member.scope, member.user_id)

    def exchange(_: int) -> int:
        return client.post("/api/v1/auth/one-time", json={"token": token}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(exchange, range(6))) == [200] + [401] * 5


def test_suspended_tenant_is_refused_at_once(client: TestClient, ada: dict[str, str]) -> None:
    suspend(ada_tenant(client, ada))
    for answer in (
        client.get("/api/v1/auth/me", headers=bearer(ada)),
        client.post("/api/v1/auth/refresh"),
        client.post("/api/v1/auth/login", json={"email": ADA["email"], "password": PASSWORD}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")


@pytest.fixture
def secure_client(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("AGENTVERSE_SECURE_COOKIES", "true")
    get_settings.cache_clear()
    yield client
    monkeypatch.undo()
    get_settings.cache_clear()


def test_cookie_of_an_installation_is_host_bound(secure_client: TestClient) -> None:
    answer = secure_client.post("/api/v1/auth/register", json=ADA)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-agentverse-refresh=")
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_password_is_stored_as_argon2id(client: TestClient, ada: dict[str, str]) -> None:
    stored = passwords().hash(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert passwords().matches(PASSWORD, stored)


def ada_tenant(client: TestClient, tokens: dict[str, str]) -> UUID:
    return UUID(client.get("/api/v1/auth/me", headers=bearer(tokens)).json()["tenant_id"])


def _age_used_tokens(tenant_id: UUID) -> None:
    with tenant_session(system_scope(tenant_id)) as db:
        db.execute(
            update(RefreshTokenRow)
            .where(RefreshTokenRow.used_at.is_not(None))
            .values(used_at=clock.now() - timedelta(seconds=11))
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ada\0@example.org"),
        ("email", "ada\u202e@example.org"),
        ("full_name", "\0"),
        ("organization_name", "\0"),
        ("organization_name", "   "),
    ],
)
def test_register_with_text_nobody_can_store_or_read_is_refused(
    client: TestClient, field: str, value: str
) -> None:
    answer = client.post("/api/v1/auth/register", json={**ADA, field: value})
    assert answer.status_code == 422, answer.text


def test_sign_in_with_a_nul_in_the_address_is_refused(client: TestClient) -> None:
    credentials = {"email": "ada\0@example.org", "password": PASSWORD}
    assert client.post("/api/v1/auth/login", json=credentials).status_code == 422
