"""Worker door of questions, plans and runs with actors."""

from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope
from agentverse.universe import asking, inquiries, planning, reacting
from agentverse.universe.hybrid_schemas import SimulateHybrid
from agentverse.universe.plan_schemas import SearchPlan
from agentverse.universe.schemas import CompileAsk


def _store_failure(scope: Scope, payload: CompileAsk, error: Exception) -> None:
    asking.store_failure(scope, payload.ask_id, error)


@handles(CompileAsk, on_failure=_store_failure)
def compile_ask(scope: Scope, payload: CompileAsk) -> None:
    asking.compile_ask(scope, payload.ask_id)


def _store_plan_failure(scope: Scope, payload: SearchPlan, error: Exception) -> None:
    inquiries.store_failure(scope, inquiries.PLANS, payload.plan_id, error)


@handles(SearchPlan, on_failure=_store_plan_failure)
def search_plan(scope: Scope, payload: SearchPlan) -> None:
    planning.search_plan(scope, payload.plan_id)


def _store_hybrid_failure(scope: Scope, payload: SimulateHybrid, error: Exception) -> None:
    inquiries.store_failure(scope, inquiries.HYBRIDS, payload.hybrid_id, error)


@handles(SimulateHybrid, on_failure=_store_hybrid_failure)
def simulate_hybrid(scope: Scope, payload: SimulateHybrid) -> None:
    reacting.simulate(scope, payload.hybrid_id)
