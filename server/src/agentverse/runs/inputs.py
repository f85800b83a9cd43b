"""A run's inputs to the engine's scenario: frozen population, registry, scripts, seed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from agentverse import populations
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations import Snapshot
from agentverse.runs import repository
from agentverse.runs.selection import build_template
from agentverse.runs.spec import RunSpec
from agentverse.runs.starting_points import resting_population
from agentverse_engine import (
    PlausibilityCheck,
    Population,
    Scenario,
    Variable,
)
from agentverse_engine.closed_form import expectation
from agentverse_engine.estimation import LogitFit
from agentverse_engine.execution.recalibrating import with_shifts

# A customer's file is what it is: a drawn network leaves some of many without a neighbour, and
# resampling can leave a small group without people. A script may be for such a group, and its
# entry in the ledger counts nobody. None of it is a reason to fail a run.
ALLOWED: Final[tuple[PlausibilityCheck, ...]] = (
    "isolated_personas",
    "empty_groups",
    "idle_scripts",
)


def scenario_of(
    snapshot: Snapshot,
    spec: RunSpec,
    *,
    social_rules: bool,
    shifts: Mapping[str, float] | None = None,
) -> Scenario:
    """snapshot: of the spec's population; shifts: added to the constants of the alternatives.

    Raises what the engine says of inputs that it cannot run.
    """
    built = build_template(snapshot, spec.template)
    variables = with_parameters(built.variables, spec.parameters)
    scenario = Scenario(
        population=resting_population(
            snapshot, spec.template, variables, seed=spec.seed, social_rules=social_rules
        ),
        network=snapshot.network,
        pack=built.pack,
        variables=variables,
        event_scripts=spec.event_scripts,
        horizon=spec.horizon,
        seed=spec.seed,
        replicates=spec.replicates,
        social_rules=social_rules,
        allow=ALLOWED,
    )
    shifted = with_shifts(scenario, shifts) if shifts else scenario
    return with_estimation(shifted, snapshot.choice_fit) if spec.estimation else shifted


def with_estimation(scenario: Scenario, fit: LogitFit) -> Scenario:
    """Each replicate with coefficients of its own: what the fit leaves open, around the model."""
    names = tuple(fit.coefficients)
    draws = expectation.estimation_draws(scenario, names, fit.covariance)
    return replace(scenario, draws=draws)


def with_parameters(
    variables: Sequence[Variable], parameters: Mapping[str, float]
) -> tuple[Variable, ...]:
    """The registry with a project's own values in place of the defaults."""
    return tuple(
        replace(variable, default=float(parameters[variable.name]))
        if variable.name in parameters
        else variable
        for variable in variables
    )


def population_of_run(scope: Scope, run_id: UUID) -> Population:
    with tenant_session(scope, read_only=True) as db:
        population_id = repository.get_run(db, run_id).population_id
    return populations.load_snapshot(scope, population_id).population
