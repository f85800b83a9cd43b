"""The HTTP door: upload, import, follow, report, download; permissions, tenants, audit."""

# pyarrow ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from factories.identity import Member
from factories.populations import (
    FEW,
    HEATING_BYTES,
    build,
    csv_bytes,
    heating_rows,
    make_population,
    start_import,
    upload,
)
from factories.tasks import task_of, task_of_subject
from fastapi.testclient import TestClient
from sqlalchemy import delete

from agentverse import populations, tasks
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.populations import lifecycle
from agentverse.populations.datasets import HEATING
from agentverse.populations.models import PopulationRow

Headers = Callable[[str], dict[str, str]]
ADDRESS = "/api/v1/populations"
BODY: dict[str, Any] = {"mapping": HEATING.mapping.model_dump(), "synthesis": {"personas": 1_000}}


def parquet_bytes() -> bytes:
    file = io.BytesIO()
    pq.write_table(pacsv.read_csv(HEATING.path), file)
    return file.getvalue()


def post_file(
    client: TestClient, headers: dict[str, str], data: bytes, name: str = "heating.csv"
) -> dict[str, Any]:
    answer = client.post(ADDRESS, files={"file": (name, data)}, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{ADDRESS}/{answer.json()['id']}"
    return answer.json()


def imported(client: TestClient, headers: dict[str, str], data: bytes) -> dict[str, Any]:
    uploaded = post_file(client, headers, data)
    started = client.post(f"{ADDRESS}/{uploaded['id']}/import", json=BODY, headers=headers)
    assert started.status_code == 202, started.text
    assert started.json()["status"] == "importing"
    run_queued_jobs()
    return client.get(f"{ADDRESS}/{uploaded['id']}", headers=headers).json()


@pytest.mark.parametrize("data", [HEATING_BYTES, parquet_bytes()], ids=["csv", "parquet"])
def test_file_becomes_a_population(client: TestClient, auth_headers: Headers, data: bytes) -> None:
    headers = auth_headers("analyst")
    uploaded = post_file(client, headers, data)
    assert uploaded["status"] == "uploaded"
    assert uploaded["rows_estimated"] == 900
    assert uploaded["suggested_mapping"] == HEATING.mapping.model_dump()
    ready = imported(client, headers, data)
    assert (ready["status"], ready["personas"], ready["stage"]) == ("ready", 1_000, None)
    report = client.get(f"{ADDRESS}/{ready['id']}/report", headers=headers).json()
    assert report["digest"] == ready["digest"]
    assert report["import_report"]["rows_imported"] == 900
    assert report["import_report"]["choice_counts"]["gc"] == 573
    assert report["estimation"]["log_likelihood"] == pytest.approx(-1008.23, abs=0.01)
    assert report["network"]["edges"] == 5_000


def test_csv_and_parquet_give_the_same_digest(client: TestClient, auth_headers: Headers) -> None:
    headers = auth_headers("owner")
    from_csv = imported(client, headers, HEATING_BYTES)
    assert from_csv["digest"] == imported(client, headers, parquet_bytes())["digest"]


def test_source_of_shipped_data_is_told_and_of_others_not_invented(
    client: TestClient, auth_headers: Headers
) -> None:
    headers = auth_headers("owner")
    shipped = imported(client, headers, HEATING_BYTES)
    changed = imported(client, headers, HEATING_BYTES + b"\n")
    sources = [
        client.get(f"{ADDRESS}/{each['id']}/report", headers=headers).json()["source"]
        for each in (shipped, changed)
    ]
    assert "Kenneth E. Train" in sources[0]
    assert sources[1].startswith("Uploaded file heating.csv, SHA-256 ")


def test_contract_says_that_refused_rows_are_csv(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    answers = paths[f"{ADDRESS}/{{population_id}}/refused"]["get"]["responses"]
    assert list(answers["200"]["content"]) == ["text/csv"]


def test_refused_rows_are_downloadable(client: TestClient, auth_headers: Headers) -> None:
    headers = auth_headers("owner")
    rows = heating_rows()
    rows[2]["region"] = "@SUM(A1)"
    ready = imported(client, headers, csv_bytes(rows))
    answer = client.get(f"{ADDRESS}/{ready['id']}/refused", headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines()[1].startswith("4,region,'@SUM(A1),")


def test_failed_import_says_why_and_keeps_the_upload(
    client: TestClient, auth_headers: Headers
) -> None:
    headers = auth_headers("owner")
    rows = [row for row in heating_rows() if row["depvar"] != "hp"]
    failed = imported(client, headers, csv_bytes(rows))
    assert failed["status"] == "failed"
    assert failed["problem"]["code"] == "alternative_never_chosen"
    assert "Remove it" in failed["problem"]["detail"]
    report = client.get(f"{ADDRESS}/{failed['id']}/report", headers=headers)
    assert (report.status_code, report.json()["code"]) == (409, "population_not_ready")
    families = [
        {**family, "columns": {k: v for k, v in family["columns"].items() if k != "hp"}}
        for family in BODY["mapping"]["families"]
    ]
    alternatives = [each for each in BODY["mapping"]["alternatives"] if each["value"] != "hp"]
    mapping = {
        **BODY["mapping"],
        "families": families,
        "alternatives": alternatives,
        "reference_alternative": "gr",
    }
    again = client.post(
        f"{ADDRESS}/{failed['id']}/import",
        json={"mapping": mapping, "synthesis": {"personas": 500}},
        headers=headers,
    )
    assert again.status_code == 202
    run_queued_jobs()
    ready = client.get(f"{ADDRESS}/{failed['id']}", headers=headers).json()
    assert (ready["status"], ready["problem"]) == ("ready", None)


def test_mapping_that_does_not_fit_queues_nothing(
    client: TestClient, auth_headers: Headers
) -> None:
    headers = auth_headers("owner")
    uploaded = post_file(client, headers, HEATING_BYTES)
    mapping = {**BODY["mapping"], "choice_column": "choise"}
    answer = client.post(
        f"{ADDRESS}/{uploaded['id']}/import", json={"mapping": mapping}, headers=headers
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "missing_column"
    assert answer.json()["errors"][0]["field"] == "mapping.choice_column"
    assert run_queued_jobs() == []


def test_ready_population_is_frozen(client: TestClient, auth_headers: Headers) -> None:
    headers = auth_headers("owner")
    ready = imported(client, headers, HEATING_BYTES)
    again = client.post(f"{ADDRESS}/{ready['id']}/import", json=BODY, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "population_frozen")


def test_of_two_imports_at_once_one_wins(scope: Scope) -> None:
    population_id = upload(scope)

    def start(_: int) -> str:
        try:
            start_import(scope, population_id)
        except AgentVerseError as error:
            return error.code
        return "started"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(start, range(4)))
    assert outcomes == ["import_running"] * 3 + ["started"]
    assert len(run_queued_jobs()) == 1


def test_job_that_runs_twice_changes_nothing(scope: Scope) -> None:
    population_id = make_population(scope)
    before = populations.load_snapshot(scope, population_id)
    build(scope, population_id)
    assert populations.load_snapshot(scope, population_id) is before


def test_long_poll_answers_when_the_import_has_ended(
    client: TestClient, auth_headers: Headers
) -> None:
    headers = auth_headers("owner")
    uploaded = post_file(client, headers, HEATING_BYTES)
    client.post(f"{ADDRESS}/{uploaded['id']}/import", json=BODY, headers=headers)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            client.get, f"{ADDRESS}/{uploaded['id']}", headers={**headers, "Prefer": "wait=30"}
        )
        run_queued_jobs()
        assert waiting.result(timeout=30).json()["status"] == "ready"


def test_cancel_of_a_queued_import_leaves_the_upload_to_be_mapped_anew(
    client: TestClient, auth_headers: Headers
) -> None:
    headers = auth_headers("owner")
    uploaded = post_file(client, headers, HEATING_BYTES)
    address = f"{ADDRESS}/{uploaded['id']}"
    client.post(f"{address}/import", json=BODY, headers=headers)
    (task,) = client.get("/api/v1/tasks?kind=import", headers=headers).json()["items"]
    assert task["subject"] == {"type": "population", "id": uploaded["id"], "title": "heating"}
    client.post(f"/api/v1/tasks/{task['id']}/cancel", headers=headers)
    seen = client.get(address, headers=headers).json()
    assert (seen["status"], seen["stage"], seen["problem"]) == ("uploaded", None, None)
    assert client.post(f"{address}/import", json=BODY, headers=headers).status_code == 202
    run_queued_jobs()
    assert client.get(address, headers=headers).json()["status"] == "ready"


def test_cancel_of_a_running_import_ends_it_between_two_stages(scope: Scope) -> None:
    population_id = upload(scope)
    start_import(scope, population_id)
    task_id = task_of_subject(scope, population_id)
    seen: list[str] = []

    def progress(name: str, done: int, total: int) -> None:
        if not seen:
            with tenant_session(scope) as db:
                tasks.cancel(db, task_id)
        seen.append(name)

    build(scope, population_id, progress)
    assert "storing" not in seen
    assert task_of(scope, task_id).status == "cancelled"
    with tenant_session(scope, read_only=True) as db:
        assert populations.get_population(db, population_id).status == "uploaded"


def test_import_of_a_population_that_is_gone_fails_with_what_the_api_says(
    scope: Scope,
) -> None:
    population_id = upload(scope)
    start_import(scope, population_id)
    task_id = task_of_subject(scope, population_id)
    with tenant_session(scope) as db:
        db.execute(delete(PopulationRow).where(PopulationRow.id == population_id))
    run_queued_jobs()
    problem = task_of(scope, task_id).problem
    assert problem is not None
    assert (problem["status"], problem["code"]) == (404, "population_not_found")


def test_stages_are_reported_in_order(scope: Scope) -> None:
    population_id = upload(scope)
    start_import(scope, population_id)
    seen: list[str] = []

    def progress(name: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        seen.append(name)

    build(scope, population_id, progress)
    assert list(dict.fromkeys(seen)) == [
        "reading",
        "checking",
        "synthesising",
        "network",
        "estimating",
        "storing",
    ]


def test_list_is_newest_first_and_paged(client: TestClient, auth_headers: Headers) -> None:
    headers = auth_headers("owner")
    ids = [post_file(client, headers, HEATING_BYTES)["id"] for _ in range(3)]
    first = client.get(f"{ADDRESS}?limit=2", headers=headers).json()
    second = client.get(f"{ADDRESS}?cursor={first['next_cursor']}", headers=headers).json()
    assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/report"), ("GET", "/refused"), ("POST", "/import")],
)
def test_another_tenant_finds_nothing(
    client: TestClient, scope: Scope, other_headers: dict[str, str], method: str, path: str
) -> None:
    population_id = make_population(scope)
    body = BODY if method == "POST" else None
    foreign = client.request(
        method, f"{ADDRESS}/{population_id}{path}", json=body, headers=other_headers
    )
    missing = client.request(
        method, f"{ADDRESS}/{scope.tenant_id}{path}", json=body, headers=other_headers
    )
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert client.get(ADDRESS, headers=other_headers).json()["items"] == []


def test_viewer_reads_and_changes_nothing(
    client: TestClient, scope: Scope, auth_headers: Headers
) -> None:
    headers = auth_headers("viewer")
    population_id = make_population(scope)
    assert client.get(f"{ADDRESS}/{population_id}/report", headers=headers).status_code == 200
    posted = client.post(ADDRESS, files={"file": ("a.csv", HEATING_BYTES)}, headers=headers)
    started = client.post(f"{ADDRESS}/{population_id}/import", json=BODY, headers=headers)
    assert (posted.status_code, started.status_code) == (403, 403)
    assert client.get(ADDRESS).status_code == 401


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/pass\twd.csv", "passwd.csv"),
        ("C:\\people\\survey.csv", "survey.csv"),
        ("\0\n", "file"),
        ("x" * 500, "x" * 200),
    ],
)
def test_file_name_is_only_a_name(scope: Scope, given: str, kept: str) -> None:
    population_id = upload(scope, file_name=given)
    with tenant_session(scope) as db:
        assert lifecycle.get_detail(db, population_id).file_name == kept


