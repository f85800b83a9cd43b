"""Tuned parameters and branches of events: children of a node, never edits of it."""

from typing import Any, cast

import pytest
from factories.universe import make_project, run_baseline
from fastapi.testclient import TestClient
from sqlalchemy import select

from agentverse.audit.models import AuditEntryRow
from agentverse.comparisons import comparing
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.universe.schemas import Project

Headers = Any
ADD = {"variable": "campaign_for", "operation": "add", "value": 2.0}
# Every feature of the engine's event form, by what it is for.
FEATURES: dict[str, dict[str, Any]] = {
    "set": {**ADD, "operation": "set"},
    "multiply": {"variable": "coverage", "operation": "multiply", "value": 1.5},
    "min": {"variable": "coverage", "operation": "min", "value": 0.2},
    "max": {"variable": "coverage", "operation": "max", "value": 0.9},
    "attribute": {"variable": "media_use", "operation": "multiply", "value": 0.5},
    "region": {**ADD, "scope": {"regions": ["valley"]}},
    "segment": {**ADD, "scope": {"segments": ["low_income"]}},
    "ticks": {**ADD, "scope": {"start_tick": 2, "end_tick": 4}},
    "personas": {
        "variable": "media_use",
        "operation": "set",
        "value": 0.0,
        "scope": {"personas": [0, 3, 7]},
    },
    "where": {
        "variable": "media_use",
        "operation": "set",
        "value": 1.0,
        "scope": {"where": [{"attribute": "opinion", "comparison": "<", "value": 0.5}]},
    },
    "instantaneous": {
        **ADD,
        "intensity": {"kind": "instantaneous"},
        "scope": {"start_tick": 2},
    },
    "pulse": {**ADD, "intensity": {"kind": "pulse", "duration_ticks": 2}},
    "linear decay": {**ADD, "intensity": {"kind": "linear_decay", "duration_ticks": 4}},
    "exponential decay": {
        **ADD,
        "intensity": {"kind": "exponential_decay", "half_life_ticks": 1.5},
    },
    "lagged": {**ADD, "intensity": {"kind": "lagged", "lag_ticks": 3}},
    "custom": {**ADD, "intensity": {"kind": "custom", "values": [0.2, 1.0, 0.5]}},
    "probability": {**ADD, "probability": 0.5},
    "condition on a share": {
        **ADD,
        "condition": {"outcome": "for", "comparison": ">", "value": 0.2},
    },
    "condition on a level": {
        **ADD,
        "condition": {"outcome": "opinion", "comparison": "<", "value": 0.9, "hold": "while"},
    },
    "bundle": {**ADD, "bundle": "autumn", "probability": 0.5},
}


def contains(stored: Any, sent: Any) -> bool:
    """Whether every field that was sent is stored as it was sent."""
    if isinstance(sent, dict):
        return cast("dict[str, Any]", stored) | cast("dict[str, Any]", sent) == stored
    return stored == sent


def opinion(scope: Scope) -> Project:
    return make_project(scope, personas=300, horizon=6, parameters={}, domain_template="opinion")


def post(
    client: TestClient,
    headers: Headers,
    project: Project,
    kind: str,
    body: dict[str, Any],
    **more: str,
) -> Any:
    address = f"/api/v1/nodes/{project.root_node_id}/{kind}"
    return client.post(address, json=body, headers={**headers, **more})


