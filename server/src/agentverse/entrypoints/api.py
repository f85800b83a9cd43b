"""The HTTP application: every context's router, the authenticator, problems, the web app."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from agentverse import llm
from agentverse.asks.routes import router as asks_router
from agentverse.audit import record_denial
from agentverse.audit.routes import platform_router as audit_platform_router
from agentverse.audit.routes import router as audit_router
from agentverse.comparisons.routes import router as comparisons_router
from agentverse.entrypoints.health import router as health_router
from agentverse.hybrids.routes import router as hybrids_router
from agentverse.identity import authenticate, cursor_keys, limit_model_call, limit_request, turn_of
from agentverse.identity.routes import router as identity_router
from agentverse.llm.openai_door import OpenAIDoor
from agentverse.llm.routes import admin_router as llm_admin_router
from agentverse.llm.routes import router as llm_router
from agentverse.plans.routes import router as plans_router
from agentverse.platform import limited, pagination, temporary
from agentverse.platform.db import engines
from agentverse.platform.http.body_limit import BodyLimit
from agentverse.platform.http.middleware import RequestBoundary, SecurityHeaders
from agentverse.platform.http.problems import Problem, add_problem_handlers
from agentverse.platform.http.web_app import WebApp
from agentverse.platform.settings import Settings, get_settings
from agentverse.populations.parsing import PRELOADED
from agentverse.populations.routes import router as populations_router
from agentverse.privacy.routes import router as privacy_router
from agentverse.runs.routes import router as runs_router
from agentverse.tasks.routes import router as tasks_router
from agentverse.universe.routes import router as universe_router

TITLE = "AgentVerse"
VERSION = "0.1.0"


ROUTERS: tuple[APIRouter, ...] = (
    identity_router,
    llm_admin_router,
    llm_router,
    populations_router,
    runs_router,
    universe_router,
    comparisons_router,
    asks_router,
    plans_router,
    hybrids_router,
    audit_router,
    tasks_router,
    privacy_router,
    audit_platform_router,
    health_router,
)


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncGenerator[None]:
    engines.refuse_powerful_roles(engines.current())
    limited.start_ahead(PRELOADED)
    temporary.sweep(get_settings().artifacts)
    async with llm.serving():
        yield


def create_app(settings: Settings | None = None) -> FastAPI:
    """Touches no database until it is started, so the contract can be written without one."""
    settings = settings or get_settings()
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Problem}, "5XX": {"model": Problem}},
    )
    pagination.install_keys(cursor_keys)
    app.state.authenticator = authenticate
    app.state.record_denial = record_denial
    app.state.turn_taker = turn_of
    app.state.rate_limiter = limit_request
    add_problem_handlers(app)
    # Outermost last: a crash anywhere below still gets its id, its headers and its problem.
    app.add_middleware(BodyLimit, limit_bytes=settings.body_limit_bytes)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(RequestBoundary)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(
        OpenAIDoor, authenticate=authenticate, limit=limit_model_call, settings=settings
    )
    for router in ROUTERS:
        app.include_router(router)
    # Not a mount, which would answer 404 where the API knows the address under another method.
    app.router.default = WebApp(settings.web_dist)
    app.router.redirect_slashes = False
    return app


def contract() -> dict[str, Any]:
    """The OpenAPI document: what web client and reviewers read."""
    return create_app().openapi()