def test_nul_characters_reach_no_table(client: TestClient, auth_headers: Headers) -> None:
    headers = auth_headers("owner")
    table = pacsv.read_csv(HEATING.path)
    ids = pa.array(["a\0b"] * table.num_rows)
    file = io.BytesIO()
    pq.write_table(table.set_column(0, "idcase", ids), file)
    answer = client.post(
        ADDRESS,
        files={"file": ("a.parquet", file.getvalue())},
        data={"name": "nul \0 name"},
        headers=headers,
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "nul  name"
    mapping = {**BODY["mapping"], "region": {"column": "idcase"}}
    address = f"{ADDRESS}/{answer.json()['id']}"
    assert client.post(f"{address}/import", json={"mapping": mapping}, headers=headers).is_success
    run_queued_jobs()
    assert client.get(address, headers=headers).json()["status"] == "ready"


@pytest.mark.parametrize(
    "change", [{"label": "a\0b"}, {"minimum": float("nan")}, {"maximum": float("inf")}]
)
def test_mapping_that_no_table_can_hold_is_refused(
    client: TestClient, auth_headers: Headers, change: dict[str, Any]
) -> None:
    headers = auth_headers("owner")
    uploaded = post_file(client, headers, HEATING_BYTES)
    label = {"name": "all", "label": "all", "minimum": 0, **change}
    mapping = {**BODY["mapping"], "segment": {"column": "income", "labels": [label]}}
    answer = client.post(
        f"{ADDRESS}/{uploaded['id']}/import",
        content=json.dumps({"mapping": mapping}),
        headers={**headers, "Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text


def test_every_change_is_audited(scope: Scope, member: Member, owner: psycopg.Connection) -> None:
    make_population(scope)
    failing = upload(scope, b"depvar\nx\n")
    with pytest.raises(AgentVerseError):
        start_import(scope, failing)
    rows = csv_bytes([row for row in heating_rows() if row["depvar"] == "gc"])
    doomed = upload(scope, rows)
    start_import(scope, doomed)
    run_queued_jobs()
    owner.execute("SELECT set_config('app.tenant_id', %s, false)", [str(member.tenant_id)])
    actions = owner.execute(
        "SELECT action, outcome FROM audit_entries WHERE action LIKE 'population.%' ORDER BY id"
    ).fetchall()
    assert actions == [
        ("population.upload", "success"),
        ("population.import", "success"),
        ("population.finish", "success"),
        ("population.upload", "success"),
        ("population.upload", "success"),
        ("population.import", "success"),
        ("population.finish", "failure"),
    ]


def test_few_personas_are_enough_for_tests() -> None:
    assert FEW.personas == BODY["synthesis"]["personas"]
