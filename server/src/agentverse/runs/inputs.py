"""A run's inputs to the engine's scenario: frozen population, registry, scripts, seed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from agentverse import populations
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations import Snapshot
from agentverse.runs import repository, templates
from agentverse.runs.models import RunRow
from agentverse.runs.templates import Choice, choice_of
from agentverse_engine import (
    EventScript,
    PlausibilityCheck,
    Population,
    Scenario,
    Variable,
)

SCRIPTS: Final = TypeAdapter(tuple[EventScript, ...])
# A customer's file is what it is: a drawn network leaves some of many without a neighbour, and
# resampling can leave a small group without people. A script may be for such a group, and its
# entry in the ledger counts nobody. None of it is a reason to fail a run.
ALLOWED: Final[tuple[PlausibilityCheck, ...]] = (
    "isolated_personas",
    "empty_groups",
    "idle_scripts",
)


def choice_of_run(row: RunRow) -> Choice:
    return choice_of(row.domain_template, row.template_options, row.start_shares)


def build_scenario(scope: Scope, row: RunRow) -> Scenario:
    return scenario_of(
        populations.load_snapshot(scope, row.population_id),
        choice_of_run(row),
        event_scripts=SCRIPTS.validate_python(row.event_scripts),
        parameters=row.parameters,
        horizon=row.horizon,
        seed=row.seed,
        replicates=row.replicates,
        social_rules=row.variant == "with_social_rules",
    )


def scenario_of(
    snapshot: Snapshot,
    choice: Choice,
    *,
    event_scripts: Sequence[EventScript],
    parameters: Mapping[str, float],
    horizon: int,
    seed: int,
    replicates: int,
    social_rules: bool,
) -> Scenario:
    made = templates.made(snapshot, choice)
    return Scenario(
        population=templates.population_of(snapshot, choice, seed),
        network=snapshot.network,
        pack=made.pack,
        variables=with_parameters(made.variables, parameters),
        event_scripts=tuple(event_scripts),
        horizon=horizon,
        seed=seed,
        replicates=replicates,
        social_rules=social_rules,
        allow=ALLOWED,
    )


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
