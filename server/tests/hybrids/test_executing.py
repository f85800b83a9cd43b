"""Hybrid mode: a node with actors in it against the same node without, and the ledger of both."""

import json
from typing import Any

import pytest
from factories.actors import ADVERTISER, REGULATOR, REQUEST, SUBSIDISE, YOUNG, adoption
from factories.tasks import claim_of_a_dead_worker, work_on
from factories.universe import make_hybrid, make_project, run_baseline
from fastapi.testclient import TestClient
from sqlalchemy import select

from agentverse import hybrids
from agentverse.audit.models import AuditEntryRow
from agentverse.hybrids import conversion, executing
from agentverse.hybrids.errors import HybridAlreadyFinished, HybridInvalid
from agentverse.hybrids.executing import HybridWatch
from agentverse.hybrids.schemas import HybridResult
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import launches
from agentverse.tasks import TaskSuperseded
from agentverse.universe.schemas import Project

Headers = Any
NEVER = {**SUBSIDISE, "preconditions": [{"quantity": "adopted", "comparison": ">", "value": 1.0}]}

TOO_LATE = {"preconditions": [{"quantity": "young", "comparison": ">", "value": 1.4}]}


def post(
    client: TestClient, headers: Headers, project: Project, body: dict[str, Any], **more: str
) -> Any:
    address = f"/api/v1/projects/{project.id}/hybrids"
    return client.post(address, json=body, headers={**headers, **more})


def played(scope: Scope, project: Project, **request: Any) -> HybridResult:
    hybrid = make_hybrid(scope, project, **request)
    run_queued_jobs()
    found = hybrids.read_hybrid(scope, hybrid.id)
    assert found.result is not None, found.problem
    return found.result


