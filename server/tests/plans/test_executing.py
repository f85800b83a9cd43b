"""Target mode: a request becomes paths ranked by real ensembles, or says what stands in the way."""

from typing import Any

import pytest
from factories.actors import adoption
from factories.plans import ADVERTISE, DISCOUNT
from factories.tasks import claim_of_a_dead_worker, work_on
from factories.universe import make_plan, make_project
from fastapi.testclient import TestClient

from agentverse import plans
from agentverse.plans import executing, repository
from agentverse.plans.errors import PlanAlreadyFinished
from agentverse.plans.executing import PlanWatch
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.universe.schemas import Project

Headers = Any
REQUEST: dict[str, Any] = {
    "actions": [ADVERTISE, DISCOUNT],
    "goals": [{"quantity": "adopted", "weight": 100.0}],
    "decision_ticks": [1, 3],
    "constraints": [{"kind": "limit", "name": "budget", "quantity": "money", "upper": 100.0}],
}


def post(
    client: TestClient, headers: Headers, project: Project, body: dict[str, Any], **more: str
) -> Any:
    address = f"/api/v1/projects/{project.id}/plans"
    return client.post(address, json=body, headers={**headers, **more})


def test_plan_ranks_paths_by_their_own_ensembles(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    accepted = post(client, headers, project, REQUEST)
    assert accepted.status_code == 202, accepted.json()
    assert accepted.json()["status"] == "queued"
    run_queued_jobs()
    found = client.get(accepted.headers["Location"], headers=headers).json()
    assert found["status"] == "succeeded", found["problem"]
    result = found["result"]
    values = [path["value"] for path in result["paths"]]
    assert values == sorted(values, reverse=True)
    best = result["paths"][0]
    assert len(best["steps"]) == 1, "the budget buys one of the two"
    assert best["low"] <= best["value"] <= best["high"]
    assert best["gain_median"] > 0
    budget = next(item for item in result["prunings"] if item["constraint"] == "budget")
    assert budget["cut"] + budget["unfinished"] + budget["refused"] > 0
    assert result["infeasibility"] is None
    assert best["event_scripts"][0]["sentence"]
    # What a plan adds can be taken as it is.
    scripts = [
        {name: value for name, value in script.items() if name != "sentence"}
        for script in best["event_scripts"]
    ]
    made = client.post(
        f"/api/v1/nodes/{project.root_node_id}/branch",
        json={"event_scripts": scripts},
        headers=headers,
    )
    assert made.status_code == 201, made.json()


def test_plan_searched_again_gives_the_same_result(scope: Scope) -> None:
    project = adoption(scope)
    made = [make_plan(scope, project, **REQUEST) for _ in range(2)]
    run_queued_jobs()
    first, second = (plans.read_plan(scope, plan.id) for plan in made)
    assert first.result is not None
    assert first.result == second.result


def test_plan_without_a_feasible_path_says_what_stands_in_the_way(scope: Scope) -> None:
    wish = {
        "kind": "limit",
        "name": "goal share",
        "quantity": "adopted",
        "lower": 0.99,
        "from_tick": 6,
    }
    request = {**REQUEST, "constraints": [*REQUEST["constraints"], wish]}
    plan = make_plan(scope, adoption(scope), **request)
    run_queued_jobs()
    found = plans.read_plan(scope, plan.id)
    assert found.result is not None, found.problem
    assert found.result.paths == []
    assert found.result.infeasibility is not None
    assert "goal share" in found.result.infeasibility.obstacles
    assert found.result.infeasibility.misses[0].amount > 0


def later(ticks: int) -> dict[str, Any]:
    script = {**ADVERTISE["effects"][0]["event_scripts"][0], "scope": {"start_tick": ticks}}
    return {**ADVERTISE, "effects": [{"event_scripts": [script]}]}


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"actions": []}, "actions"),
    ({"goals": []}, "goals"),
    ({"goals": [{"quantity": "happiness"}]}, "goals"),
    ({"decision_ticks": [99]}, "decision_ticks"),
    ({"actions": [{**ADVERTISE, "time_ticks": 6}]}, "advertise.time_ticks"),
    ({"actions": [later(6)]}, "advertise.effects[0].event_scripts[0].scope.start_tick"),
    ({"actions": [{**ADVERTISE, "requires": ["magic"]}]}, "advertise.requires"),
    (
        {
            "actions": [
                {**ADVERTISE, "requires": ["discount"]},
                {**DISCOUNT, "requires": ["advertise"]},
            ]
        },
        "requires",
    ),
    (
        {
            "constraints": [
                {"kind": "limit", "name": "b", "quantity": "money", "lower": 2, "upper": 1}
            ]
        },
        "b",
    ),
)


