"""HTTP door of questions, and of the registry they are asked of."""

from collections.abc import Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Header, Response
from fastapi.concurrency import run_in_threadpool

from agentverse.asks import asking, compiling, examples, sweeping
from agentverse.asks.compiling import Compiled
from agentverse.asks.schemas import Ask, AskRequest, CompilationWire, CompileRequest, Sweep
from agentverse.platform.http.context_router import ContextRouter, audits, stores_nothing
from agentverse.platform.http.headers import IdempotencyKey
from agentverse.platform.http.places import compiling_places, turn
from agentverse.platform.http.rate_limits import rate_class
from agentverse.platform.http.sse import preferred_wait, wait_until
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.universe.permissions import (
    ProjectsReader,
    ProjectsWatcher,
    ReadProjects,
    WriteProjects,
)
from agentverse.universe.schemas import VariableRegistry

router = ContextRouter("asks")


@router.get("/projects/{project_id}/variables")
def list_variables(db: ReadProjects, project_id: UUID) -> VariableRegistry:
    return examples.list_variables(db, project_id)


@router.post("/projects/{project_id}/compile")
@stores_nothing
async def compile(  # noqa: A001 - the operation's public name
    scope: ProjectsReader, project_id: UUID, body: CompileRequest
) -> CompilationWire:
    """Question to scripts, or the values of scripts as edited; runs and stores nothing."""
    async with compiling_places.hold(turn.get()):
        compiled = await run_in_threadpool(_compile, scope, project_id, body)
    if isinstance(compiled, CompilationWire):
        return compiled
    # Waiting for a model takes no processor, and no place from those who need one.
    return await run_in_threadpool(lambda: compiled().wire)


def _compile(
    scope: Scope, project_id: UUID, body: CompileRequest
) -> CompilationWire | Callable[[], Compiled]:
    """The compilation by the rules; what is left to do where a model is to read on."""
    question = compiling.check_question(body.question)
    if body.event_scripts:
        return compiling.tell_edited(
            scope, project_id, body.event_scripts, parent_node_id=body.parent_node_id
        )
    asked = compiling.read_project(scope, project_id, body.parent_node_id)
    reader = compiling.chosen_reader(asked.project, body.compiler)
    compiled = compiling.read_by_rules(asked, question, reader)
    return partial(compiling.read_on, scope, asked, question, compiled, reader)


@router.post("/projects/{project_id}/ask", status_code=202)
@audits("ask.create")
@rate_class("ask")
def ask(
    db: WriteProjects,
    project_id: UUID,
    body: AskRequest,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Ask:
    accepted = asking.ask(db, project_id, body, idempotency_key=idempotency_key)
    response.headers["Location"] = f"/api/v1/asks/{accepted.id}"
    return accepted


@router.get("/projects/{project_id}/asks")
def list_asks(
    db: ReadProjects, project_id: UUID, cursor: str | None = None, limit: int = 50
) -> Page[Ask]:
    return asking.list_asks(db, project_id, cursor=cursor, limit=limit)


@router.get("/nodes/{node_id}/sweep")
def read_sweep(db: ReadProjects, node_id: UUID) -> Sweep:
    """This node beside those that give the same variable another value: outcomes, elasticity."""
    return sweeping.read_sweep(db, node_id)


@router.get("/asks/{ask_id}")
async def get_ask(
    watcher: ProjectsWatcher, ask_id: UUID, prefer: Annotated[str | None, Header()] = None
) -> Ask:
    """Long poll with `Prefer: wait=30`."""
    return await wait_until(
        partial(_read_ask, watcher, ask_id), asking.is_settled, seconds=preferred_wait(prefer)
    )


def _read_ask(watcher: ProjectsWatcher, ask_id: UUID) -> Ask:
    return asking.read_ask(watcher.scope(), ask_id)
