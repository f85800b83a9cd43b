"""Worker door of runs with actors."""

from agentverse.hybrids import executing
from agentverse.hybrids.life import HYBRIDS
from agentverse.hybrids.schemas import SimulateHybrid
from agentverse.plans import inquiries
from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope


def _store_hybrid_failure(scope: Scope, payload: SimulateHybrid, error: Exception) -> None:
    inquiries.store_failure(scope, HYBRIDS, payload.hybrid_id, error)


@handles(SimulateHybrid, on_failure=_store_hybrid_failure)
def simulate_hybrid(scope: Scope, payload: SimulateHybrid) -> None:
    executing.simulate(scope, payload.hybrid_id)
