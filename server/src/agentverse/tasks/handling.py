"""The worker's side: claim, run the handler, store its result where the task ends."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.jobs import registry
from agentverse.platform.scope import Scope
from agentverse.tasks import lifecycle
from agentverse.tasks.errors import TaskCancelled
from agentverse.tasks.kinds import TaskKind
from agentverse.tasks.lifecycle import Attempt
from agentverse.tasks.schemas import TaskPayload

# Writes the result in the transaction that ends the task; what it returns the audit entry tells.
Store = Callable[[TenantSession], Mapping[str, Any] | None]
Handler = Callable[[Attempt], Store]


def handles(kind: TaskKind) -> Callable[[Handler], Handler]:
    """Declare `fn(attempt)` as what does the work of a kind.

    It computes with no transaction open and returns how to store its result. It may run twice for
    one task. It raises TaskCancelled when it was told to stop, any other error as it is.
    """

    def register(handler: Handler) -> Handler:
        def run(scope: Scope, payload: TaskPayload) -> None:
            work(scope, payload.task_id, handler)

        registry.handles(kind.payload, on_failure=_fail, longest_seconds=kind.longest_seconds)(run)
        return handler

    return register


def work(scope: Scope, task_id: UUID, handler: Handler) -> None:
    """Do one attempt. The task decides whether anything is left to do."""
    attempt = lifecycle.claim(scope, task_id)
    if attempt is None:
        return
    store: Store | None = None
    done: int | None = None
    try:
        store = handler(attempt)
    except TaskCancelled as cancelled:
        done = cancelled.done
    except Exception:
        # A worker that was thought dead must not end what another is doing, not even by failing.
        lifecycle.check_owned(attempt)
        raise
    with tenant_session(scope) as db:
        row = lifecycle.owned(db, attempt)
        row.done = row.done if done is None else done
        if store is None or row.cancel_requested:
            # Whoever asked was told that it will be cancelled: that holds to the last moment.
            lifecycle.close(db, row, "cancelled")
        else:
            lifecycle.close(db, row, "succeeded", after=store(db))


def _fail(scope: Scope, payload: TaskPayload, error: Exception) -> None:
    # Text where the payload could not be validated; whatever else it holds, it names its task.
    lifecycle.fail(scope, UUID(str(payload.task_id)), error)
