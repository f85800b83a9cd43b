"""A question: accepted at once, compiled in a job, answered by the runs of the node it makes."""

import re
from typing import Any
from uuid import UUID

from agentverse import audit, llm, universe
from agentverse.asks import compiling, repository
from agentverse.asks.errors import BaselineMissing, QuestionEmpty, QuestionTooLong
from agentverse.asks.models import AskRow
from agentverse.asks.schemas import Ask, AskRequest, AskStatus, CompilationWire, CompileAsk
from agentverse.compiler import MAXIMUM_CHARACTERS
from agentverse.platform.clock import now
from agentverse.platform.db.queries import insert
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import AgentVerseError, FieldError
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.idempotency import check_same_request, digest_of
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.runs import launches
from agentverse.runs.errors import RunCancelled
from agentverse.runs.launches import Launch
from agentverse.universe import ProjectRow, branching

UNCOMPILED = ("queued", "compiling")
SETTLED = ("finished", "failed", "cancelled", "needs_input")


def ask(
    db: TenantSession,
    project_id: UUID,
    request: AskRequest,
    *,
    idempotency_key: str | None = None,
) -> Ask:
    """Question, audit entry and job, committed together."""
    project = universe.get_project(db, project_id)
    digest = digest_of(request, project_id)
    if idempotency_key is not None:
        known = repository.find_ask_by_key(db, idempotency_key)
        if known is not None:
            check_same_request(known.request_digest, digest)
            return view(db, known)
    question = check_question(request.question)
    parent = branching.parent_of(db, project, request.parent_node_id, field="parent_node_id")
    _check_baseline(db, project)
    row = AskRow(
        id=new_id(),
        project_id=project.id,
        parent_node_id=parent.id,
        question=question,
        accept_partial=request.accept_partial,
        status="queued",
        idempotency_key=idempotency_key,
        request_digest=digest,
    )
    if not insert(db, row):
        # The same key at the same moment: by now the other request's row can be read.
        return ask(db, project_id, request, idempotency_key=idempotency_key)
    audit.record(
        db,
        action="ask.create",
        resource_type="ask",
        resource_id=row.id,
        after={"project_id": str(project.id), "question": question},
    )
    enqueue(db, CompileAsk(ask_id=row.id))
    return view(db, row)


def check_question(question: str) -> str:
    text = question.strip()
    if not re.search(r"\w", text):
        raise QuestionEmpty(
            "Write a question, such as “What if the installation cost falls by 10 %?”.",
            errors=[FieldError(field="question", message="has no word")],
        )
    if len(text) > MAXIMUM_CHARACTERS:
        raise QuestionTooLong(
            f"The question has {len(text):,} characters; at most {MAXIMUM_CHARACTERS:,} are read. "
            "Ask about the changes only, in a sentence or two.",
            errors=[
                FieldError(field="question", message=f"at most {MAXIMUM_CHARACTERS:,} characters")
            ],
        )
    return text


def compile_ask(scope: Scope, ask_id: UUID) -> None:
    """Question to scripts, node and runs. May run twice: the row says what is left to do."""
    with tenant_session(scope) as db:
        row = repository.get_ask(db, ask_id, for_update=True)
        if row.status not in UNCOMPILED:
            return
        row.status = "compiling"
    compiled = compiling.compile_question(scope, row.project_id, row.question)
    with tenant_session(scope) as db:
        _settle(db, ask_id, compiled)


def _settle(db: TenantSession, ask_id: UUID, compiled: compiling.Compiled) -> None:
    """One transaction: the compilation, and if it may run, node, edge, scripts and runs."""
    row = repository.get_ask(db, ask_id, for_update=True)
    if row.status not in UNCOMPILED:
        return
    row.compilation = compiled.wire.model_dump(mode="json")
    if not compiled.may_run(accept_partial=row.accept_partial):
        row.status, row.finished_at = "needs_input", now()
        _record_end(db, row)
        return
    project = universe.get_project(db, row.project_id)
    parent = universe.get_node(db, row.parent_node_id)
    inherited = branching.chain_rows(db, parent)
    node = branching.fork(db, parent, compiled.branch(row.question, row.id, inherited))
    branching.start_node(db, project, node, origin_id=row.id)
    row.node_id, row.status = node.id, "running"


def store_failure(scope: Scope, ask_id: UUID, error: Exception) -> None:
    """Keep the problem the API would return."""
    problem = (
        problem_document(error, scope.request_id)
        if isinstance(error, AgentVerseError)
        else unexpected_document(scope.request_id)
    )
    with tenant_session(scope) as db:
        row = repository.get_ask(db, ask_id, for_update=True)
        if row.status in UNCOMPILED:
            row.status, row.problem, row.finished_at = "failed", problem, now()
            _record_end(db, row)


def _record_end(db: TenantSession, row: AskRow) -> None:
    """Of a question that leads to no node; a node and its runs have entries of their own."""
    db.flush()
    audit.record(
        db,
        action="ask.finish",
        resource_type="ask",
        resource_id=row.id,
        after={"project_id": str(row.project_id), "status": row.status},
        outcome="failure" if row.status == "failed" else "success",
    )


def read_ask(scope: Scope, ask_id: UUID) -> Ask:
    with tenant_session(scope, read_only=True) as db:
        return view(db, repository.get_ask(db, ask_id))


def is_settled(found: Ask) -> bool:
    """Nothing more will happen to the question by itself."""
    return found.status in SETTLED


def list_asks(db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int) -> Page[Ask]:
    universe.get_project(db, project_id)
    page = repository.page_asks(db, project_id, cursor=cursor, limit=limit)
    return Page(items=[view(db, row) for row in page.items], next_cursor=page.next_cursor)


def view(db: TenantSession, row: AskRow) -> Ask:
    """The row with what its node's runs say."""
    launch = None if row.node_id is None else launches.of_node(db, row.node_id).latest
    usage = llm.usage(db, origin=row.id)
    return Ask(
        id=row.id,
        project_id=row.project_id,
        question=row.question,
        status=_status(row, launch),
        compilation=None
        if row.compilation is None
        else CompilationWire.model_validate(row.compilation),
        node_id=row.node_id,
        parent_node_id=row.parent_node_id,
        run_ids=[run.id for run in launch.runs] if launch else [],
        progress=launch.progress if launch else 0.0,
        problem=_problem(row, launch),
        llm_calls=usage.calls,
        llm_cost_usd=usage.cost_usd_text,
        created_at=row.created_at,
        finished_at=launch.finished_at if launch else row.finished_at,
    )


def _status(row: AskRow, launch: Launch | None) -> AskStatus:
    if launch is not None:
        return "finished" if launch.status == "explored" else launch.status
    if row.status == "queued":
        return "queued"
    if row.status == "compiling":
        return "compiling"
    return "needs_input" if row.status == "needs_input" else "failed"


def _problem(row: AskRow, launch: Launch | None) -> dict[str, Any] | None:
    if launch is not None and launch.status == "cancelled":
        return problem_document(
            RunCancelled(
                "The run was cancelled, so the node has no new outcome. Run the node again to have "
                "the answer; the question need not be asked again.",
                node_id=str(launch.node_id),
            )
        )
    return row.problem if launch is None else launch.problem


def _check_baseline(db: TenantSession, project: ProjectRow) -> None:
    root = universe.root_of(db, project.id)
    if launches.of_node(db, root.id).explored is None:
        raise BaselineMissing(
            "There is nothing to compare an answer with yet. Run the baseline first: "
            f"POST /api/v1/nodes/{root.id}/run.",
            node_id=str(root.id),
        )
