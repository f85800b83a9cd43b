"""Questions: what is understood runs, what is not is told, nothing is half-written."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from factories.databases import database_environment
from factories.model_server import ModelServer, say
from factories.tasks import fail_for_good, task_of_subject, work_on
from factories.universe import SUBSIDY, answer, make_answered, make_project, run_baseline
from sqlalchemy import QueuePool, func, select

from agentverse.asks import asking, compiling, sweeping
from agentverse.asks.errors import (
    BaselineMissing,
    ModelNotAllowed,
    QuestionEmpty,
    QuestionTooLong,
    QuestionUnreadable,
)
from agentverse.asks.schemas import Ask, AskRequest
from agentverse.audit.models import AuditEntryRow
from agentverse.platform.db import engines
from agentverse.platform.db.engines import Database
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import IdempotencyConflict
from agentverse.platform.jobs.queue import scope_document
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.platform.settings import Settings
from agentverse.runs import launches, lifecycle, replaying
from agentverse.universe import branching, graph, projects
from agentverse.universe.errors import EventScriptInvalid, NodeRunning, ParentOfAnotherProject
from agentverse.universe.event_schemas import EventScriptInput
from agentverse.universe.models import NodeRow
from agentverse.universe.schemas import NodeDetail, Project, ProjectUpdate


@pytest.fixture
def project(scope: Scope) -> Project:
    made = make_project(scope)
    run_baseline(scope, made)
    return made


def submit(
    scope: Scope, project: Project, question: str, *, key: str | None = None, **fields: Any
) -> Ask:
    request = AskRequest.model_validate({"question": question, **fields})
    with tenant_session(scope) as db:
        return asking.ask(db, project.id, request, idempotency_key=key)


def nodes(scope: Scope, project: Project) -> int:
    with tenant_session(scope, read_only=True) as db:
        return len(graph.list_nodes(db, project.id).nodes)


def audited(scope: Scope, action: str) -> int:
    with tenant_session(scope, read_only=True) as db:
        statement = select(func.count()).where(AuditEntryRow.action == action)
        return db.scalar(statement.select_from(AuditEntryRow)) or 0


def test_ask_becomes_a_node_with_edge_scripts_and_both_runs(scope: Scope, project: Project) -> None:
    asked = answer(scope, project)
    assert (asked.status, asked.progress, asked.llm_calls) == ("succeeded", 1.0, 0)
    assert asked.node_id is not None
    with tenant_session(scope, read_only=True) as db:
        drawn = graph.list_nodes(db, project.id)
        node = graph.node_detail(db, asked.node_id)
    script = node.event_scripts[0]
    assert (script.variable, script.operation, script.value) == (
        "installation_cost.hp",
        "multiply",
        0.7,
    )
    assert script.scope.start_tick == 2
    assert [(edge.parent_id, edge.child_id) for edge in drawn.edges] == [
        (project.root_node_id, asked.node_id)
    ]
    assert node.status == "explored"
    assert node.difference is not None
    assert node.difference.low > 0, "a subsidy sells heat pumps"
    assert "rule-based" in node.explanation
    assert len(node.runs) == 2
    assert [audited(scope, one) for one in ("ask.create", "node.create")] == [1, 1]


UNREAD = "Suppose a heat pump put in came out a third below what folks pay now, from month 2"
READ = {
    "words": "a heat pump put in came out a third below what folks pay now",
    "variable": "installation_cost.hp",
    "mode": "scale",
    "direction": "down",
    "amount": "a third",
    "of_today": False,
    "when": ["from month 2"],
    "who": "",
    "regions": [],
    "segments": [],
}


def test_ask_that_a_model_reads_runs_only_when_confirmed(
    scope: Scope, project: Project, model_reads: Callable[..., ModelServer]
) -> None:
    lie = json.dumps({"changes": [{**READ, "amount": "90 %"}], "left_out": []})
    told = json.dumps({"changes": [READ], "left_out": []})
    server = model_reads(say(lie), say(lie), say(told))
    with pytest.raises(ModelNotAllowed, match=f"PATCH /api/v1/projects/{project.id}"):
        submit(scope, project, UNREAD, compiler="both")
    with tenant_session(scope) as db:
        assert projects.update_project(db, project.id, ProjectUpdate(compiler="both"))
    assert answer(scope, project).llm_calls == 0, "what the rules can read is left to them"
    asked = [submit(scope, project, UNREAD) for _ in range(2)]
    run_queued_jobs()
    lied, offered = (asking.read_ask(scope, one.id) for one in asked)
    for found, state, calls in ((lied, "invalid", 2), (offered, "read", 1)):
        assert (found.status, found.node_id, found.llm_calls) == ("needs_input", None, calls)
        assert Decimal(found.llm_cost_usd) == calls * Decimal("0.0003")
        assert found.compilation is not None
        assert found.compilation.model_reading is not None
        assert found.compilation.model_reading.state == state
    assert nodes(scope, project) == 2

    assert offered.compilation is not None
    suggestion = offered.compilation.suggestions[0]
    assert suggestion.read_by == "model"
    assert [part.text for part in suggestion.understood] == [READ["words"]]
    confirmed = [script.model_dump(exclude={"sentence"}) for script in suggestion.event_scripts]
    yes = submit(scope, project, UNREAD, event_scripts=confirmed)
    run_queued_jobs()
    done = asking.read_ask(scope, yes.id)
    assert (done.status, done.llm_calls, len(server.received)) == ("succeeded", 0, 3)
    with tenant_session(scope, read_only=True) as db:
        assert done.node_id is not None
        (script,) = graph.node_detail(db, done.node_id).event_scripts
    assert script.value == pytest.approx(2 / 3)
    assert audited(scope, "project.update") == 1


def test_ask_without_a_baseline_says_how_to_get_one(scope: Scope) -> None:
    project = make_project(scope)
    with pytest.raises(BaselineMissing, match=f"/nodes/{project.root_node_id}/run"):
        submit(scope, project, SUBSIDY)


@pytest.mark.parametrize("question", ["   ", "?!", "\n\t…"])
def test_ask_nothing_is_refused(scope: Scope, project: Project, question: str) -> None:
    with pytest.raises((QuestionEmpty, QuestionUnreadable)) as refused:
        submit(scope, project, question)
    assert [error.field for error in refused.value.errors] == ["question"]


def test_ask_ten_thousand_characters_is_refused(scope: Scope, project: Project) -> None:
    with pytest.raises(QuestionTooLong, match="10,000 characters"):
        submit(scope, project, "a" * 10_000)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("What if the moon turns green?", None),
        ("What if heat pumps become 130% cheaper?", "percent_over_100"),
        ("What if the installation cost of heat pumps falls by 30% from month 60?", None),
        ("What if the installation cost of wood stoves falls by 30%?", None),
    ],
)
def test_ask_what_does_not_map_creates_nothing_and_says_why(
    scope: Scope, project: Project, question: str, code: str | None
) -> None:
    asked = answer(scope, project, question)
    assert (asked.status, asked.node_id, asked.run_ids) == ("needs_input", None, [])
    assert asked.compilation is not None
    assert asked.compilation.event_scripts == []
    assert asked.compilation.unmapped
    assert all(item.message for item in asked.compilation.unmapped)
    if code is not None:
        assert code in {item.code for item in asked.compilation.unmapped}
    assert nodes(scope, project) == 1
    assert audited(scope, "ask.finish") == 1


def test_ask_that_fails_keeps_the_problem_once_with_an_audit_entry(
    scope: Scope, project: Project
) -> None:
    asked = submit(scope, project, SUBSIDY)
    for _ in range(2):
        fail_for_good(scope, asked.id)
    found = asking.read_ask(scope, asked.id)
    assert (found.status, (found.problem or {})["code"]) == ("failed", "internal_error")
    assert audited(scope, "ask.finish") == 1


def test_ask_two_contradicting_changes_creates_nothing(scope: Scope, project: Project) -> None:
    question = "What if heat pumps cost $500 to install and heat pumps cost $900 to install?"
    asked = answer(scope, project, question)
    assert asked.status == "needs_input"
    assert asked.compilation is not None
    (contradiction,) = asked.compilation.contradictions
    # The sentences that the scripts have everywhere, not the labels that a digest holds.
    first, second = (
        f"installation cost of heat pump set to ${cost}, for everyone, all the time"
        for cost in (500, 900)
    )
    assert contradiction.texts == [first, second]
    assert contradiction.message.startswith(f"“{first}” and “{second}” cannot both hold")
    assert nodes(scope, project) == 1


PARTLY = (
    "What if the installation cost of heat pumps falls by 30% from month 2 and the moon turns "
    "green?"
)


def test_ask_understood_in_part_waits_for_consent(scope: Scope, project: Project) -> None:
    asked = answer(scope, project, PARTLY)
    assert asked.status == "needs_input"
    assert asked.compilation is not None
    assert asked.compilation.event_scripts
    assert asked.compilation.unmapped


def test_ask_understood_in_part_runs_that_part_with_consent(scope: Scope, project: Project) -> None:
    asked = answer(scope, project, PARTLY, accept_partial=True)
    assert asked.status == "succeeded"
    assert asked.node_id is not None
    with tenant_session(scope, read_only=True) as db:
        node = graph.node_detail(db, asked.node_id)
    assert [script.variable for script in node.event_scripts] == ["installation_cost.hp"]
    assert "Left out" in node.explanation


def test_ask_with_a_confirmed_change_runs_it_and_keeps_what_was_read(
    scope: Scope, project: Project
) -> None:
    question = "Who would not love heat pumps at 30% less?"
    offered = compiling.compile_question(scope, project.id, SUBSIDY).wire.event_scripts[0]
    edited = {**offered.model_dump(exclude={"sentence"}), "value": 0.6}
    request = AskRequest.model_validate({"question": question, "event_scripts": [edited]})
    with tenant_session(scope) as db:
        accepted = asking.ask(db, project.id, request)
        assert accepted.confirmed[0].value == 0.6
    run_queued_jobs()
    answered = asking.read_ask(scope, accepted.id)
    assert answered.status == "succeeded"
    assert answered.confirmed == accepted.confirmed
    assert answered.compilation is not None
    node = detail(scope, answered.node_id)
    assert node.question == question
    assert [script.value for script in node.event_scripts] == [0.6]
    assert node.event_scripts[0].sentence in node.explanation
    assert "Confirmed by the person who asked" in node.explanation


def test_ask_with_a_confirmed_change_of_nothing_is_refused(scope: Scope, project: Project) -> None:
    offered = compiling.compile_question(scope, project.id, SUBSIDY).wire.event_scripts[0]
    edited = {**offered.model_dump(exclude={"sentence"}), "value": 1.0}
    request = AskRequest.model_validate({"question": SUBSIDY, "event_scripts": [edited]})
    with tenant_session(scope) as db, pytest.raises(EventScriptInvalid):
        asking.ask(db, project.id, request)
    assert nodes(scope, project) == 1


def test_ask_from_a_branch_inherits_its_scripts(scope: Scope) -> None:
    first = make_answered(scope)
    question = "What if the operating cost of heat pumps falls by 20% from month 3?"
    second = answer(scope, first.project, question, parent_node_id=first.node_id)
    assert second.node_id is not None
    with tenant_session(scope, read_only=True) as db:
        node = graph.node_detail(db, second.node_id)
        inputs = launches.of_node(db, second.node_id)
    assert [script.variable for script in node.inherited_scripts] == ["installation_cost.hp"]
    assert [script.variable for script in node.event_scripts] == ["operating_cost.hp"]
    assert node.depth == 2
    assert inputs.explored is not None


def test_ask_for_a_ban_leaves_nobody_who_chooses_it_and_the_last_one_stays(
    scope: Scope, project: Project
) -> None:
    banned = answer(scope, project, "What if we ban heat pumps?")
    assert banned.node_id is not None
    with tenant_session(scope, read_only=True) as db:
        node = graph.node_detail(db, banned.node_id)
    assert node.label == "heat pump not available"
    assert node.outcome is not None
    assert (node.outcome.low, node.outcome.high) == (0.0, 0.0)
    assert node.difference is not None
    assert node.difference.high < 0
    rest = "Ban central gas, room gas, central electric and room electric"
    last = answer(scope, project, rest, parent_node_id=node.id)
    assert last.status == "needs_input"
    assert last.compilation is not None
    assert {part.code for part in last.compilation.unmapped} == {"nothing_left"}
    assert "600 personas would have nothing left to choose" in last.compilation.unmapped[0].message
    off = [
        EventScriptInput(variable=f"availability.{name}", operation="set", value=0.0)
        for name in ("gc", "gr", "ec", "er")
    ]
    request = AskRequest(question=rest, parent_node_id=node.id, event_scripts=off)
    with pytest.raises(EventScriptInvalid, match="nothing to choose"), tenant_session(scope) as db:
        asking.ask(db, project.id, request)


def test_ask_from_a_node_of_another_project_is_refused(scope: Scope, project: Project) -> None:
    other = make_project(scope, population_id=project.population_id, name="Other")
    request = AskRequest(question=SUBSIDY, parent_node_id=other.root_node_id)
    with pytest.raises(ParentOfAnotherProject), tenant_session(scope) as db:
        asking.ask(db, project.id, request)


def detail(scope: Scope, node_id: UUID | None) -> NodeDetail:
    assert node_id is not None
    with tenant_session(scope, read_only=True) as db:
        return graph.node_detail(db, node_id)


def test_ask_the_same_twice_is_two_nodes_with_one_digest(scope: Scope, project: Project) -> None:
    first, second = (answer(scope, project) for _ in range(2))
    assert first.node_id != second.node_id
    assert not set(first.run_ids) & set(second.run_ids), "each node has runs of its own"
    one, other = detail(scope, first.node_id), detail(scope, second.node_id)
    assert one.digest == other.digest
    assert [run.digest for run in one.runs] == [run.digest for run in other.runs]
    assert one.digest != detail(scope, project.root_node_id).digest


def test_ask_five_deep_inherits_every_script_in_order(scope: Scope, project: Project) -> None:
    parent: UUID | None = None
    for month in range(2, 7):
        question = f"What if the installation cost of heat pumps falls by {month}% from month 2?"
        parent = answer(scope, project, question, parent_node_id=parent).node_id
    node = detail(scope, parent)
    assert node.depth == 5
    values = [script.value for script in (*node.inherited_scripts, *node.event_scripts)]
    assert values == [0.98, 0.97, 0.96, 0.95, 0.94]


def test_ask_from_a_branch_that_set_the_value_composes_and_says_so(
    scope: Scope, project: Project
) -> None:
    first = answer(scope, project, "What if heat pumps cost $500 to install from month 2?")
    second = answer(scope, project, SUBSIDY, parent_node_id=first.node_id)
    explanation = detail(scope, second.node_id).explanation
    assert "Applied after what it starts from" in explanation
    assert "set to $500" in explanation
    assert "set to $500" not in detail(scope, answer(scope, project).node_id).explanation
    query = replaying.TelemetryQuery(from_tick=0, to_tick=None)
    marks = replaying.read_telemetry(scope, second.run_ids[0], query).events
    assert marks[1].mean_before == pytest.approx(500)
    assert marks[1].mean_after == pytest.approx(350)


def test_ask_with_the_same_key_is_the_same_question(scope: Scope, project: Project) -> None:
    first = submit(scope, project, SUBSIDY, key="once")
    assert submit(scope, project, SUBSIDY, key="once").id == first.id
    with pytest.raises(IdempotencyConflict):
        submit(scope, project, "What if heat pumps cost $500 to install?", key="once")
    run_queued_jobs()
    assert nodes(scope, project) == 2


def test_ask_with_the_key_of_another_projects_question_is_a_conflict(
    scope: Scope, project: Project
) -> None:
    submit(scope, project, SUBSIDY, key="once")
    other = make_project(scope, name="Other", population_id=project.population_id)
    run_baseline(scope, other)
    with pytest.raises(IdempotencyConflict):
        submit(scope, other, SUBSIDY, key="once")


def test_ask_with_the_same_key_at_the_same_moment_is_one_question(
    scope: Scope, project: Project
) -> None:
    """The second waits at the unique key until the first commits, then answers the same."""
    answers: list[Ask] = []
    other = Thread(target=lambda: answers.append(submit(scope, project, SUBSIDY, key="twice")))
    with tenant_session(scope) as db:
        first = asking.ask(db, project.id, AskRequest(question=SUBSIDY), idempotency_key="twice")
        other.start()
        other.join(timeout=0.3)
        assert other.is_alive(), "it waits for the key"
    other.join()
    assert [one.id for one in answers] == [first.id]


def together(count: int, work: Callable[[], Ask]) -> list[Ask]:
    """The same work by several clients at once."""
    with ThreadPoolExecutor(count) as pool:
        return [each.result() for each in [pool.submit(work) for _ in range(count)]]


def test_ask_by_five_clients_with_one_key_is_one_question(scope: Scope, project: Project) -> None:
    asked = together(5, lambda: submit(scope, project, SUBSIDY, key="five"))
    assert len({each.id for each in asked}) == 1
    run_queued_jobs()
    assert nodes(scope, project) == 2
    assert audited(scope, "ask.create") == 1


def test_ask_by_five_clients_without_keys_is_five_questions_of_one_digest(
    scope: Scope, project: Project
) -> None:
    asked = together(5, lambda: submit(scope, project, SUBSIDY))
    run_queued_jobs()
    answered = [asking.read_ask(scope, each.id) for each in asked]
    assert {each.status for each in answered} == {"succeeded"}
    assert len({each.node_id for each in answered}) == 5
    assert len({detail(scope, each.node_id).digest for each in answered}) == 1


def test_three_questions_worked_off_by_three_workers_do_not_mix(
    scope: Scope, project: Project
) -> None:
    wished = {0.9, 0.8, 0.7}
    asked = [
        submit(scope, project, f"What if heat pumps become {100 - 100 * each:.0f}% cheaper?")
        for each in sorted(wished)
    ]
    with ThreadPoolExecutor(3) as pool:
        for worker in [pool.submit(run_queued_jobs) for _ in range(3)]:
            worker.result()
    found = [asking.read_ask(scope, each.id) for each in asked]
    assert {each.status for each in found} == {"succeeded"}
    made = [detail(scope, each.node_id) for each in found]
    assert [node.question for node in made] == [each.question for each in asked]
    assert {round(node.event_scripts[0].value, 6) for node in made} == wished
    assert len({node.digest for node in made}) == 3
    assert len({run.id for node in made for run in node.runs}) == 6


# Another process runs the very job body and waits to be killed when the question is compiled,
# its node and runs are written, and the transaction is not yet committed.
WORKER = """
import json, sys, time
from uuid import UUID
from agentverse import tasks
from agentverse.entrypoints import tables
from agentverse.platform.jobs.queue import read_scope
from agentverse.asks import asking, compiling, sweeping
from agentverse.universe import branching

