"""Outcomes of plans and actors: of one kind each, over some groups, and stored ones of before."""

from typing import Any

import numpy as np
import pytest
from factories.actors import REQUEST as ACTORS
from factories.actors import adoption
from factories.plans import ADVERTISE
from factories.universe import make_hybrid, make_plan, make_project
from fastapi.testclient import TestClient
from sqlalchemy import select

from agentverse.hybrids import read_hybrid
from agentverse.hybrids.models import HybridRow
from agentverse.plans import conversion, read_plan, repository, signals
from agentverse.plans.schemas import OutcomeWire, PlanRequest, SignalWire
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import telemetry
from agentverse.runs.outcomes import Outcome, values
from agentverse.universe import get_project, variables
from agentverse_engine import planning, simulate_ensemble
from agentverse_engine.planning.signals import signal_series

Headers = Any
INSTALLED: dict[str, Any] = {"kind": "flow_share", "of": "hp"}
CHEAPER: dict[str, Any] = {
    "name": "subsidy",
    "effects": [
        {
            "event_scripts": [
                {"variable": "installation_cost.hp", "operation": "multiply", "value": 0.2}
            ]
        }
    ],
}
ADOPTED: dict[str, Any] = {"kind": "stock_share", "of": "adopted"}
REQUEST: dict[str, Any] = {
    "actions": [ADVERTISE],
    "goals": [{"outcome": ADOPTED}],
    "decision_ticks": [1],
}


def refusal(
    client: TestClient, headers: Headers, project_id: Any, **changes: Any
) -> dict[str, Any]:
    address = f"/api/v1/projects/{project_id}/plans"
    refused = client.post(address, json={**REQUEST, **changes}, headers=headers)
    assert refused.status_code == 422, refused.json()
    return refused.json()["errors"][0]


def test_signal_over_groups_is_the_outcome_that_a_run_has(scope: Scope) -> None:
    made = adoption(scope)
    with tenant_session(scope, read_only=True) as db:
        project = get_project(db, made.id)
        registry = variables.load_registry(db, project)
        scenario = registry.scenario(variables.spec_of(project, ()))
    segments, regions = scenario.population.segments, scenario.population.regions
    trajectory = simulate_ensemble(scenario)
    series = telemetry.series_of(trajectory)
    for some in ((), segments[:1], segments[-2:], segments):
        wire = SignalWire(
            name="seen",
            outcome=OutcomeWire(
                kind="stock_share", of="adopted", segments=list(some), regions=list(regions[:1])
            ),
        )
        [signal] = signals.named_signals(scenario.horizon, [wire])
        seen = signal_series(scenario, trajectory, signal)
        for tick in (0, 3, 6):
            outcome = Outcome(
                kind="stock_share",
                of="adopted",
                segments=some,
                regions=regions[:1],
                first_tick=tick,
                last_tick=tick,
            )
            assert np.array_equal(values(series, outcome), seen[:, tick])


@pytest.mark.parametrize(
    ("first", "last", "grouped"), [(None, None, False), (None, 4, True), (4, None, True)]
)
def test_goal_of_a_flow_share_is_what_its_paths_runs_say(
    scope: Scope, first: int | None, last: int | None, grouped: bool
) -> None:
    made = make_project(scope)
    with tenant_session(scope, read_only=True) as db:
        project = get_project(db, made.id)
        registry = variables.load_registry(db, project)
    names = registry.scenario(variables.spec_of(project, ())).population.segments[:1]
    some = names if grouped else ()
    goal = {"outcome": {**INSTALLED, "segments": some}, "from_tick": first, "to_tick": last}
    body = {"actions": [CHEAPER], "decision_ticks": [1, 3], "goals": [goal]}
    request = PlanRequest.model_validate(body)
    answer = planning.plan(conversion.problem_of(registry, project, (), request), threads=2)
    assert len(answer.plans) == 3
    outcome = Outcome(
        kind="flow_share", of="hp", segments=some, first_tick=first or 1, last_tick=last or 6
    )
    for plan in answer.plans:
        run = telemetry.series_of(simulate_ensemble(plan.scenario, threads=1))
        assert plan.values.tobytes() == values(run, outcome).tobytes()
    assert answer.plans[0].steps
    assert answer.plans[0].value > answer.plans[-1].value


