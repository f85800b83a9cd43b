"""A plan left by a killed worker is searched on from the cached forecasts, to the same answer."""

import logging
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from factories.actors import adoption
from factories.checkpoints import checkpoint_files, checkpoint_parts
from factories.killing import kill_once_reached
from factories.plans import ADVERTISE, DISCOUNT
from factories.tasks import fail_for_good, task_of_subject, work_on
from factories.universe import make_plan

from agentverse import plans
from agentverse.plans import executing
from agentverse.plans.executing import PlanWatch
from agentverse.plans.schemas import PlanResult
from agentverse.platform.db.engines import Database
from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings

REQUEST: dict[str, Any] = {
    "actions": [ADVERTISE, DISCOUNT],
    "goals": [{"quantity": "adopted", "weight": 100.0}],
    "decision_ticks": [1, 3],
}
POINT = 3  # paths forecast when the worker dies

WORKER = """
import json, sys, time
from uuid import UUID
from agentverse import tasks
from agentverse.entrypoints import tables
from agentverse.platform.jobs.queue import read_scope
from agentverse.runs import checkpointing
from agentverse.plans import executing

checkpointing.LEAST_COMPUTING_PER_WRITING = 0.0
count_path = executing.PlanWatch.count_path

def waiting(watch):
    if watch.explored == int(sys.argv[3]):
        print("reached", flush=True)
        time.sleep(60)
    count_path(watch)

executing.PlanWatch.count_path = waiting
tasks.work(read_scope(json.loads(sys.argv[1])), UUID(sys.argv[2]), executing.search_plan)
"""


class Forecasts:
    """How many paths the engine really ran ahead."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.run = 0
        small_ensemble = executing.small_ensemble

        def counted(problem: Any) -> Any:
            forecast = small_ensemble(problem)

            def told(scripts: Any, own: Mapping[str, Any]) -> Any:
                self.run += 1
                return forecast(scripts, own)

            return told

        patch.setattr(executing, "small_ensemble", counted)


@pytest.fixture
def forecasts(monkeypatch: pytest.MonkeyPatch) -> Forecasts:
    return Forecasts(monkeypatch)


def result_of(scope: Scope, plan_id: Any) -> PlanResult:
    found = plans.read_plan(scope, plan_id)
    assert found.result is not None, (found.status, found.problem)
    return found.result


def die(scope: Scope, plan_id: Any) -> None:
    """Die as the fourth path is asked for."""
    count_path = PlanWatch.count_path

    def dying(watch: PlanWatch) -> None:
        if watch.explored == POINT:
            raise RuntimeError("the machine lost its power")
        count_path(watch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlanWatch, "count_path", dying)
        with pytest.raises(RuntimeError, match="power"):
            work_on(scope, plan_id, executing.search_plan)


def test_plan_of_a_killed_worker_is_searched_on_to_the_same_answer(
    scope: Scope,
    other_scope: Scope,
    database: Database,
    settings: Settings,
    owner: psycopg.Connection,
    forecasts: Forecasts,
) -> None:
    project = adoption(scope)
    calm = make_plan(scope, project, **REQUEST)
    work_on(scope, calm.id, executing.search_plan)
    all_of_them, forecasts.run = forecasts.run, 0
    assert all_of_them > POINT
    plan = make_plan(scope, project, **REQUEST)
    task_id = task_of_subject(scope, plan.id)
    kill_once_reached(WORKER, scope, task_id, POINT, database=database, home=settings.home)
    assert plans.read_plan(scope, plan.id).status == "running", "it died too early"
    assert checkpoint_parts(owner, scope) == ["search"]
    assert checkpoint_parts(owner, other_scope) == []
    run_queued_jobs()
    assert result_of(scope, plan.id) == result_of(scope, calm.id)
    assert forecasts.run == all_of_them - POINT
    assert (checkpoint_files(settings, scope), checkpoint_parts(owner, scope)) == ([], [])


@pytest.mark.usefixtures("eager_checkpoints")
@pytest.mark.parametrize("harm", ["cut", "gone", "of another world"])
def test_plan_whose_forecasts_are_of_no_use_is_searched_anew(
    harm: str,
    scope: Scope,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    forecasts: Forecasts,
    caplog: pytest.LogCaptureFixture,
) -> None:
    project = adoption(scope)
    calm = make_plan(scope, project, **REQUEST)
    work_on(scope, calm.id, executing.search_plan)
    all_of_them = forecasts.run
    plan = make_plan(scope, project, **REQUEST)
    if harm == "of another world":
        with monkeypatch.context() as patch:
            patch.setattr("agentverse.plans.forecast_cache.ENGINE_VERSION", "9.9.9+semantics.99")
            die(scope, plan.id)
    else:
        die(scope, plan.id)
    (path,) = checkpoint_files(settings, scope)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    elif harm == "gone":
        path.unlink()
    forecasts.run = 0
    with caplog.at_level(logging.WARNING):
        work_on(scope, plan.id, executing.search_plan)
    assert caplog.text.count("A checkpoint is not used") == 1
    assert forecasts.run == all_of_them
    assert result_of(scope, plan.id) == result_of(scope, calm.id)
    assert checkpoint_files(settings, scope) == []


@pytest.mark.usefixtures("eager_checkpoints")
@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_plan_that_ends_otherwise_keeps_no_forecast(
    end: str, scope: Scope, settings: Settings, owner: psycopg.Connection
) -> None:
    plan = make_plan(scope, adoption(scope), **REQUEST)
    die(scope, plan.id)
    assert checkpoint_parts(owner, scope) == ["search"]
    if end == "cancelled":
        with tenant_session(scope) as db:
            plans.cancel(db, plan.id)
        work_on(scope, plan.id, executing.search_plan)
    else:
        fail_for_good(scope, plan.id)
    assert plans.read_plan(scope, plan.id).status == end
    assert (checkpoint_files(settings, scope), checkpoint_parts(owner, scope)) == ([], [])
