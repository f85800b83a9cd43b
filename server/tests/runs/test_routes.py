"""The HTTP door of runs: telemetry, frames, layout, events; tenants apart; problems clear."""

import json
import time
from base64 import b64decode
from collections.abc import Callable
from threading import Thread, Timer
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from factories.identity import Member
from factories.universe import make_population, make_project, run_baseline
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from agentverse.audit.models import AuditEntryRow
from agentverse.identity.models import RefreshFamilyRow
from agentverse.platform.clock import now
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import lifecycle
from agentverse.universe import branching

Headers = Callable[[str], dict[str, str]]


@pytest.fixture
def finished(scope: Scope) -> UUID:
    return run_baseline(scope, make_project(scope))[0]


@pytest.fixture
def queued(scope: Scope) -> UUID:
    project = make_project(scope)
    with tenant_session(scope) as db:
        return branching.run_node(db, project.root_node_id).run_ids[0]


def test_telemetry_answers_the_ranges_asked_for(
    client: TestClient, auth_headers: Headers, finished: UUID
) -> None:
    query = {
        "from_tick": 2,
        "to_tick": 4,
        "metrics": ["flow_share"],
        "segments": ["low_income", "valley"],
        "alternatives": ["hp", "gc"],
        "replicates": True,
    }
    found = client.get(
        f"/api/v1/runs/{finished}/telemetry", params=query, headers=auth_headers("viewer")
    ).json()
    assert found["ticks"] == [2, 3, 4]
    shown = [(one["alternative"], one["segment"], one["region"]) for one in found["series"]]
    assert shown == [
        ("hp", "low_income", None),
        ("gc", "low_income", None),
        ("hp", None, "valley"),
        ("gc", None, "valley"),
    ]
    one = found["series"][1]
    assert np.shape(one["replicates"]) == (8, 3)
    assert one["band"]["median"][0] == pytest.approx(np.median([r[0] for r in one["replicates"]]))
    assert found["interval"] == {
        "level": 0.9,
        "replicates": 8,
        "kind": "central 90 % of 8 replicates",
        "covers": "chance and the error of the estimated coefficients, not that of the assumptions",
    }


