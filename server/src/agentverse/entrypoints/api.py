"""The HTTP application: every context's router, the authenticator, problems, the web app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec

from fastapi import APIRouter, FastAPI

from agentverse.identity import authenticate
from agentverse.identity.routes import router as identity_router
from agentverse.platform.db import engines
from agentverse.platform.http.problems import Problem, add_problem_handlers

TITLE = "AgentVerse"
VERSION = "0.1.0"


def routers() -> list[APIRouter]:
    found: list[APIRouter] = [identity_router]
    for context in ("populations", "runs", "universe"):
        if find_spec(f"agentverse.{context}.routes") is not None:
            found.append(import_module(f"agentverse.{context}.routes").router)
    return found


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    with engines.current().engine.connect() as connection:
        engines.refuse_powerful_role(connection)
    yield


def create_app() -> FastAPI:
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Problem}, "5XX": {"model": Problem}},
    )
    app.state.authenticator = authenticate
    add_problem_handlers(app)
    for router in routers():
        app.include_router(router)
    return app
