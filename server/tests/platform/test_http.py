"""The HTTP edge on a small application of its own: transactions, problems, limits, headers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import psycopg
import pytest
from factories.identity import Member, add_member, bearer
from fastapi import FastAPI, Request, UploadFile
from fastapi.testclient import TestClient
from pydantic import Field
from sqlalchemy import create_engine, select, text

from agentverse.entrypoints.api import create_app
from agentverse.identity.models import OrganizationRow
from agentverse.platform.db import engines
from agentverse.platform.db.database_roles import DatabaseRole
from agentverse.platform.db.queries import get_or_raise
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import NotFound
from agentverse.platform.http.authorization import requires, requires_scope
from agentverse.platform.http.context_router import (
    ContextRouter,
    RouteWithoutAuditAction,
    RouteWithoutPermission,
    public,
    stores_nothing,
    uploads,
)
from agentverse.platform.http.documents import SMALL_BYTES
from agentverse.platform.http.problems import MEDIA_TYPE
from agentverse.platform.http.web_app import NONCE_PLACEHOLDER
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings, get_settings
from agentverse.platform.wire import RequestModel, WireModel

Write = Annotated[TenantSession, requires("projects:write")]
Read = Annotated[TenantSession, requires("projects:read", read_only=True)]
Reader = Annotated[Scope, requires_scope("projects:read")]

LIMIT = 40_000


class Thing(WireModel):
    name: str


class Step(WireModel):
    kind: Literal["step"]
    value: float


class Jump(WireModel):
    kind: Literal["jump"]
    height: float


class Wish(RequestModel):
    """Everything whose place pydantic and the request call differently."""

    label: str = ""
    values: dict[str, float | Step] = {}  # noqa: RUF012 - pydantic copies defaults
    moves: list[Annotated[Step | Jump, Field(discriminator="kind")]] = []  # noqa: RUF012


def sample_router() -> ContextRouter:
    router = ContextRouter("sample")

    @router.post("/things", status_code=201)
    @stores_nothing
    def create_thing(db: Write, body: Thing) -> Thing:
        db.add(OrganizationRow(name=body.name, slug=body.name))
        return body

    @router.post("/wishes", status_code=201)
    @stores_nothing
    def create_wish(_db: Write, body: Wish) -> Wish:
        return body

    @router.post("/broken", status_code=201)
    @stores_nothing
    def broken_commit(db: Write, body: Thing) -> Thing:
        """Valid until the commit: the constraint is only checked there."""
        db.execute(text("INSERT INTO doomed VALUES (1), (1)"))
        db.add(OrganizationRow(name=body.name, slug=body.name))
        return body

    @router.get("/things/{thing_id}")
    def get_thing(db: Read, thing_id: UUID) -> Thing:
        row = get_or_raise(db, OrganizationRow, thing_id, NotFound, "There is no such thing.")
        return Thing(name=row.name)

    @router.get("/slow")
    def slow(db: Read) -> Thing:
        db.execute(text("SELECT pg_sleep(0.02)"))
        return Thing(name="x" * 1000)

    @router.get("/write-while-reading")
    def write_while_reading(db: Read) -> None:
        db.add(OrganizationRow(name="x", slug="x"))

    @router.get("/crash")
    def crash(scope: Reader) -> None:
        raise RuntimeError("secret inner detail")

    @router.post("/file")
    @stores_nothing
    @uploads
    def upload(scope: Reader, file: UploadFile) -> int:
        return len(file.file.read())

    @router.post("/echo")
    @stores_nothing
    @public
    async def echo(request: Request) -> int:
        return len(await request.body())

    return router


@pytest.fixture
def web_dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1a2b.js").write_text("// " + "x" * 5000)
    (tmp_path / "favicon.svg").write_text("<svg/>")
    page = f"<script nonce='{NONCE_PLACEHOLDER}'></script><style nonce='{NONCE_PLACEHOLDER}'>"
    (tmp_path / "index.html").write_text(page)
    return tmp_path


@pytest.fixture
def sample(database: object, settings: Settings, web_dist: Path) -> FastAPI:
    changes = {"body_limit_bytes": LIMIT, "web_dist": web_dist}
    app = create_app(settings.model_copy(update=changes))
    # Before the web app, which answers every other path.
    app.router.routes.insert(0, *_routes_of(sample_router()))
    return app


def _routes_of(router: ContextRouter) -> list[Any]:
    holder = FastAPI()
    holder.include_router(router)
    return holder.router.routes[-1:]


@pytest.fixture
def http(sample: FastAPI) -> Iterator[TestClient]:
    with TestClient(sample, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def headers(member: Member) -> dict[str, str]:
    return bearer(member)


def names(scope: Scope) -> list[str]:
    with tenant_session(scope) as db:
        return list(db.scalars(select(OrganizationRow.name).order_by(OrganizationRow.id)).all())


# --- transactions ------------------------------------------------------------------------------


def test_successful_request_is_committed_before_the_answer(
    http: TestClient, headers: dict[str, str], scope: Scope
) -> None:
    answer = http.post("/api/v1/things", json={"name": "new"}, headers=headers)
    assert answer.status_code == 201
    assert names(scope) == ["Acme", "new"]


def test_failing_commit_is_a_500_and_never_a_2xx(
    http: TestClient, headers: dict[str, str], scope: Scope, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE doomed (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    owner.execute(f"GRANT INSERT ON doomed TO {DatabaseRole.APP.login}".encode())
    try:
        answer = http.post("/api/v1/broken", json={"name": "new"}, headers=headers)
    finally:
        owner.execute("DROP TABLE doomed")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert names(scope) == ["Acme"]


def test_write_in_a_reading_route_is_refused_by_the_database(
    http: TestClient, headers: dict[str, str], scope: Scope
) -> None:
    assert http.get("/api/v1/write-while-reading", headers=headers).status_code == 500
    assert names(scope) == ["Acme"]


# --- permissions -------------------------------------------------------------------------------


def test_route_without_a_permission_does_not_start() -> None:
    router = ContextRouter("sample")
    with pytest.raises(RouteWithoutPermission, match="open_to_all"):

        @router.get("/open")
        def open_to_all() -> None: ...


def test_changing_route_without_an_audit_action_does_not_start() -> None:
    router = ContextRouter("sample")
    with pytest.raises(RouteWithoutAuditAction, match="leaves_no_trace"):

        @router.post("/quiet")
        def leaves_no_trace(_db: Write) -> None: ...


def test_role_without_the_permission_is_told_which(http: TestClient, member: Member) -> None:
    viewer = bearer(add_member(member, "viewer"))
    answer = http.post("/api/v1/things", json={"name": "x"}, headers=viewer)
    assert answer.status_code == 403
    assert answer.json()["permission"] == "projects:write"


def test_missing_and_foreign_ids_answer_the_same_bytes(
    http: TestClient, headers: dict[str, str], other_scope: Scope
) -> None:
    with tenant_session(other_scope) as db:
        foreign = db.scalars(select(OrganizationRow.id)).one()
    fixed = {**headers, "X-Request-ID": "same-request-id"}
    answers = [http.get(f"/api/v1/things/{thing}", headers=fixed) for thing in (foreign, new_id())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


# --- problems ----------------------------------------------------------------------------------


def test_crash_tells_the_request_id_and_nothing_else(
    http: TestClient, headers: dict[str, str]
) -> None:
    answer = http.get("/api/v1/crash", headers=headers)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "secret inner detail" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nowhere", 404, "no_such_route"),
        ("GET", "/api", 404, "no_such_route"),
        ("POST", "/projects", 405, "method_not_allowed"),
    ],
)
def test_errors_of_the_framework_are_problems(
    http: TestClient, method: str, path: str, status: int, code: str
) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE


def test_malformed_json_is_a_problem_with_the_field(
    http: TestClient, headers: dict[str, str]
) -> None:
    answer = http.post(
        "/api/v1/things", content=b"{", headers={**headers, "Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == ["body"]


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"values": {"a": "much"}}, {"values.a"}),
        ({"values": {"a": {"kind": "leap", "value": 1}}}, {"values.a", "values.a.kind"}),
        ({"values": {"a": {"kind": "step"}}}, {"values.a", "values.a.value"}),
        ({"moves": [{"kind": "step", "value": 1}, {"kind": "jump"}]}, {"moves[1].height"}),
        ({"moves": [{"kind": "jump", "height": 1, "width": 2}]}, {"moves[0].width"}),
        ({"label": "\0"}, {"label"}),
        ({"moves": [{"kind": "step", "value": 1}, {"kind": "a\0"}]}, {"moves[1].kind"}),
        ({"values": {"a\0": 1}}, {"values"}),
        ({"a\0": 1}, {"body"}),
    ],
)
def test_validation_names_fields_as_the_request_has_them(
    http: TestClient, headers: dict[str, str], wish: dict[str, Any], fields: set[str]
) -> None:
    answer = http.post("/api/v1/wishes", json=wish, headers=headers)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == fields


def test_validation_names_every_field(http: TestClient, headers: dict[str, str]) -> None:
    answer = http.post("/api/v1/things", json={"nam": "x", "more": 1}, headers=headers)
    fields = [error["field"] for error in answer.json()["errors"]]
    assert sorted(fields) == ["more", "nam", "name"]


def test_request_id_of_the_caller_is_kept_only_when_harmless(http: TestClient) -> None:
    kept = http.get("/api/v1/health/live", headers={"X-Request-ID": "abc-123-def"})
    replaced = http.get("/api/v1/health/live", headers={"X-Request-ID": "a b\tc;<script>"})
    assert kept.headers["x-request-id"] == "abc-123-def"
    assert "script" not in replaced.headers["x-request-id"]


# --- body limits -------------------------------------------------------------------------------


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize("chunked", [True, False])
def test_body_over_the_limit_is_refused_with_the_limit(http: TestClient, chunked: bool) -> None:
    body: Any = chunks(LIMIT * 2) if chunked else b"x" * (LIMIT + 1)
    answer = http.post("/api/v1/echo", content=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["limit_bytes"] == LIMIT
    assert "AGENTVERSE_BODY_LIMIT_BYTES" in answer.json()["detail"]


def test_body_at_the_limit_passes(http: TestClient) -> None:
    assert http.post("/api/v1/echo", content=b"x" * LIMIT).json() == LIMIT


def test_content_length_smaller_than_the_body_does_not_help(http: TestClient) -> None:
    answer = http.post("/api/v1/echo", content=chunks(LIMIT * 2), headers={"Content-Length": "10"})
    assert answer.status_code == 413


def test_upload_has_its_own_limit(http: TestClient, headers: dict[str, str]) -> None:
    answer = http.post("/api/v1/file", files={"file": b"x" * LIMIT * 3}, headers=headers)
    assert answer.json() == LIMIT * 3


def test_upload_of_nobody_is_refused_before_it_is_read(http: TestClient) -> None:
    def never_ending() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    answer = http.post(
        "/api/v1/file",
        content=never_ending(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert answer.status_code == 401


def test_upload_over_its_limit_is_refused(
    http: TestClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTVERSE_UPLOAD_LIMIT_BYTES", "1000")
    get_settings.cache_clear()
    try:
        answer = http.post("/api/v1/file", files={"file": b"x" * 100_000}, headers=headers)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


# --- headers and the web app -------------------------------------------------------------------


def test_answers_carry_security_headers(http: TestClient) -> None:
    answer = http.get("/api/v1/health/live")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server-timing" not in answer.headers, "a public route tells no time"


def test_answers_to_the_signed_in_tell_their_time(
    http: TestClient, headers: dict[str, str]
) -> None:
    answer = http.get(f"/api/v1/things/{new_id()}", headers=headers)
    assert answer.headers["server-timing"].startswith("app;dur=")
    assert "strict-transport-security" not in answer.headers


def test_https_answers_carry_hsts(sample: FastAPI) -> None:
    with TestClient(sample, base_url="https://testserver") as https:
        answer = https.get("/api/v1/health/live")
    assert "max-age=" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/", "/projects/1/map", "/index.html"])
def test_page_gets_a_fresh_nonce_each_time(http: TestClient, path: str) -> None:
    first, second = http.get(path), http.get(path)
    nonce = first.text.split("nonce='")[1].split("'")[0]
    assert NONCE_PLACEHOLDER not in first.text
    assert len(nonce) >= 22
    assert f"'nonce-{nonce}'" in first.headers["content-security-policy"]
    assert "unsafe" not in first.headers["content-security-policy"]
    assert nonce not in second.text
    assert first.headers["cache-control"] == "no-store"


def test_hashed_assets_are_kept_for_a_year_and_compressed(http: TestClient) -> None:
    answer = http.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert "javascript" in answer.headers["content-type"]


def test_missing_asset_is_not_the_page(http: TestClient) -> None:
    assert http.get("/assets/app-old.js").status_code == 404


@pytest.mark.parametrize("path", ["/..%2f..%2fetc/passwd", "/assets/..%2f..%2fsecret", "/%2e%2e/x"])
def test_no_path_leads_out_of_the_folder(http: TestClient, web_dist: Path, path: str) -> None:
    (web_dist.parent / "secret").write_text("secret")
    assert "secret" not in http.get(path).text
    assert "root:" not in http.get(path).text


def test_without_a_build_the_page_says_how_to_build(
    database: object, settings: Settings, tmp_path: Path
) -> None:
    app = create_app(settings.model_copy(update={"web_dist": tmp_path / "none"}))
    with TestClient(app) as http:
        answer = http.get("/")
    assert answer.status_code == 503
    assert "make web" in answer.text


@pytest.mark.parametrize("path", ["/%00", "/assets/%00", f"/{'a' * 300}", f"/assets/{'a' * 5000}"])
def test_path_no_disk_can_hold_is_no_crash(http: TestClient, path: str) -> None:
    assert http.get(path).status_code in (200, 404)


def test_known_api_address_under_another_method_is_a_405(http: TestClient) -> None:
    answer = http.delete("/api/v1/things/0193a000-0000-7000-8000-000000000000")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


# --- hostile documents and unknown fields ------------------------------------------------------


def test_brackets_without_end_are_refused_with_a_short_log(
    http: TestClient, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for depth in (100, 240, 5_000):
        body = b'{"label": ' + b"[" * depth + b"]" * depth + b"}"
        sent = {**headers, "Content-Type": "application/json"}
        answer = http.post("/api/v1/wishes", content=body, headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "document_too_large")
    assert len(caplog.text) < 2_000


def test_more_values_than_a_request_may_hold_are_refused(
    sample: FastAPI, settings: Settings, headers: dict[str, str]
) -> None:
    with TestClient(create_app(settings)) as roomy:
        document = {f"key{number}": 1 for number in range(60_000)}
        answer = roomy.post("/api/v1/projects", json=document, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "document_too_large")


@pytest.mark.parametrize("length", [10, 2_500])
def test_unknown_keys_are_told_twenty_at_most(
    http: TestClient, headers: dict[str, str], length: int
) -> None:
    """Small ones where they arrive, large ones in a thread: the answer is the same."""
    document = {f"key{number}": 1 for number in range(length)}
    document = {**document, "k" * 5_000: 1} if length == 10 else document
    answer = http.post("/api/v1/wishes", json=document, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert len(answer.json()["errors"]) == min(20, len(document))
    assert len(answer.content) < 10_000


def test_large_document_is_validated_and_taken(sample: FastAPI, headers: dict[str, str]) -> None:
    wish = {"values": {f"value{number}": number for number in range(500)}}
    large = {**wish, "label": "x" * SMALL_BYTES}
    with TestClient(sample) as http:
        answer = http.post("/api/v1/wishes", json=large, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["values"] == wish["values"]


def test_unknown_field_of_a_query_is_refused_by_name(
    http: TestClient, headers: dict[str, str]
) -> None:
    answer = http.get(f"/api/v1/things/{new_id()}?colour=red", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == ["colour"]


def test_unknown_field_of_a_form_is_refused_by_name(
    http: TestClient, headers: dict[str, str]
) -> None:
    answer = http.post(
        "/api/v1/file", files={"file": b"x"}, data={"colour": "red"}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == ["colour"]


def test_bad_token_is_refused_without_the_database(http: TestClient) -> None:
    database = engines.current()
    nowhere = database.urls.app.update_query_dict({"host": "/nonexistent"})
    engines.use(replace(database, engines={DatabaseRole.APP: create_engine(nowhere)}))
    try:
        answer = http.get("/api/v1/slow", headers={"Authorization": "Bearer a.b.c"})
    finally:
        engines.use(database)
    assert answer.status_code == 401


# --- many at once, and no database --------------------------------------------------------------


def test_more_requests_than_threads_do_not_block_each_other(
    http: TestClient, headers: dict[str, str]
) -> None:
    def ask(_number: int) -> int:
        return http.get("/api/v1/slow", headers=headers).status_code

    with ThreadPoolExecutor(150) as clients:
        assert set(clients.map(ask, range(150))) == {200}


def test_lost_database_is_a_503_to_try_again_and_then_works(
    http: TestClient, headers: dict[str, str]
) -> None:
    database = engines.current()
    nowhere = database.urls.app.update_query_dict({"host": "/nonexistent"})
    engines.use(replace(database, engines={DatabaseRole.APP: create_engine(nowhere)}))
    try:
        answer = http.get(f"/api/v1/things/{new_id()}", headers=headers)
    finally:
        engines.use(database)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.json()["retryable"] is True
    assert "nonexistent" not in answer.text
    assert http.get(f"/api/v1/things/{new_id()}", headers=headers).status_code == 404
