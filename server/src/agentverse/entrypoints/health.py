"""Is the process alive; can the installation do its work."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agentverse.platform.db import engines, migrating
from agentverse.platform.errors import AgentVerseError, Unavailable
from agentverse.platform.http.router import ContextRouter, public
from agentverse.platform.settings import get_settings
from agentverse.platform.wire import WireModel

router = ContextRouter("health")

WORKER_SEEN = text(
    "SELECT EXISTS (SELECT 1 FROM procrastinate_workers "
    "WHERE last_heartbeat > now() - make_interval(secs => :seconds))"
)


class Health(WireModel):
    status: str
    checks: dict[str, str] = {}  # noqa: RUF012 - pydantic copies defaults


class NotReady(Unavailable):
    code = "not_ready"
    title = "The installation is not ready"


@router.get("/health/live")
@public
def live() -> Health:
    return Health(status="ok")


@router.get("/health/ready")
@public
def ready() -> Health:
    checks = check_all()
    failing = [name for name, state in checks.items() if state != "ok"]
    if failing:
        raise NotReady("; ".join(f"{name}: {checks[name]}" for name in failing), checks=checks)
    return Health(status="ok", checks=checks)


def check_all() -> dict[str, str]:
    try:
        with engines.current().engine.connect() as connection:
            found = migrating.revision(connection)
            worker = found is not None and connection.scalar(
                WORKER_SEEN, {"seconds": get_settings().worker_stale_seconds}
            )
    except (SQLAlchemyError, AgentVerseError):
        return {"database": "cannot be reached; see the server's log"}
    return {
        "database": "ok",
        "migrations": (
            "ok" if found == migrating.head() else f"at {found}; run `agentverse db migrate`"
        ),
        "worker": "ok" if worker else "none seen; run `agentverse worker`",
    }
