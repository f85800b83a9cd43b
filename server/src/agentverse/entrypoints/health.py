"""Is the process alive; can the installation do its work."""

from agentverse.platform.db import readiness
from agentverse.platform.errors import Unavailable
from agentverse.platform.http.context_router import ContextRouter, counts_alone, public
from agentverse.platform.settings import get_settings
from agentverse.platform.wire import WireModel

router = ContextRouter("health")


class Health(WireModel):
    status: str
    checks: dict[str, str] = {}  # noqa: RUF012 - pydantic copies defaults


class NotReady(Unavailable):
    code = "not_ready"
    title = "The installation is not ready"


@router.get("/health/live")
@counts_alone
@public
def live() -> Health:
    return Health(status="ok")


@router.get("/health/ready")
@counts_alone
@public
def ready() -> Health:
    """Takes a place as every request does: where none is free in time, this says so."""
    checks = readiness.check(worker_stale_seconds=get_settings().worker_stale_seconds)
    failing = [name for name, state in checks.items() if state != readiness.OK]
    if failing:
        raise NotReady("; ".join(f"{name}: {checks[name]}" for name in failing), checks=checks)
    return Health(status="ok", checks=checks)