def test_hybrid_tells_the_difference_that_actors_make_and_what_they_did(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    accepted = post(client, headers, project, REQUEST)
    assert accepted.status_code == 202, accepted.json()
    assert accepted.json()["status"] == "queued"
    run_queued_jobs()
    found = client.get(accepted.headers["Location"], headers=headers).json()
    assert (found["status"], found["progress"]) == ("succeeded", 1.0), found["problem"]
    result = found["result"]
    outcome = result["outcome"]
    assert (outcome["alternative"], outcome["metric"]) == ("adopted", "stock_share")
    assert outcome["clear"], "half the price and advertising move people"
    assert outcome["difference"]["low"] > 0
    assert found["finding"].startswith("Illustrative: Adopted: share of people")
    uses = {use["action"]: use for use in result["uses"]}
    # 10 of budget at 5 a time, with two ticks in between.
    assert uses["subsidise"]["replicates_by_tick"] == [0, 8, 0, 8, 0, 0, 0]
    assert uses["advertise"]["replicates_by_tick"] == [0, 0, 0, 8, 0, 0, 0]
    assert result["taken"] == len(result["ledger"]) == 24
    first = result["ledger"][0]
    assert (first["tick"], first["actor"], first["spent"]) == (1, "regulator", 5.0)
    assert set(first["signals"]) >= {"young", "adopted", "not_yet"}
    moves = {move["variable"]: move for move in first["moves"]}
    assert (moves["patience"]["before"], moves["patience"]["after"]) == (3.0, 2.0)
    assert moves["price"]["after"] == pytest.approx(moves["price"]["before"] / 2)


def test_hybrid_in_which_nobody_acts_is_the_node_itself(scope: Scope) -> None:
    project = adoption(scope)
    run_baseline(scope, project)
    result = played(scope, project, actors=[{**REGULATOR, "actions": [NEVER]}])
    with tenant_session(scope, read_only=True) as db:
        launch = launches.of_node(db, project.root_node_id).explored
    assert launch is not None
    assert result.digest == result.base_digest == launch.run("with_social_rules").digest
    assert result.outcome is not None
    assert set(result.outcome.difference.dots) == {0.0}
    assert (result.taken, result.ledger, result.uses[0].earliest_tick) == (0, [], None)


def test_hybrid_of_levels_compares_their_means(scope: Scope) -> None:
    project = make_project(scope, personas=200, horizon=4, parameters={}, domain_template="opinion")
    campaign = {
        "name": "campaign",
        "effects": [
            {"event_scripts": [{"variable": "campaign_for", "operation": "set", "value": 3.0}]}
        ],
        "preconditions": [{"quantity": "opinion", "comparison": "<", "value": 1.0}],
    }
    result = played(scope, project, actors=[{"name": "party", "actions": [campaign]}])
    opinion = next(level for level in result.levels if level.name == "opinion")
    assert opinion.difference.median > 0
    assert "opinion" in [pair.name for pair in result.level_series]


def test_hybrid_played_again_gives_the_same_result(scope: Scope) -> None:
    project = adoption(scope)
    assert played(scope, project, **REQUEST) == played(scope, project, **REQUEST)


def test_ledger_too_long_keeps_whole_replicates_and_all_counts(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two subsidies of three lines each, and an advertisement of two: 8 lines a replicate.
    monkeypatch.setattr(conversion, "MOST_LINES", 16)
    result = played(scope, adoption(scope), **REQUEST)
    assert (result.taken, len(result.ledger)) == (24, 6)
    assert {entry.replicate for entry in result.ledger} == {0, 1}
    assert [entry.tick for entry in result.ledger] == [1, 1, 3, 3, 3, 3]
    assert sum(use.times for use in result.uses) == 24


STATE: dict[str, Any] = YOUNG["outcome"]
BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"actors": [{**REGULATOR, "actions": []}]}, "actors[0].actions"),
    ({"actors": [ADVERTISER, {**REGULATOR, "every": 0}]}, "actors[1].every"),
    ({"actors": [{**REGULATOR, "budget": -1.0}]}, "actors[0].budget"),
    ({"actors": [ADVERTISER, ADVERTISER]}, "actors[0].name"),
    ({"signals": [{**YOUNG, "outcome": {**STATE, "of": "happiness"}}]}, "signals[0].outcome.of"),
    (
        {"signals": [{**YOUNG, "outcome": {**STATE, "regions": ["moon"]}}]},
        "signals[0].outcome.regions",
    ),
    (
        {"signals": [{**YOUNG, "outcome": {**STATE, "kind": "level_mean"}}]},
        "signals[0].outcome.kind",
    ),
    ({"signals": []}, "actors[1].advertise.preconditions[0].quantity"),
    (
        {"actors": [{**REGULATOR, "variables": []}]},
        "actors[0].subsidise.effects[0].changes[0].variable",
    ),
    (
        {
            "actors": [
                {
                    "name": "one",
                    "actions": [
                        {
                            "name": "act",
                            "effects": [
                                {
                                    "event_scripts": [
                                        {"variable": "magic", "operation": "set", "value": 1}
                                    ]
                                }
                            ],
                        }
                    ],
                }
            ]
        },
        "actors[0].actions[0].effects[0].event_scripts[0].variable",
    ),
    (
        {
            "actors": [
                REGULATOR,
                {**ADVERTISER, "actions": [{**ADVERTISER["actions"][0], **TOO_LATE}]},
            ]
        },
        "actors[1].actions[0].preconditions[0].value",
    ),
)


def test_hybrid_with_bad_input_names_the_field(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    for change, field in BAD:
        refused = post(client, headers, project, {**REQUEST, **change})
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "hybrid_invalid"), problem
        assert problem["errors"][0]["field"] == field, problem
    unknown_policy: list[Any] = [{**REGULATOR, "policy": "clever"}]
    for actors, field in (([], "actors"), (unknown_policy, "actors[0].policy")):
        refused = post(client, headers, project, {"actors": actors}).json()
        assert refused["errors"][0]["field"] == field, refused
    listed = client.get(f"/api/v1/projects/{project.id}/hybrids", headers=headers).json()
    assert listed["items"] == []


