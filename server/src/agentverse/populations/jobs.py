"""Worker door of populations."""

from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope
from agentverse.populations import lifecycle
from agentverse.populations.schemas import BuildPopulation


def _store_failure(scope: Scope, payload: BuildPopulation, error: Exception) -> None:
    lifecycle.fail_import(scope, payload.population_id, error)


@handles(BuildPopulation, on_failure=_store_failure)
def build_population(scope: Scope, payload: BuildPopulation) -> None:
    lifecycle.build_population(scope, payload.population_id)