def test_signal_of_a_flow_share_is_what_a_run_says_of_each_window(scope: Scope) -> None:
    made = make_project(scope, personas=100, parameters={"replacement_rate": 0.005})
    with tenant_session(scope, read_only=True) as db:
        project = get_project(db, made.id)
        registry = variables.load_registry(db, project)
    scenario = registry.scenario(variables.spec_of(project, ()))
    trajectory = simulate_ensemble(scenario)
    run = telemetry.series_of(trajectory)
    wire = SignalWire(name="seen", outcome=OutcomeWire(kind="flow_share", of="gc"), window_ticks=2)
    [signal] = signals.named_signals(6, [wire])
    seen = signal_series(scenario, trajectory, signal)
    for tick in range(1, 7):
        outcome = Outcome(kind="flow_share", of="gc", first_tick=max(1, tick - 1), last_tick=tick)
        assert seen[:, tick].tobytes() == values(run, outcome).tobytes()
    assert np.isnan(seen[:, 1:]).any()
    assert np.isfinite(seen[:, 1:]).any()


def test_plan_and_actors_look_at_flow_shares(scope: Scope) -> None:
    project = make_project(scope)
    bought = {"name": "bought", "outcome": INSTALLED, "window_ticks": 3}
    target = {"kind": "limit", "name": "target", "quantity": "bought", "lower": 0.0}
    plan = make_plan(
        scope,
        project,
        actions=[CHEAPER],
        goals=[{"outcome": INSTALLED}],
        decision_ticks=[1],
        signals=[bought],
        constraints=[target],
    )
    need = {"quantity": "bought", "comparison": ">=", "value": 0.0}
    buyer = {"name": "state", "actions": [{**CHEAPER, "preconditions": [need]}]}
    hybrid = make_hybrid(scope, project, actors=[buyer], signals=[bought])
    run_queued_jobs()
    planned, acted = read_plan(scope, plan.id), read_hybrid(scope, hybrid.id)
    assert planned.result is not None, planned.problem
    assert planned.result.paths[0].steps
    assert acted.result is not None, acted.problem
    assert {entry.tick for entry in acted.result.ledger} == {2}  # at 1 nobody had chosen anew yet
    assert all(0 <= entry.signals["bought"] <= 1 for entry in acted.result.ledger)


def test_search_for_what_has_no_value_if_nothing_is_done_fails_by_field(scope: Scope) -> None:
    project = make_project(scope, parameters={"replacement_rate": 0.0})
    renew = {
        "name": "renew",
        "effects": [
            {"event_scripts": [{"variable": "replacement_rate", "operation": "set", "value": 0.2}]}
        ],
    }
    goal = {"outcome": INSTALLED}
    plan = make_plan(scope, project, actions=[renew], goals=[goal], decision_ticks=[1])
    run_queued_jobs()
    problem = read_plan(scope, plan.id).problem
    assert problem is not None
    assert problem["code"] == "plan_invalid"
    assert "goals[0]: has no value in 100%" in str(problem["detail"])


def test_requests_without_a_window_are_stored_and_compared_as_before_there_were_any() -> None:
    request = PlanRequest.model_validate(
        {**REQUEST, "signals": [{"name": "some", "outcome": ADOPTED}]}
    )
    assert "window_ticks" not in request.model_dump_json()


def test_goal_of_an_outcome_is_that_of_its_name(scope: Scope) -> None:
    project = adoption(scope)
    goals = ({"outcome": ADOPTED}, {"quantity": "adopted"})
    made = [make_plan(scope, project, **{**REQUEST, "goals": [goal]}) for goal in goals]
    run_queued_jobs()
    new, old = (read_plan(scope, plan.id) for plan in made)
    assert new.result is not None, new.problem
    assert new.result == old.result


