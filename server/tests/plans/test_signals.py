"""Outcomes of plans and actors: of one kind each, over some groups, and stored ones of before."""

from typing import Any

import numpy as np
import pytest
from factories.actors import REQUEST as ACTORS
from factories.actors import adoption
from factories.plans import ADVERTISE
from factories.universe import make_hybrid, make_plan
from fastapi.testclient import TestClient
from sqlalchemy import select

from agentverse.hybrids import read_hybrid
from agentverse.hybrids.models import HybridRow
from agentverse.plans import conversion, read_plan, repository, signals
from agentverse.plans.schemas import PlanRequest, SignalWire, StateOutcome
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import telemetry
from agentverse.runs.outcomes import Outcome, values
from agentverse.universe import get_project, variables
from agentverse_engine import simulate_ensemble
from agentverse_engine.planning.signals import signal_series

Headers = Any
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
            outcome=StateOutcome(
                kind="stock_share", of="adopted", segments=list(some), regions=list(regions[:1])
            ),
        )
        [signal] = signals.named_signals([wire])
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
        ({"goals": [{"outcome": {**ADOPTED, "kind": "flow_share"}}]}, "goals[0].outcome.kind", ""),
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
    assert read.request.signals[0].outcome == StateOutcome(kind="stock_share", of="adopted")
    before, now = (read_hybrid(scope, one.id) for one in hybrids)
    assert before.request == now.request
    assert before.result is not None, before.problem
    assert before.result == now.result


def test_level_of_a_stored_signal_is_read_as_a_mean() -> None:
    read = SignalWire.model_validate({"name": "x", "outcome": "spending", "segments": ["poor"]})
    assert read.outcome == StateOutcome(kind="level_mean", of="spending", segments=["poor"])