def test_plan_with_bad_input_names_the_field(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    for change, field in BAD:
        refused = post(client, headers, project, {**REQUEST, **change})
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "plan_invalid"), problem
        assert field in problem["errors"][0]["field"], problem
    listed = client.get(f"/api/v1/projects/{project.id}/plans", headers=headers).json()
    assert listed["items"] == []


HUGE = 1e308
CAPITAL = {"name": "capital", "start": HUGE, "minimum": 0.0, "maximum": HUGE}
TOO_MUCH: tuple[tuple[dict[str, Any], str], ...] = (
    ({"goals": [{"quantity": "adopted", "weight": HUGE}]}, "goals[0].weight"),
    ({"actions": [{**ADVERTISE, "money": HUGE}]}, "actions[0].money"),
    ({"variables": [CAPITAL]}, "capital"),
    (
        {"constraints": [{**REQUEST["constraints"][0], "penalty": HUGE}]},
        "budget.penalty",
    ),
    ({"actions": [{**ADVERTISE, "name": " "}]}, "actions[0].name"),
    ({"search": {"kind": "guess"}}, "search"),
)


def test_plan_with_numbers_that_no_sum_could_hold_is_refused(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    for change, field in TOO_MUCH:
        refused = post(client, headers, project, {**REQUEST, **change})
        assert refused.status_code == 422, refused.json()
        assert field in [one["field"] for one in refused.json()["errors"]], refused.json()


def test_plan_of_the_largest_amounts_still_has_an_answer(scope: Scope) -> None:
    largest = 1e15
    plan = make_plan(
        scope,
        adoption(scope),
        goals=[{"quantity": "money", "weight": -largest}, {"quantity": "capital"}],
        variables=[{**CAPITAL, "start": largest, "maximum": largest}],
        actions=[{**ADVERTISE, "money": largest, "most_uses": 6}],
        constraints=[
            {
                "kind": "limit",
                "name": "poor",
                "quantity": "money",
                "lower": largest,
                "penalty": largest,
            }
        ],
        decision_ticks=[1, 3],
    )
    run_queued_jobs()
    found = plans.read_plan(scope, plan.id)
    assert found.status == "succeeded", found.problem


def bound(**limits: Any) -> dict[str, Any]:
    return {"constraints": [{"kind": "limit", "name": "target", **limits}]}


def only_if(quantity: str, value: float) -> dict[str, Any]:
    test = {"quantity": quantity, "comparison": ">", "value": value}
    return {"actions": [{**ADVERTISE, "preconditions": [test]}]}


SEEN = {"signals": [{"name": "seen", "outcome": {"kind": "stock_share", "of": "adopted"}}]}
NEVER = {"quantity": "adopted", "comparison": "<", "value": 1.4}
IMPOSSIBLE: tuple[tuple[dict[str, Any], str, str], ...] = (
    (bound(quantity="adopted", lower=-0.01), "constraints[0].lower", "−1 %"),
    (bound(quantity="adopted", lower=0.5, upper=1.4), "constraints[0].upper", "140 %"),
    ({**SEEN, **bound(quantity="seen", lower=1.001)}, "constraints[0].lower", "100.1 %"),
    (
        {"constraints": [{"kind": "forbidden", "name": "never", "all_of": [NEVER]}]},
        "constraints[0].all_of[0].value",
        "140 %",
    ),
    (only_if("adopted", 2), "actions[0].preconditions[0].value", "200 %"),
)


def test_plan_that_asks_for_a_share_nobody_can_have_names_the_field(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    for change, field, told in IMPOSSIBLE:
        refused = post(client, headers, project, {**REQUEST, **change})
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "plan_invalid"), problem
        assert problem["errors"][0]["field"] == field, problem
        assert told in problem["errors"][0]["message"]
        assert "between 0 and 100 %" in problem["errors"][0]["message"]
        assert problem["detail"] == problem["errors"][0]["message"]


def test_plan_for_the_ends_of_a_share_or_more_than_one_of_anything_else_is_taken(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    taken = (
        bound(quantity="adopted", lower=0.0, upper=1.0),
        bound(quantity="money", upper=140.0),
        {
            "variables": [{"name": "staff", "start": 3.0, "minimum": 0.0, "maximum": 9.0}],
            **only_if("staff", 2),
        },
    )
    for change in taken:
        accepted = post(client, headers, project, {**REQUEST, **change})
        assert accepted.status_code == 202, accepted.json()


def test_plan_for_a_mean_beyond_its_level_names_the_field(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project = make_project(
        scope, personas=300, horizon=6, parameters={}, domain_template="consumption"
    )
    raise_income = {
        "name": "raise",
        "effects": [
            {"event_scripts": [{"variable": "income_change", "operation": "set", "value": 0.05}]}
        ],
    }
    request = {
        "actions": [raise_income],
        "goals": [{"quantity": "spending"}],
        "decision_ticks": [1],
    }
    headers = auth_headers()
    refused = post(client, headers, project, {**request, **bound(quantity="spending", lower=-5)})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "plan_invalid"), problem
    assert problem["errors"][0]["field"] == "constraints[0].lower"
    assert "between 0 and" in problem["errors"][0]["message"]
    assert "%" not in problem["errors"][0]["message"]
    accepted = post(client, headers, project, {**request, **bound(quantity="spending", lower=50)})
    assert accepted.status_code == 202, accepted.json()


def test_plan_that_was_taken_on_before_shares_were_checked_is_still_searched(scope: Scope) -> None:
    plan = make_plan(scope, adoption(scope), **REQUEST)
    with tenant_session(scope) as db:
        row = repository.get_plan(db, plan.id)
        row.request = {**row.request, **bound(quantity="adopted", lower=1.4, penalty=1.0)}
    run_queued_jobs()
    found = plans.read_plan(scope, plan.id)
    assert found.status == "succeeded", found.problem
    assert found.request.constraints[0].name == "target"


def test_plan_twice_with_one_key_is_one_search(
    scope: Scope, client: TestClient, auth_headers: Headers
) -> None:
    project, headers = adoption(scope), auth_headers()
    key = {"Idempotency-Key": "once"}
    first = post(client, headers, project, REQUEST, **key).json()
    assert post(client, headers, project, REQUEST, **key).json()["id"] == first["id"]
    refused = post(client, headers, project, {**REQUEST, "best": 1}, **key)
    assert refused.json()["code"] == "idempotency_conflict"


def test_cancel_plan_queued_ends_at_once_and_only_once(scope: Scope) -> None:
    plan = make_plan(scope, adoption(scope), **REQUEST)
    with tenant_session(scope) as db:
        assert plans.cancel(db, plan.id).status == "cancelled"
    with tenant_session(scope) as db, pytest.raises(PlanAlreadyFinished):
        plans.cancel(db, plan.id)
    run_queued_jobs()
    assert plans.read_plan(scope, plan.id).result is None


def test_cancel_plan_running_stops_before_the_next_path(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(scope, adoption(scope), **REQUEST)
    count_path = PlanWatch.count_path

    def cancelling(watch: PlanWatch) -> None:
        if watch.explored == 2:
            with tenant_session(scope) as db:
                plans.cancel(db, plan.id)
            watch._monitor._looked = float("-inf")  # pyright: ignore[reportPrivateUsage]
        count_path(watch)

    monkeypatch.setattr(PlanWatch, "count_path", cancelling)
    work_on(scope, plan.id, executing.search_plan)
    found = plans.read_plan(scope, plan.id)
    assert (found.status, found.result, found.explored) == ("cancelled", None, 3)


def test_plan_left_by_a_dead_worker_is_searched_by_the_next(scope: Scope) -> None:
    plan = make_plan(scope, adoption(scope), **REQUEST)
    assert claim_of_a_dead_worker(scope, plan.id).number == 1
    assert plans.read_plan(scope, plan.id).status == "running"
    work_on(scope, plan.id, executing.search_plan)
    assert plans.read_plan(scope, plan.id).status == "succeeded"
