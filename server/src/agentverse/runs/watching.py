"""Watch a run from outside: its state as one small event."""

from uuid import UUID

from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.runs import listing
from agentverse.runs.schemas import RunEvent
from agentverse.tasks import UNFINISHED


def read_event(scope: Scope, run_id: UUID) -> RunEvent:
    with tenant_session(scope, read_only=True) as db:
        run = listing.get_run(db, run_id)
    return RunEvent(
        run_id=run.id,
        status=run.status,
        tick=run.tick,
        horizon=run.horizon,
        digest=run.digest,
        problem=run.problem,
    )


def is_terminal(event: RunEvent) -> bool:
    return event.status not in UNFINISHED


def event_id(event: RunEvent) -> str:
    """Grows with the run, so `Last-Event-ID` names a state a client has seen."""
    return f"{event.status}-{event.tick}"
