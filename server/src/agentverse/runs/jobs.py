"""Worker door of runs."""

from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope
from agentverse.runs import executing
from agentverse.runs.errors import Superseded
from agentverse.runs.schemas import ExecuteRun


def _store_failure(scope: Scope, payload: ExecuteRun, error: Exception) -> None:
    # The attempt that took over owns the row and its end; this job merely stops.
    if not isinstance(error, Superseded):
        executing.store_failure(scope, payload.run_id, error)


@handles(ExecuteRun, on_failure=_store_failure)
def execute_run(scope: Scope, payload: ExecuteRun) -> None:
    executing.execute_run(scope, payload.run_id)
