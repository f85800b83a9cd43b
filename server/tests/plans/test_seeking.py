"""Goal seek: the price that leads to a planted share is found, or why there is none is told."""

from typing import Any

import pytest
from factories.universe import make_project
from fastapi.testclient import TestClient

from agentverse import plans
from agentverse.plans.schemas import PlanRequest, PlanResult
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.universe.schemas import Project

Headers = Any
PRICE = "installation_cost.hp"
SEEK: dict[str, Any] = {
    "variable": PRICE,
    "lower": 100.0,
    "upper": 2000.0,
    "outcome": {"kind": "flow_share", "of": "hp"},
    "value": 0.2,
}


def sought(scope: Scope, project: Project, **change: Any) -> PlanResult:
    request = PlanRequest.model_validate({"seek": {**SEEK, **change}})
    with tenant_session(scope) as db:
        plan = plans.start(db, project.id, request)
    run_queued_jobs()
    found = plans.read_plan(scope, plan.id)
    assert found.status == "succeeded", found.problem
    assert found.result is not None
    assert found.result.seek is not None
    assert found.explored == len(found.result.seek.points)
    return found.result


def test_a_planted_value_is_found_and_can_be_taken_as_it_is(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = make_project(scope, personas=2000), auth_headers()
    planted = sought(scope, project, lower=640.0, upper=641.0, value=0.99)
    assert planted.paths == []
    assert planted.infeasibility is not None
    assert "99 % of heat pump is not reached with" in planted.infeasibility.sentence
    assert planted.seek is not None
    at_640 = planted.seek.points[0].outcome
    found = sought(scope, project, value=at_640)
    assert found.seek is not None
    assert found.seek.reached
    assert found.seek.value == pytest.approx(640.0, rel=0.03)
    assert found.seek.outcome == pytest.approx(at_640, abs=0.0005)
    assert found.seek.low <= found.seek.outcome <= found.seek.high
    (path,) = found.paths
    assert path.gain_median == pytest.approx(path.value - 0.06, abs=0.1)
    script = path.event_scripts[0].model_dump(exclude={"sentence"}, mode="json")
    made = client.post(
        f"/api/v1/nodes/{project.root_node_id}/branch",
        json={"event_scripts": [script]},
        headers=headers,
    )
    assert made.status_code == 201, made.json()


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"lower": 900.0, "upper": 900.0}, "seek.lower"),
    ({"upper": 1e9}, "seek.upper"),
    ({"lower": -5.0}, "seek.lower"),
    ({"variable": "share.hp"}, "seek.variable"),
    ({"outcome": {"kind": "flow_share", "of": "solar"}}, "seek.outcome"),
    ({"value": 1.4}, "seek.value"),
    ({"from_tick": 9, "to_tick": 3}, "seek.from_tick"),
    ({"scope": {"regions": ["mars"]}}, "seek.lower"),
)


def test_what_cannot_be_sought_names_the_field(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = make_project(scope), auth_headers()
    address = f"/api/v1/projects/{project.id}/plans"
    for change, field in BAD:
        refused = client.post(address, json={"seek": {**SEEK, **change}}, headers=headers)
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "plan_invalid"), problem
        assert problem["errors"][0]["field"].startswith(field), problem
    for missing in ("lower", "upper", "outcome", "value"):
        body = {name: value for name, value in SEEK.items() if name != missing}
        refused = client.post(address, json={"seek": body}, headers=headers).json()
        assert refused["errors"][0]["field"] == f"seek.{missing}", refused
    both = {"seek": SEEK, "goals": [{"quantity": "money"}]}
    assert client.post(address, json=both, headers=headers).status_code == 422
    assert client.get(address, headers=headers).json()["items"] == []
