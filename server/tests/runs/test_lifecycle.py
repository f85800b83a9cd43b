"""The life of a run: who may change what, once, with one audit entry each."""

from threading import Thread

import pytest
from factories.identity import Member
from factories.tasks import claim_of_a_dead_worker, fail_for_good, work_on
from factories.universe import make_project, run_baseline
from sqlalchemy import select

from agentverse import tasks
from agentverse.audit.models import AuditEntryRow
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.runs import executing, launches, lifecycle, listing, repository
from agentverse.runs.errors import RunAlreadyFinished, RunNotFound, RunNotRetryable
from agentverse.tasks import TaskSuperseded
from agentverse.universe import branching


def audited(scope: Scope, action: str) -> int:
    with tenant_session(scope, read_only=True) as db:
        statement = select(AuditEntryRow).where(AuditEntryRow.action == action)
        return len(db.scalars(statement).all())


def test_baseline_runs_both_variants_with_one_seed(scope: Scope) -> None:
    project = make_project(scope)
    run_ids = run_baseline(scope, project)
    with tenant_session(scope, read_only=True) as db:
        rows = [listing.get_run(db, run_id) for run_id in run_ids]
    assert [row.status for row in rows] == ["succeeded", "succeeded"]
    assert {row.variant for row in rows} == {"with_social_rules", "without_social_rules"}
    assert len({row.seed for row in rows}) == 1
    assert len({row.digest for row in rows}) == 2, "the social rules change the result"
    assert all(row.tick == row.horizon and row.telemetry_bytes for row in rows)
    assert (audited(scope, "node.run"), audited(scope, "run.finish")) == (1, 2)


def test_start_again_gives_the_same_digests(scope: Scope) -> None:
    project = make_project(scope)
    run_baseline(scope, project)
    run_baseline(scope, project)
    with tenant_session(scope, read_only=True) as db:
        rows = repository.runs_of_nodes(db, [project.root_node_id])
    digests = {
        row.variant: {other.digest for other in rows if other.variant == row.variant}
        for row in rows
    }
    assert len(rows) == 4
    assert all(len(found) == 1 for found in digests.values())


def test_cancel_of_a_queued_run_ends_it_and_its_twin_at_once(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        started = branching.run_node(db, project.root_node_id)
    with tenant_session(scope) as db:
        assert lifecycle.cancel(db, started.run_ids[0]).status == "cancelled"
    assert run_queued_jobs(), "the jobs are still there and find nothing to do"
    with tenant_session(scope, read_only=True) as db:
        found = launches.of_node(db, project.root_node_id)
    assert [run.status for run in found.latest.runs] == ["cancelled", "cancelled"]  # type: ignore[union-attr]
    assert found.explored is None
    assert (audited(scope, "run.cancel"), audited(scope, "run.finish")) == (1, 2)


def test_cancel_of_a_running_run_waits_for_its_worker(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        run_id = branching.run_node(db, project.root_node_id).run_ids[0]
    claim_of_a_dead_worker(scope, run_id)
    with tenant_session(scope) as db:
        assert lifecycle.cancel(db, run_id).status == "running"
    work_on(scope, run_id, executing.execute_run)
    with tenant_session(scope, read_only=True) as db:
        assert repository.get_run(db, run_id).status == "cancelled"


def test_cancel_of_a_finished_run_is_refused(scope: Scope) -> None:
    run_id = run_baseline(scope, make_project(scope))[0]
    with pytest.raises(RunAlreadyFinished, match="succeeded"), tenant_session(scope) as db:
        lifecycle.cancel(db, run_id)


def test_retry_of_a_cancelled_run_starts_new_runs_of_the_same_inputs(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        run_id = branching.run_node(db, project.root_node_id).run_ids[0]
    with tenant_session(scope) as db:
        lifecycle.cancel(db, run_id)
    with tenant_session(scope) as db:
        again = [row.id for row in lifecycle.retry(db, run_id)]
    run_queued_jobs()
    with tenant_session(scope, read_only=True) as db:
        assert {repository.get_run(db, one).status for one in again} == {"succeeded"}
        assert repository.get_run(db, run_id).status == "cancelled", "history stays"


def test_retry_of_a_succeeded_run_is_refused(scope: Scope) -> None:
    run_id = run_baseline(scope, make_project(scope))[0]
    with pytest.raises(RunNotRetryable), tenant_session(scope) as db:
        lifecycle.retry(db, run_id)


def test_retry_of_a_run_that_was_started_again_is_refused(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        first = branching.run_node(db, project.root_node_id).run_ids
        lifecycle.cancel(db, first[0])
    with tenant_session(scope) as db:
        lifecycle.retry(db, first[0])
    for run_id in first:
        with pytest.raises(RunNotRetryable, match="started again"), tenant_session(scope) as db:
            lifecycle.retry(db, run_id)


def test_retry_waits_for_the_other_variant(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        first, _ = branching.run_node(db, project.root_node_id).run_ids
    fail_for_good(scope, first)
    with pytest.raises(RunNotRetryable, match="other variant"), tenant_session(scope) as db:
        lifecycle.retry(db, first)


def test_retries_at_once_start_the_node_once(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        run_id = branching.run_node(db, project.root_node_id).run_ids[0]
        lifecycle.cancel(db, run_id)
    refused: list[str] = []

    def retry() -> None:
        try:
            with tenant_session(scope) as db:
                lifecycle.retry(db, run_id)
        except RunNotRetryable as error:
            refused.append(error.code)

    threads = [Thread(target=retry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["run_not_retryable"] * 3
    with tenant_session(scope, read_only=True) as db:
        assert len(repository.runs_of_nodes(db, [project.root_node_id])) == 4


def test_owned_by_an_older_attempt_is_superseded(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        run_id = branching.run_node(db, project.root_node_id).run_ids[0]
    first, second = (claim_of_a_dead_worker(scope, run_id) for _ in range(2))
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(TaskSuperseded), tenant_session(scope) as db:
        tasks.owned(db, first)


def test_runs_of_another_tenant_do_not_exist(scope: Scope, other_member: Member) -> None:
    run_id = run_baseline(scope, make_project(scope))[0]
    operations = (repository.get_run, lifecycle.cancel, lifecycle.retry)
    for operation in operations:
        with pytest.raises(RunNotFound), tenant_session(other_member.scope) as db:
            operation(db, run_id)


def test_start_with_a_script_nobody_can_execute_ends_failed_with_the_problem(scope: Scope) -> None:
    project = make_project(scope)
    with tenant_session(scope) as db:
        run_id = branching.run_node(db, project.root_node_id).run_ids[0]
        row = repository.get_run(db, run_id, for_update=True)
        row.event_scripts = [{"variable": "installation_cost.wood", "operation": "set", "value": 1}]
    outcomes = run_queued_jobs()
    assert any(isinstance(outcome.error, AgentVerseError) for outcome in outcomes)
    with tenant_session(scope, read_only=True) as db:
        row = listing.get_run(db, run_id)
    assert row.status == "failed"
    assert row.problem is not None
    assert row.problem["code"] == "run_inputs_invalid"
    assert "installation_cost.wood" in str(row.problem["detail"])
