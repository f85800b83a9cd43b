"""Worker door of questions and plans."""

from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope
from agentverse.universe import asking, planning
from agentverse.universe.errors import PlanSuperseded
from agentverse.universe.plan_schemas import SearchPlan
from agentverse.universe.schemas import CompileAsk


def _store_failure(scope: Scope, payload: CompileAsk, error: Exception) -> None:
    asking.store_failure(scope, payload.ask_id, error)


@handles(CompileAsk, on_failure=_store_failure)
def compile_ask(scope: Scope, payload: CompileAsk) -> None:
    asking.compile_ask(scope, payload.ask_id)


def _store_plan_failure(scope: Scope, payload: SearchPlan, error: Exception) -> None:
    # The attempt that took over owns the row and its end; this job merely stops.
    if not isinstance(error, PlanSuperseded):
        planning.store_failure(scope, payload.plan_id, error)


@handles(SearchPlan, on_failure=_store_plan_failure)
def search_plan(scope: Scope, payload: SearchPlan) -> None:
    planning.search_plan(scope, payload.plan_id)