def test_telemetry_of_everything_has_a_gap_where_nothing_happened(
    client: TestClient, auth_headers: Headers, finished: UUID
) -> None:
    url = f"/api/v1/runs/{finished}/telemetry"
    found = client.get(url, headers=auth_headers("viewer")).json()
    assert len(found["series"]) == 10
    installs = [one for one in found["series"] if one["metric"] == "flow_share"]
    assert all(one["band"]["median"][0] is None for one in installs), "tick 0 installs nothing"
    stock = [one for one in found["series"] if one["metric"] == "stock_share"]
    assert sum(one["band"]["median"][0] for one in stock) == pytest.approx(1)


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ({"to_tick": 7}, "to_tick", "ticks 0 to 6"),
        ({"from_tick": -1}, "from_tick", "ticks 0 to 6"),
        ({"from_tick": 5, "to_tick": 2}, "to_tick", "ticks 0 to 6"),
        ({"alternatives": "wood"}, "alternatives", "ec, er, gc, gr, hp"),
        ({"segments": "poor"}, "segments", "low_income"),
    ],
)
def test_telemetry_that_does_not_exist_is_a_clear_problem(
    client: TestClient,
    auth_headers: Headers,
    finished: UUID,
    query: dict[str, str],
    field: str,
    told: str,
) -> None:
    url = f"/api/v1/runs/{finished}/telemetry"
    answer = client.get(url, params=query, headers=auth_headers("viewer"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "telemetry_out_of_range"
    assert told in answer.json()["detail"]
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_telemetry_of_an_unfinished_run_is_a_conflict(
    client: TestClient, auth_headers: Headers, queued: UUID
) -> None:
    for path in ("telemetry", "frames/0", "personas/0"):
        answer = client.get(f"/api/v1/runs/{queued}/{path}", headers=auth_headers("viewer"))
        assert answer.status_code == 409
        assert answer.json()["code"] == "telemetry_missing"


def test_frames_agree_with_the_layout_and_the_series(
    client: TestClient, auth_headers: Headers, finished: UUID
) -> None:
    headers = auth_headers("viewer")
    layout = client.get(f"/api/v1/runs/{finished}/layout", headers=headers).json()
    region = np.frombuffer(b64decode(layout["region_base64"]), np.uint8)
    assert layout["personas"] == region.size == 600
    telemetry = client.get(
        f"/api/v1/runs/{finished}/telemetry",
        params={"metrics": "stock_share", "segments": "valley", "replicates": True},
        headers=headers,
    ).json()
    hp = next(one for one in telemetry["series"] if one["alternative"] == "hp")
    for tick in range(7):
        frame = client.get(f"/api/v1/runs/{finished}/frames/{tick}", headers=headers).json()
        choices = np.frombuffer(b64decode(frame["choices_base64"]), np.uint8)
        there = choices[region == layout["regions"].index("valley")]
        share = float((there == frame["alternatives"].index("hp")).mean())
        assert share == pytest.approx(hp["replicates"][0][tick])
        assert (frame["changed"] > 0) == (tick > 0)


def test_a_persona_says_who_it_is_and_what_it_chose(
    client: TestClient, auth_headers: Headers, finished: UUID
) -> None:
    headers = auth_headers("viewer")
    layout = client.get(f"/api/v1/runs/{finished}/layout", headers=headers).json()
    frames = [
        client.get(f"/api/v1/runs/{finished}/frames/{tick}", headers=headers).json()
        for tick in range(7)
    ]
    chosen = np.array([np.frombuffer(b64decode(one["choices_base64"]), np.uint8) for one in frames])
    names = frames[0]["alternatives"]
    persona = int(np.argmax((np.diff(chosen, axis=0) != 0).sum(axis=0)))
    told = client.get(f"/api/v1/runs/{finished}/personas/{persona}", headers=headers).json()
    assert told["choices"][0] == {"tick": 0, "alternative": names[chosen[0, persona]]}
    assert len(told["choices"]) > 1, "somebody changed"
    for before, after in zip(told["choices"], told["choices"][1:], strict=False):
        assert before["alternative"] != after["alternative"]
        assert names[chosen[after["tick"], persona]] == after["alternative"]
        assert names[chosen[after["tick"] - 1, persona]] == before["alternative"]
    region = np.frombuffer(b64decode(layout["region_base64"]), np.uint8)[persona]
    assert told["region"] == layout["regions"][region]
    assert 2 <= told["line"] <= 901, "a line of the uploaded file, after its heading"
    assert told["neighbours"] >= 0
    costs = [fact for fact in told["facts"] if "operating cost" in fact["name"]]
    assert len(costs) == 5
    assert all(fact["from_file"] for fact in costs)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("frames/7", "tick"),
        ("frames/-1", "tick"),
        ("frames/2?replicate=1", "replicate"),
        ("personas/600", "persona"),
        ("personas/-1", "persona"),
        ("personas/0?replicate=1", "replicate"),
    ],
)
def test_frames_that_were_not_stored_are_refused(
    client: TestClient, auth_headers: Headers, finished: UUID, path: str, field: str
) -> None:
    answer = client.get(f"/api/v1/runs/{finished}/{path}", headers=auth_headers("viewer"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "telemetry_out_of_range"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def events_of(client: TestClient, run_id: UUID, headers: dict[str, str]) -> list[dict[str, Any]]:
    url = f"/api/v1/runs/{run_id}/events"
    with client.stream("GET", url, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in stream.iter_lines() if "data: " in line]
    return [json.loads(line) for line in lines]


def test_events_of_a_finished_run_are_its_state_and_the_end(
    client: TestClient, auth_headers: Headers, finished: UUID
) -> None:
    headers = {**auth_headers("viewer"), "Last-Event-ID": "running-3"}
    events = events_of(client, finished, headers)
    assert [(event["status"], event["tick"]) for event in events] == [("succeeded", 6)]
    assert events[0]["digest"]


def test_events_follow_a_run_to_its_end(
    client: TestClient, auth_headers: Headers, queued: UUID
) -> None:
    worker = Thread(target=run_queued_jobs)
    worker.start()
    events = events_of(client, queued, auth_headers("viewer"))
    worker.join()
    assert events[-1]["status"] == "succeeded"
    assert [event["status"] for event in events[:-1]] == sorted(
        event["status"] for event in events[:-1]
    ), "queued before running"


def test_events_of_an_unknown_run_is_a_404_and_no_stream(
    client: TestClient, auth_headers: Headers
) -> None:
    url = "/api/v1/runs/0193a000-0000-7000-8000-000000000000/events"
    answer = client.get(url, headers=auth_headers("viewer"))
    assert answer.status_code == 404
    assert answer.json()["code"] == "run_not_found"


def test_cancel_needs_more_than_a_viewer_and_answers_the_run(
    client: TestClient, auth_headers: Headers, queued: UUID
) -> None:
    url = f"/api/v1/runs/{queued}/cancel"
    assert client.post(url, headers=auth_headers("viewer")).status_code == 403
    answer = client.post(url, headers=auth_headers("analyst"))
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    again = client.post(url, headers=auth_headers("analyst"))
    assert (again.status_code, again.json()["code"]) == (409, "run_already_finished")


def test_list_runs_filters_by_node_and_pages(
    client: TestClient, auth_headers: Headers, scope: Scope, finished: UUID
) -> None:
    headers = auth_headers("viewer")
    node_id = client.get(f"/api/v1/runs/{finished}", headers=headers).json()["node_id"]
    params = {"node_id": node_id, "limit": 1}
    first = client.get("/api/v1/runs", params=params, headers=headers).json()
    params["cursor"] = first["next_cursor"]
    second = client.get("/api/v1/runs", params=params, headers=headers).json()
    assert {run["variant"] for run in first["items"] + second["items"]} == set(lifecycle.VARIANTS)
    assert second["next_cursor"] is None


def test_list_runs_filters_by_project(
    client: TestClient, auth_headers: Headers, scope: Scope
) -> None:
    people = make_population(scope)
    mine, other = (make_project(scope, population_id=people, name=name) for name in ("Me", "You"))
    expected = {str(run_id) for run_id in run_baseline(scope, mine)}
    run_baseline(scope, other)
    params = {"project_id": str(mine.id)}
    found = client.get("/api/v1/runs", params=params, headers=auth_headers("viewer")).json()
    assert {run["id"] for run in found["items"]} == expected
    assert {run["project_id"] for run in found["items"]} == {str(mine.id)}


def test_list_runs_of_a_project_keeps_what_was_started_again(
    client: TestClient, auth_headers: Headers, scope: Scope
) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        first = branching.run_node(db, project.root_node_id).run_ids
        lifecycle.cancel(db, first[0])
    with tenant_session(scope) as db:
        second = [row.id for row in lifecycle.retry(db, first[0])]
    params = {"project_id": str(project.id)}
    found = client.get("/api/v1/runs", params=params, headers=auth_headers("viewer")).json()
    assert {run["id"] for run in found["items"]} == {str(one) for one in (*first, *second)}


def test_retry_starts_both_variants_and_is_audited_once(
    client: TestClient, auth_headers: Headers, scope: Scope
) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        first = branching.run_node(db, project.root_node_id).run_ids
        lifecycle.cancel(db, first[0])
    url = f"/api/v1/runs/{first[0]}/retry"
    assert client.post(url, headers=auth_headers("viewer")).status_code == 403
    answer = client.post(url, headers=auth_headers("analyst"))
    assert answer.status_code == 202
    assert {(run["variant"], run["status"]) for run in answer.json()} == {
        ("with_social_rules", "queued"),
        ("without_social_rules", "queued"),
    }
    again = client.post(url, headers=auth_headers("analyst"))
    assert (again.status_code, again.json()["code"]) == (409, "run_not_retryable")
    with tenant_session(scope, read_only=True) as db:
        audited = db.scalars(
            select(AuditEntryRow.resource_id).where(
                AuditEntryRow.action == "run.retry", AuditEntryRow.outcome == "success"
            )
        ).all()
    assert list(audited) == [first[0]]


def test_every_path_of_another_tenants_run_is_the_same_404(
    client: TestClient, other_headers: dict[str, str], other_member: Member, finished: UUID
) -> None:
    for path in ("", "/telemetry", "/frames/0", "/layout", "/events"):
        answer = client.get(f"/api/v1/runs/{finished}{path}", headers=other_headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found"), path
    for path in ("/cancel", "/retry"):
        answer = client.post(f"/api/v1/runs/{finished}{path}", headers=other_headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found"), path


def test_telemetry_answers_a_repeated_name_once(
    client: TestClient, auth_headers: Headers, finished: UUID
) -> None:
    query = {
        "alternatives": ["hp"] * 50,
        "segments": ["valley"] * 50,
        "metrics": ["stock_share"] * 50,
    }
    url = f"/api/v1/runs/{finished}/telemetry"
    found = client.get(url, params=query, headers=auth_headers("viewer")).json()
    assert len(found["series"]) == 1


def test_events_end_within_a_second_of_signing_out(
    client: TestClient, auth_headers: Headers, member: Member, queued: UUID
) -> None:
    def sign_out() -> None:
        with tenant_session(member.scope) as db:
            db.execute(update(RefreshFamilyRow).values(revoked_at=now()))

    timer = Timer(0.2, sign_out)
    timer.start()
    started = time.monotonic()
    events = events_of(client, queued, auth_headers("owner"))
    timer.join()
    assert [event["status"] for event in events] == ["queued"]
    assert time.monotonic() - started < 3