start = branching.start_node

def started_and_waiting(*arguments, **options):
    start(*arguments, **options)
    print("reached", flush=True)
    time.sleep(60)

branching.start_node = started_and_waiting
tasks.work(read_scope(json.loads(sys.argv[1])), UUID(sys.argv[2]), asking.compile_ask)
"""


def test_worker_killed_between_compiling_and_starting_leaves_no_node(
    scope: Scope, project: Project, database: Database, settings: Settings
) -> None:
    asked = submit(scope, project, SUBSIDY)
    environment = {
        **os.environ,
        "AGENTVERSE_HOME": str(settings.home),
        **database_environment(database.urls),
    }
    document = json.dumps(scope_document(scope))
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, document, str(task_of_subject(scope, asked.id))],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "reached\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    assert asking.read_ask(scope, asked.id).status == "compiling"
    assert nodes(scope, project) == 1
    run_queued_jobs()
    finished = asking.read_ask(scope, asked.id)
    assert (finished.status, nodes(scope, project)) == ("succeeded", 2)
    assert (
        detail(scope, finished.node_id).digest
        == detail(scope, answer(scope, project).node_id).digest
    )


def test_compile_question_holds_no_session_while_it_compiles(
    scope: Scope, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that takes long must take no connection from anybody."""
    held: list[int] = []
    pool = engines.current().engine.pool
    assert isinstance(pool, QueuePool)
    compile_with = compiling.compile_with

    def watched(*arguments: Any) -> compiling.Compiled:
        held.append(pool.checkedout())
        return compile_with(*arguments)

    monkeypatch.setattr(compiling, "compile_with", watched)

    compiling.compile_question(scope, project.id, SUBSIDY)

    assert held == [0]


