"""Watch a run from outside: its state as one small event."""

from uuid import UUID

from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.runs import repository
from agentverse.runs.lifecycle import UNFINISHED
from agentverse.runs.schemas import RunEvent


def read_event(scope: Scope, run_id: UUID) -> RunEvent:
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_run(db, run_id)
    return RunEvent.model_validate(
        {
            "run_id": row.id,
            "status": row.status,
            "tick": row.tick,
            "horizon": row.horizon,
            "digest": row.digest,
            "problem": row.problem,
        }
    )


def is_terminal(event: RunEvent) -> bool:
    return event.status not in UNFINISHED


def event_id(event: RunEvent) -> str:
    """Grows with the run, so `Last-Event-ID` names a state a client has seen."""
    return f"{event.status}-{event.tick}"
