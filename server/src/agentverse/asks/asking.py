"""A question: accepted at once, compiled in a job, answered by the runs of the node it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID

from agentverse import llm, tasks, universe
from agentverse.asks import compiling, repository
from agentverse.asks.errors import BaselineMissing
from agentverse.asks.models import AskRow
from agentverse.asks.schemas import Ask, AskRequest, AskStatus, CompilationWire, CompileAsk
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.http.problems import problem_document
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.request_digests import digest_of
from agentverse.platform.scope import Scope
from agentverse.runs import launches
from agentverse.runs.errors import RunCancelled
from agentverse.runs.launches import Launch
from agentverse.tasks import Attempt, Store, Task, TaskKind
from agentverse.universe import NodeRow, ProjectRow, branching
from agentverse.universe.event_schemas import EventScriptWire
from agentverse.universe.schemas import CompilerChoice

SETTLED = ("succeeded", "failed", "cancelled", "needs_input")

ASKS: Final = tasks.declare(
    TaskKind(
        name="ask",
        subject_type="ask",
        noun="question",
        payload=CompileAsk,
        read_permission="projects:read",
        write_permission="projects:write",
        longest_seconds=60.0,
    )
)


def ask(
    db: TenantSession,
    project_id: UUID,
    request: AskRequest,
    *,
    idempotency_key: str | None = None,
) -> Ask:
    """Question, audit entry and job, committed together.

    Raises BaselineMissing while the project's baseline has no finished run, EventScriptInvalid for
    a confirmed change that cannot be.
    """
    project = universe.get_project(db, project_id)
    ask_id = new_id()
    digest = digest_of(request, project_id)
    earlier_id = tasks.made_before(db, idempotency_key, digest, resource_id=ask_id)
    if earlier_id is not None:
        return view(db, repository.get_ask(db, earlier_id))
    question = compiling.check_question(request.question)
    parent = branching.parent_of(db, project, request.parent_node_id, field="parent_node_id")
    _check_baseline(db, project)
    row = AskRow(
        id=ask_id,
        project_id=project.id,
        parent_node_id=parent.id,
        question=question,
        accept_partial=request.accept_partial,
        compiler=compiling.chosen_reader(project, request.compiler),
        confirmed=_confirmed(db, project, parent, request),
    )
    db.add(row)
    db.flush()
    sentences = [script.sentence for script in _wires(row)]
    tasks.enter(
        db,
        ASKS,
        ask_id,
        title=question,
        project_id=project.id,
        after={
            "project_id": str(project.id),
            "question": question,
            **({"confirmed": sentences} if sentences else {}),
        },
    )
    return view(db, row)


def _confirmed(
    db: TenantSession, project: ProjectRow, parent: NodeRow, request: AskRequest
) -> list[dict[str, Any]] | None:
    if not request.event_scripts:
        return None
    confirmed = compiling.confirm(db, project, parent, request.event_scripts)
    return [script.model_dump(mode="json") for script in confirmed]


def compile_ask(attempt: Attempt) -> Store:
    """Question to scripts, node and runs; its task ends when the runs are queued."""
    with tenant_session(attempt.scope, read_only=True) as db:
        row = repository.get_ask(db, attempt.subject_id)
    compiled = compiling.compile_question(
        attempt.scope,
        row.project_id,
        row.question,
        parent_node_id=row.parent_node_id,
        # What is confirmed runs in place of any reading, so that none is paid for.
        choice="rules" if row.confirmed else cast("CompilerChoice", row.compiler),
        origin=row.id,
    )
    compiled = replace(compiled, confirmed=tuple(_wires(row)))

    def settle(db: TenantSession) -> Mapping[str, str]:
        return _settle(db, attempt.subject_id, compiled)

    return settle


def _settle(db: TenantSession, ask_id: UUID, compiled: compiling.Compiled) -> Mapping[str, str]:
    """One transaction: the compilation, and if it may run, node, edge, scripts and runs."""
    row = repository.get_ask(db, ask_id, for_update=True)
    row.compilation = compiled.wire.model_dump(mode="json")
    if compiled.may_run(accept_partial=row.accept_partial):
        project = universe.get_project(db, row.project_id)
        parent = universe.get_node(db, row.parent_node_id)
        inherited = branching.chain_rows(db, parent)
        node = branching.fork(db, parent, compiled.branch(row.question, row.id, inherited))
        branching.start_node(db, project, node, origin_id=row.id)
        row.node_id = node.id
    answer = "needs_input" if row.node_id is None else "node"
    return {"project_id": str(row.project_id), "answer": answer}


def read_ask(scope: Scope, ask_id: UUID) -> Ask:
    with tenant_session(scope, read_only=True) as db:
        return view(db, repository.get_ask(db, ask_id))


def is_settled(wire: Ask) -> bool:
    """Nothing more will happen to the question by itself."""
    return wire.status in SETTLED


def list_asks(db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int) -> Page[Ask]:
    universe.get_project(db, project_id)
    page = repository.page_asks(db, project_id, cursor=cursor, limit=limit)
    return Page(items=_views(db, page.items), next_cursor=page.next_cursor)


def view(db: TenantSession, row: AskRow) -> Ask:
    """The row with what its task and its node's runs say."""
    return _views(db, [row])[0]


def _views(db: TenantSession, rows: Sequence[AskRow]) -> list[Ask]:
    compilations = tasks.latest(db, [row.id for row in rows])
    nodes = launches.of_nodes(db, [row.node_id for row in rows if row.node_id is not None])
    usages = llm.usage_of_each(db, [row.id for row in rows])
    return [
        _view(
            row,
            compilations[row.id],
            nodes[row.node_id].latest if row.node_id else None,
            usages[row.id],
        )
        for row in rows
    ]


def _view(row: AskRow, task: Task, launch: Launch | None, usage: llm.Usage) -> Ask:
    return Ask(
        id=row.id,
        project_id=row.project_id,
        question=row.question,
        status=_status(task, launch),
        compilation=None
        if row.compilation is None
        else CompilationWire.model_validate(row.compilation),
        confirmed=_wires(row),
        node_id=row.node_id,
        parent_node_id=row.parent_node_id,
        run_ids=[run.id for run in launch.runs] if launch else [],
        progress=launch.progress if launch else 0.0,
        problem=_problem(task, launch),
        llm_calls=usage.calls,
        llm_cost_usd=usage.cost_usd_text,
        created_at=row.created_at,
        finished_at=launch.finished_at if launch else task.finished_at,
    )


def _wires(row: AskRow) -> list[EventScriptWire]:
    return [EventScriptWire.model_validate(script) for script in row.confirmed or ()]


def _status(task: Task, launch: Launch | None) -> AskStatus:
    if launch is not None:
        return "succeeded" if launch.status == "explored" else launch.status
    if task.status == "succeeded":
        return "needs_input"
    return "compiling" if task.status == "running" else task.status


def _problem(task: Task, launch: Launch | None) -> dict[str, Any] | None:
    if launch is not None and launch.status == "cancelled":
        return problem_document(
            RunCancelled(
                "The run was cancelled, so the node has no new outcome. Run the node again to have "
                "the answer; the question need not be asked again.",
                node_id=str(launch.node_id),
            )
        )
    return task.problem if launch is None else launch.problem


def _check_baseline(db: TenantSession, project: ProjectRow) -> None:
    root = universe.root_of(db, project.id)
    if launches.of_node(db, root.id).explored is None:
        raise BaselineMissing(
            "There is nothing to compare an answer with yet. Run the baseline first: "
            f"POST /api/v1/nodes/{root.id}/run.",
            node_id=str(root.id),
        )
