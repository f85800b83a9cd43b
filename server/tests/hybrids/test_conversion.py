"""Actors of a request as the engine takes them: what would never act is refused by its field."""

import json
from typing import Any

import pytest
from factories.actors import REQUEST, adoption
from factories.universe import make_hybrid, make_project
from fastapi.testclient import TestClient
from sqlalchemy import select

from agentverse.hybrids import read_hybrid
from agentverse.hybrids.models import HybridRow
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope

Headers = Any


def advertise(start_tick: int = 0, **more: Any) -> dict[str, Any]:
    script = {
        "variable": "advertising",
        "operation": "set",
        "value": 400.0,
        "scope": {"start_tick": start_tick},
    }
    return {"name": "advertise", "effects": [{"event_scripts": [script]}], **more}


@pytest.mark.parametrize(
    ("action", "first_tick", "field", "given"),
    [
        (advertise(), 7, "first_tick", "is 7, after the last tick (6)"),
        (advertise(time_ticks=2), 5, "advertise.time_ticks", "is 2: tick 7 at the earliest"),
        (
            advertise(start_tick=2),
            5,
            "advertise.effects[0].event_scripts[0].scope.start_tick",
            "is 2: tick 7 at the earliest",
        ),
    ],
)
def test_actor_that_would_act_after_the_last_tick_is_refused_with_its_field(
    action: dict[str, Any],
    first_tick: int,
    field: str,
    given: str,
    scope: Scope,
    client: TestClient,
    auth_headers: Headers,
) -> None:
    project = make_project(
        scope, personas=100, horizon=6, domain_template="adoption", parameters={}
    )
    headers = auth_headers()

    def post(first: int) -> Any:
        late = {"name": "late", "actions": [action], "first_tick": first}
        actors = [{"name": "firm", "actions": [advertise()]}, late]
        address = f"/api/v1/projects/{project.id}/hybrids"
        return client.post(address, json={"actors": actors}, headers=headers)

    refused = post(first_tick)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "hybrid_invalid"), problem
    assert problem["errors"][0]["field"] == f"actors[1].{field}"
    assert given in problem["errors"][0]["message"]
    assert "lengthen the horizon" in problem["errors"][0]["message"]
    assert post(first_tick - 1).status_code == 202


def test_result_stored_before_outcomes_had_names_is_read(scope: Scope) -> None:
    hybrid = make_hybrid(scope, adoption(scope), **REQUEST)
    run_queued_jobs()
    with tenant_session(scope) as db:
        row = db.scalars(select(HybridRow).where(HybridRow.id == hybrid.id)).one()
        now = row.result
        assert now is not None
        assert '"stock_share"' in json.dumps(now)
        row.result = json.loads(json.dumps(now).replace('"stock_share"', '"stock"'))
    read = read_hybrid(scope, hybrid.id).result
    assert read is not None
    assert read.model_dump(mode="json") == now