def test_branch_with_every_event_feature_runs_and_reads_back(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = opinion(scope), auth_headers()
    run_baseline(scope, project)
    body = {"event_scripts": list(FEATURES.values())}
    made = post(client, headers, project, "branch", body)
    assert made.status_code == 201, made.json()
    node = made.json()
    assert node["parent_id"] == str(project.root_node_id)
    assert made.headers["Location"] == f"/api/v1/nodes/{node['id']}"
    for sent, stored in zip(body["event_scripts"], node["event_scripts"], strict=True):
        for name, value in sent.items():
            assert contains(stored[name], value), (sent, stored)
        assert stored["sentence"]
    run_queued_jobs()
    found = comparing.compare(scope, project.root_node_id, node["id"])
    assert found.closed_form == []


@pytest.mark.parametrize("feature", ["personas", "condition on a level", "linear decay", "where"])
def test_branch_sentence_tells_the_feature(
    scope: Scope, client: TestClient, auth_headers: Headers, feature: str
) -> None:
    told = {
        "personas": "for 3 named personas",
        "condition on a level": "while opinion (0 against, 1 for) < 0.9",
        "linear decay": "fading out over 4 weeks",
        "where": "whose opinion (0 against, 1 for) < 0.5",
    }[feature]
    body = {"event_scripts": [FEATURES[feature]]}
    made = post(client, auth_headers(), opinion(scope), "branch", body).json()
    assert told in made["event_scripts"][0]["sentence"]
    assert told in made["explanation"]


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({**ADD, "variable": "weather"}, "event_scripts[1].variable"),
    ({**ADD, "value": 1e9}, "event_scripts[1].value"),
    ({**FEATURES["multiply"], "value": 1.0}, "event_scripts[1].value"),
    ({**FEATURES["multiply"], "scope": {"end_tick": 0}}, "event_scripts[1].scope"),
    ({**ADD, "scope": {"regions": ["mars"]}}, "event_scripts[1].scope.regions"),
    ({**ADD, "scope": {"start_tick": 99}}, "event_scripts[1].scope.start_tick"),
    ({**ADD, "scope": {"personas": [12_345]}}, "event_scripts[1].scope.personas"),
    (
        {**ADD, "scope": {"where": [{"attribute": "iq", "comparison": "<", "value": 1}]}},
        "event_scripts[1].scope.where[0].attribute",
    ),
    ({**ADD, "intensity": {"kind": "lagged"}}, "event_scripts[1].intensity.lag_ticks"),
    ({**ADD, "probability": 1.5}, "event_scripts[1].probability"),
    (
        {**ADD, "condition": {"outcome": "rain", "comparison": ">", "value": 0}},
        "event_scripts[1].condition.outcome",
    ),
)


def test_branch_with_bad_input_names_the_field_and_makes_nothing(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = opinion(scope), auth_headers()
    for script, field in BAD:
        body = {"event_scripts": [ADD, script]}
        refused = post(client, headers, project, "branch", body)
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "event_script_invalid"), problem
        assert [one["field"] for one in problem["errors"]] == [field]
    for broken in ({"operation": "divide"}, {"scope": {"personas": [2**70]}}, {"value": "much"}):
        refused = post(client, headers, project, "branch", {"event_scripts": [{**ADD, **broken}]})
        assert refused.status_code == 422
    graph = client.get(
        "/api/v1/nodes", params={"project_id": str(project.id)}, headers=headers
    ).json()
    assert len(graph["nodes"]) == 1


