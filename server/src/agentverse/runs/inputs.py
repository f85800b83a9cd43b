"""A run's inputs to the engine's scenario: frozen population, registry, scripts, seed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from agentverse import populations
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations import Snapshot
from agentverse.runs import repository
from agentverse.runs.models import RunRow
from agentverse_engine import (
    EventScript,
    Population,
    Scenario,
    Variable,
    consumer_choice,
    consumer_choice_variables,
    generous_range,
)

SCRIPTS: Final = TypeAdapter(tuple[EventScript, ...])


def build_scenario(scope: Scope, row: RunRow) -> Scenario:
    return scenario_of(
        populations.load_snapshot(scope, row.population_id),
        event_scripts=SCRIPTS.validate_python(row.event_scripts),
        parameters=row.parameters,
        horizon=row.horizon,
        seed=row.seed,
        replicates=row.replicates,
        social_rules=row.variant == "with_social_rules",
    )


def scenario_of(
    snapshot: Snapshot,
    *,
    event_scripts: Sequence[EventScript],
    parameters: Mapping[str, float],
    horizon: int,
    seed: int,
    replicates: int,
    social_rules: bool,
) -> Scenario:
    return Scenario(
        population=snapshot.population,
        network=snapshot.network,
        pack=consumer_choice(snapshot.model),
        variables=with_parameters(registry_of(snapshot), parameters),
        event_scripts=tuple(event_scripts),
        horizon=horizon,
        seed=seed,
        replicates=replicates,
        social_rules=social_rules,
    )


@lru_cache(maxsize=8)
def registry_of(snapshot: Snapshot) -> tuple[Variable, ...]:
    """The one registry: attributes from the population's own columns, parameters of the rules."""
    mapping, matrix = snapshot.mapping, snapshot.population.attributes
    columns = {
        family.name: [matrix[f"{family.name}.{name}"] for name in snapshot.model.alternatives]
        for family in mapping.families
    }
    return consumer_choice_variables(
        snapshot.model,
        attribute_ranges={name: generous_range(values) for name, values in columns.items()},
        family_labels={family.name: family.label for family in mapping.families},
        family_units={family.name: family.unit for family in mapping.families},
        alternative_labels={item.value: item.label for item in mapping.alternatives},
        attribute_source=snapshot.source,
        synonyms={family.name: family.synonyms for family in mapping.families},
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
