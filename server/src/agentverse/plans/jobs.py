"""Worker door of plans."""

from agentverse.plans import executing, inquiries
from agentverse.plans.schemas import SearchPlan
from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope


def _store_plan_failure(scope: Scope, payload: SearchPlan, error: Exception) -> None:
    inquiries.store_failure(scope, inquiries.PLANS, payload.plan_id, error)


@handles(SearchPlan, on_failure=_store_plan_failure)
def search_plan(scope: Scope, payload: SearchPlan) -> None:
    executing.search_plan(scope, payload.plan_id)
