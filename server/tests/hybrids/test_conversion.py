"""Actors of a request as the engine takes them: what would never act is refused by its field."""

from typing import Any

import pytest
from factories.universe import make_project
from fastapi.testclient import TestClient

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