def test_goal_over_groups_is_that_of_a_signal_over_them(scope: Scope) -> None:
    made = adoption(scope)
    with tenant_session(scope, read_only=True) as db:
        project = get_project(db, made.id)
        registry = variables.load_registry(db, project)
    segment = registry.scenario(variables.spec_of(project, ())).population.segments[0]
    some = {**ADOPTED, "segments": [segment]}
    named = {"signals": [{"name": "some", "outcome": some}], "goals": [{"quantity": "some"}]}
    direct = {"goals": [{"outcome": some}]}
    requests = [PlanRequest.model_validate({**REQUEST, **one}) for one in (direct, named)]
    looked = [conversion.problem_of(registry, project, (), one).seen[0] for one in requests]
    assert [(one.outcome, one.segments) for one in looked] == [("adopted", (segment,))] * 2
    plans = [make_plan(scope, made, **{**REQUEST, **one}) for one in (direct, named)]
    run_queued_jobs()
    first, second = (read_plan(scope, plan.id).result for plan in plans)
    assert first is not None
    assert first == second


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        (
            {"goals": [{"outcome": {**ADOPTED, "kind": "flow_share"}}]},
            "goals[0].outcome.kind",
            "has no flow_share; use stock_share",
        ),
        (
            {"goals": [{"outcome": {**ADOPTED, "kind": "flow_share"}, "from_tick": 0}]},
            "goals[0].from_tick",
            "between 1 and 6",
        ),
        (
            {"goals": [{"outcome": {**ADOPTED, "kind": "flow_share"}, "to_tick": 7}]},
            "goals[0].to_tick",
            "between 1 and 6",
        ),
        (
            {
                "goals": [
                    {"quantity": "adopted"},
                    {
                        "outcome": {**ADOPTED, "kind": "flow_share"},
                        "from_tick": 5,
                        "to_tick": 4,
                    },
                ]
            },
            "goals[1].from_tick",
            "not lie after to_tick",
        ),
        (
            {"signals": [{"name": "x", "outcome": {**ADOPTED, "kind": "flow_share"}}]},
            "signals[0].window_ticks",
            "give its ticks, from 1 to 6",
        ),
        (
            {
                "signals": [
                    {
                        "name": "x",
                        "outcome": {**ADOPTED, "kind": "flow_share"},
                        "window_ticks": 7,
                    }
                ]
            },
            "signals[0].window_ticks",
            "7 does not lie between 1 and 6",
        ),
        (
            {"signals": [{"name": "x", "outcome": ADOPTED, "window_ticks": 2}]},
            "signals[0].window_ticks",
            "only a flow_share has a window",
        ),
        (
            {"goals": [{"outcome": {**ADOPTED, "kind": "level_mean"}}]},
            "goals[0].outcome.kind",
            "use stock_share",
        ),
        (
            {"goals": [{"quantity": "adopted"}, {"outcome": {**ADOPTED, "segments": ["clergy"]}}]},
            "goals[1].outcome.segments",
            "Use one of",
        ),
        ({"goals": [{"weight": 1.0}]}, "goals[0]", "either an outcome or a quantity"),
    ],
)
def test_outcome_that_cannot_be_looked_at_is_named_by_field(
    changes: Any,
    field: str,
    told: str,
    scope: Scope,
    client: TestClient,
    auth_headers: Headers,
) -> None:
    wrong = refusal(client, auth_headers(), adoption(scope).id, **changes)
    assert wrong["field"] == field
    assert told in wrong["message"]


def test_requests_stored_before_outcomes_had_kinds_are_read_and_worked_on(scope: Scope) -> None:
    project = adoption(scope)
    old_signal: dict[str, Any] = {
        "name": "young",
        "outcome": "adopted",
        "regions": [],
        "segments": [],
    }
    old_goal = {"quantity": "young", "weight": 1.0, "from_tick": None, "to_tick": None}
    plan = make_plan(scope, project, **{**REQUEST, "goals": [{"quantity": "adopted"}]})
    hybrids = [make_hybrid(scope, project, **ACTORS) for _ in range(2)]
    with tenant_session(scope) as db:
        row = repository.get_plan(db, plan.id)
        row.request = {**row.request, "signals": [old_signal], "goals": [old_goal]}
        acted = db.scalars(select(HybridRow).where(HybridRow.id == hybrids[0].id)).one()
        acted.request = {**acted.request, "signals": [old_signal]}
    run_queued_jobs()
    read = read_plan(scope, plan.id)
    assert read.status == "succeeded", read.problem
    assert read.request.signals[0].outcome == OutcomeWire(kind="stock_share", of="adopted")
    before, now = (read_hybrid(scope, one.id) for one in hybrids)
    assert before.request == now.request
    assert before.result is not None, before.problem
    assert before.result == now.result


def test_level_of_a_stored_signal_is_read_as_a_mean() -> None:
    read = SignalWire.model_validate({"name": "x", "outcome": "spending", "segments": ["poor"]})
    assert read.outcome == OutcomeWire(kind="level_mean", of="spending", segments=["poor"])
