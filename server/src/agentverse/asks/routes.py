"""HTTP door of questions, and of the registry they are asked of."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Response

from agentverse.asks import asking, compiling, examples
from agentverse.asks.schemas import Ask, AskRequest, CompilationWire, CompileRequest
from agentverse.platform.http.context_router import ContextRouter, audits, stores_nothing
from agentverse.platform.http.headers import IdempotencyKey
from agentverse.platform.http.places import compiling_places, places
from agentverse.platform.http.rate_limits import rate_class
from agentverse.platform.http.sse import preferred_wait, wait_until
from agentverse.platform.pagination import Page
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


@router.post(
    "/projects/{project_id}/compile",
    dependencies=[Depends(places(compiling_places), scope="function")],
)
@stores_nothing
def compile(  # noqa: A001 - the operation's public name
    scope: ProjectsReader, project_id: UUID, body: CompileRequest
) -> CompilationWire:
    """Question to scripts, or the values of scripts as edited; runs and stores nothing."""
    question = compiling.check_question(body.question)
    if body.event_scripts:
        return compiling.tell_edited(
            scope, project_id, body.event_scripts, parent_node_id=body.parent_node_id
        )
    return compiling.compile_question(
        scope, project_id, question, parent_node_id=body.parent_node_id
    ).wire


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