@pytest.mark.parametrize("limit", ["MOST_WAITING", "MOST_TAKEN"])
def test_hybrid_larger_than_can_be_held_is_refused(
    limit: str, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, limit, 1)
    with pytest.raises(HybridInvalid) as refused:
        make_hybrid(scope, adoption(scope), **REQUEST)
    assert refused.value.errors[0].field == "actors[0].actions"


def test_hybrid_whose_variable_leaves_its_bounds_fails_with_the_field(scope: Scope) -> None:
    impatient = {
        **REGULATOR,
        "variables": [{"name": "patience", "start": 0.5, "minimum": 0.0, "maximum": 3.0}],
    }
    hybrid = make_hybrid(scope, adoption(scope), actors=[impatient])
    run_queued_jobs()
    found = hybrids.read_hybrid(scope, hybrid.id)
    assert (found.status, found.result) == ("failed", None)
    assert found.problem is not None
    assert found.problem["code"] == "hybrid_invalid"
    assert "regulator.patience" in json.dumps(found.problem["errors"])


def test_hybrid_twice_with_one_key_is_one_run(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    key = {"Idempotency-Key": "once"}
    first = post(client, headers, project, REQUEST, **key).json()
    assert post(client, headers, project, REQUEST, **key).json()["id"] == first["id"]
    refused = post(client, headers, project, {"actors": [REGULATOR]}, **key)
    assert refused.json()["code"] == "idempotency_conflict"
    listed = client.get(f"/api/v1/projects/{project.id}/hybrids", headers=headers).json()
    assert [item["id"] for item in listed["items"]] == [first["id"]]
    assert "result" not in listed["items"][0], "a list holds no ledgers"


def test_cancel_hybrid_queued_ends_at_once_and_only_once(scope: Scope) -> None:
    hybrid = make_hybrid(scope, adoption(scope), **REQUEST)
    with tenant_session(scope) as db:
        assert hybrids.cancel(db, hybrid.id).status == "cancelled"
    with tenant_session(scope) as db, pytest.raises(HybridAlreadyFinished):
        hybrids.cancel(db, hybrid.id)
    run_queued_jobs()
    assert hybrids.read_hybrid(scope, hybrid.id).result is None
    with tenant_session(scope, read_only=True) as db:
        actions = db.scalars(
            select(AuditEntryRow.action).where(AuditEntryRow.resource_id == str(hybrid.id))
        ).all()
    assert set(actions) == {"hybrid.create", "hybrid.cancel", "hybrid.finish"}


@pytest.mark.parametrize("runs_before", [0, 1])
def test_cancel_hybrid_running_stops_within_either_run(
    runs_before: int, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    hybrid = make_hybrid(scope, adoption(scope), **REQUEST)
    looking = HybridWatch.should_cancel

    cancelled = False

    def cancelling(watch: HybridWatch) -> bool:
        nonlocal cancelled
        if watch.done > runs_before / 2 and not cancelled:
            cancelled = True
            with tenant_session(scope) as db:
                hybrids.cancel(db, hybrid.id)
            watch._monitor._looked = float("-inf")  # pyright: ignore[reportPrivateUsage]
        return looking(watch)

    monkeypatch.setattr(HybridWatch, "should_cancel", cancelling)
    work_on(scope, hybrid.id, executing.simulate)
    found = hybrids.read_hybrid(scope, hybrid.id)
    assert (found.status, found.result) == ("cancelled", None)
    assert runs_before / 2 < found.progress < (runs_before + 1) / 2


def test_hybrid_left_by_a_dead_worker_is_run_by_the_next(scope: Scope) -> None:
    hybrid = make_hybrid(scope, adoption(scope), **REQUEST)
    dead = claim_of_a_dead_worker(scope, hybrid.id)
    work_on(scope, hybrid.id, executing.simulate)
    assert hybrids.read_hybrid(scope, hybrid.id).status == "succeeded"
    late = HybridWatch(attempt=dead, total=12)
    with pytest.raises(TaskSuperseded):
        late.should_cancel()
    work_on(scope, hybrid.id, executing.simulate)
    assert hybrids.read_hybrid(scope, hybrid.id).status == "succeeded"