def test_branch_bundle_that_contradicts_the_chain_is_named_by_its_own_place(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = opinion(scope), auth_headers()
    first = post(client, headers, project, "branch", {"event_scripts": [FEATURES["bundle"]]}).json()
    other = {"event_scripts": [{**FEATURES["bundle"], "probability": 0.1}]}
    refused = client.post(f"/api/v1/nodes/{first['id']}/branch", json=other, headers=headers)
    assert refused.json()["errors"][0]["field"] == "event_scripts[0].probability"


def test_tune_makes_a_child_and_leaves_the_parent(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = opinion(scope), auth_headers()
    values = {"persuasion_rate": 0.05, "media_use": {"operation": "multiply", "value": 0.5}}
    made = post(client, headers, project, "tune", {"values": values, "label": "Louder"})
    node = made.json()
    assert made.status_code == 201, node
    assert (node["label"], node["question"]) == ("Louder", None)
    assert [(s["variable"], s["operation"], s["value"]) for s in node["event_scripts"]] == [
        ("persuasion_rate", "set", 0.05),
        ("media_use", "multiply", 0.5),
    ]
    assert all(script["scope"]["start_tick"] == 0 for script in node["event_scripts"])
    assert [run["status"] for run in node["runs"]] == ["queued", "queued"]
    parent = client.get(f"/api/v1/nodes/{project.root_node_id}", headers=headers).json()
    assert parent["event_scripts"] == []
    with tenant_session(scope, read_only=True) as db:
        actions = db.scalars(select(AuditEntryRow.action)).all()
    assert "node.create" in actions


def test_tune_with_bad_input_names_every_field(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = opinion(scope), auth_headers()
    values = {"weather": 1.0, "persuasion_rate": 5.0, "coverage": 0.7}
    refused = post(client, headers, project, "tune", {"values": values})
    assert refused.status_code == 422
    fields = [one["field"] for one in refused.json()["errors"]]
    assert fields == ["values.weather", "values.persuasion_rate"]
    assert post(client, headers, project, "tune", {"values": {}}).status_code == 422


def test_tune_twice_with_one_key_makes_one_node(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = opinion(scope), auth_headers()
    body, key = {"values": {"coverage": 0.7}}, {"Idempotency-Key": "once"}
    first = post(client, headers, project, "tune", body, **key).json()
    assert post(client, headers, project, "tune", body, **key).json()["id"] == first["id"]
    other = {"values": {"coverage": 0.8}}
    refused = post(client, headers, project, "tune", other, **key)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_conflict")


def test_tune_by_a_viewer_is_forbidden(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    body = {"values": {"coverage": 0.7}}
    refused = post(client, auth_headers("viewer"), opinion(scope), "tune", body)
    assert refused.status_code == 403


def test_branch_by_condition_of_consumer_choice_has_no_closed_form(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = make_project(scope, personas=300), auth_headers()
    run_baseline(scope, project)
    condition = {"outcome": "hp", "comparison": ">", "value": 0.01}
    script = {"variable": "conformity", "operation": "set", "value": 0.0, "condition": condition}
    made = post(client, headers, project, "branch", {"event_scripts": [script]}).json()
    run_queued_jobs()
    found = comparing.compare(scope, project.root_node_id, made["id"])
    assert found.closed_form == []
    assert [driver.name for driver in found.drivers] == ["changes"]
    assert "share of new installations" in found.sentence


def test_tune_is_told_before_it_runs_what_would_mislead(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    """The same in the preview and, where it is refused, on running."""
    project, headers = opinion(scope), auth_headers()
    values = {
        "campaign_for": {"operation": "multiply", "value": 2.0},
        "coverage": 0.5,
        "persuasion_rate": 5.0,
        "media_use": {"operation": "multiply", "value": 0.5},
    }
    shown = post(client, headers, project, "tune/preview", {"values": values})
    assert shown.status_code == 200, shown.json()
    previewed = shown.json()["values"]
    assert "0 contacts per week now" in previewed["campaign_for"]["problem"]
    assert "so this changes nothing" in previewed["coverage"]["problem"]
    assert "0.12" in previewed["persuasion_rate"]["problem"]
    assert (previewed["media_use"]["problem"], previewed["media_use"]["warning"]) == ("", "")
    assert previewed["media_use"]["sentence"].startswith("media use −50 %")
    idle = {name: values[name] for name in ("campaign_for", "coverage")}
    refused = post(client, headers, project, "tune", {"values": idle})
    assert refused.status_code == 422
    assert {one["field"]: one["message"] for one in refused.json()["errors"]} == {
        f"values.{name}": previewed[name]["problem"] for name in idle
    }


def test_a_value_far_from_the_files_is_said_and_runs(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = make_project(scope), auth_headers()
    values = {"operating_cost.gc": {"operation": "set", "value": 2.0}}
    shown = post(client, headers, project, "tune/preview", {"values": values})
    warning = shown.json()["values"]["operating_cost.gc"]["warning"]
    assert "the file holds" in warning
    assert "Did you mean 200?" in warning
    made = post(client, headers, project, "tune", {"values": values}).json()
    assert warning in made["explanation"]