def test_compile_ask_twice_makes_one_node(scope: Scope, project: Project) -> None:
    asked = submit(scope, project, SUBSIDY)
    work_on(scope, asked.id, asking.compile_ask)
    work_on(scope, asked.id, asking.compile_ask)
    assert nodes(scope, project) == 2


def test_compile_ask_that_cannot_start_its_runs_leaves_no_node(
    scope: Scope, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it or nothing: a failure after the fork takes the fork back."""
    asked = submit(scope, project, SUBSIDY)

    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("no room in the queue")

    monkeypatch.setattr(branching.runs, "start", fail)
    with pytest.raises(RuntimeError):
        work_on(scope, asked.id, asking.compile_ask)
    with tenant_session(scope, read_only=True) as db:
        assert db.scalar(select(func.count()).select_from(NodeRow)) == 1
        assert asking.view(db, asking.repository.get_ask(db, asked.id)).status == "compiling"


def cancel_first_run(scope: Scope, node_id: UUID) -> None:
    with tenant_session(scope) as db:
        latest = launches.latest(db, node_id)
        lifecycle.cancel(db, latest.runs[0].id)


def test_cancelled_branch_has_no_outcome_and_can_be_run_again(
    scope: Scope, project: Project
) -> None:
    asked = submit(scope, project, SUBSIDY)
    work_on(scope, asked.id, asking.compile_ask)
    node_id = asking.read_ask(scope, asked.id).node_id
    assert node_id is not None
    cancel_first_run(scope, node_id)
    run_queued_jobs()
    told = asking.read_ask(scope, asked.id)
    assert told.status == "cancelled"
    assert asking.is_settled(told), "nothing more happens to it by itself"
    assert told.problem is not None
    assert told.problem["code"] == "run_cancelled"
    assert "Run the node again" in str(told.problem["detail"])
    assert "/api/" not in str(told.problem["detail"])
    with tenant_session(scope, read_only=True) as db:
        node = graph.node_detail(db, node_id)
    assert (node.status, node.outcome, node.digest) == ("cancelled", None, None)
    with tenant_session(scope) as db:
        branching.run_node(db, node_id)
    run_queued_jobs()
    assert asking.read_ask(scope, asked.id).status == "succeeded"


def test_run_again_cancelled_keeps_the_outcome_there_was(scope: Scope, project: Project) -> None:
    root = project.root_node_id
    with tenant_session(scope) as db:
        before = graph.node_detail(db, root)
        branching.run_node(db, root)
    cancel_first_run(scope, root)
    run_queued_jobs()
    with tenant_session(scope, read_only=True) as db:
        after = graph.node_detail(db, root)
    assert after.status == "cancelled"
    assert (after.outcome, after.digest) == (before.outcome, before.digest)


def test_run_node_while_it_runs_is_refused(scope: Scope, project: Project) -> None:
    with tenant_session(scope) as db:
        branching.run_node(db, project.root_node_id)
    with pytest.raises(NodeRunning), tenant_session(scope) as db:
        branching.run_node(db, project.root_node_id)


def test_ask_each_value_of_a_sweep_is_one_chart_with_elasticities(
    scope: Scope, project: Project
) -> None:
    question = "What if the installation cost of heat pumps is $600, $900 or $1,200?"
    wire = compiling.compile_question(scope, project.id, question).wire
    assert wire.needs_confirmation
    assert [one.event_scripts[0].value for one in wire.sweep] == [600.0, 900.0, 1200.0]
    asked = [answer(scope, project, one.question) for one in wire.sweep]
    assert nodes(scope, project) == 4, "one node a value, beside the baseline"
    assert asked[1].node_id is not None
    with tenant_session(scope, read_only=True) as db:
        sweep = sweeping.read_sweep(db, asked[1].node_id)
        alone = sweeping.read_sweep(db, project.root_node_id)
    assert (sweep.variable, sweep.alternative, sweep.unit) == ("installation_cost.hp", "hp", "USD")
    assert [point.node_id for point in sweep.points] == [one.node_id for one in asked]
    assert [point.value for point in sweep.points] == pytest.approx([600.0, 900.0, 1200.0])
    medians = [point.outcome.median for point in sweep.points if point.outcome]
    assert medians == sorted(medians, reverse=True)
    first, second = sweep.elasticities
    assert (first.from_value, second.to_value) == (600.0, 1200.0)
    for arc in sweep.elasticities:
        assert arc.low <= arc.median <= arc.high < 0
    assert (alone.variable, alone.points, alone.elasticities) == (None, [], [])
