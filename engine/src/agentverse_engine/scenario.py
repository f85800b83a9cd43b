"""A scenario: everything a run depends on, checked as a whole and content-hashed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from agentverse_engine.canonical import content_digest
from agentverse_engine.choice_model import ChoiceModel
from agentverse_engine.errors import ScenarioError, VariableError
from agentverse_engine.events import EventScript, validate_scripts
from agentverse_engine.networks import Network
from agentverse_engine.population import Population
from agentverse_engine.rng import seed_key
from agentverse_engine.variables import PARAMETERS, Variable

SEMANTICS = 1  # rises when the same scenario gives other numbers on purpose
LONGEST_HORIZON = 100_000
MOST_REPLICATES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Scenario:
    """Population, network, model, registry and scripts, over `horizon` ticks and `replicates`.

    With `social_rules` off there is neither conformity nor loss aversion, whatever scripts say.
    """

    population: Population
    network: Network
    model: ChoiceModel
    variables: tuple[Variable, ...]
    event_scripts: tuple[EventScript, ...] = ()
    horizon: int = 36
    seed: int = 20
    replicates: int = 20
    social_rules: bool = True
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        _check_counts(self)
        _check_people(self)
        _check_registry(self.variables, self.model)
        _check_attribute_values(self)
        validate_scripts(
            self.event_scripts,
            variables=self.variables,
            segments=self.population.segments,
            regions=self.population.regions,
            horizon=self.horizon,
        )
        object.__setattr__(self, "digest", _digest(self))

    def __repr__(self) -> str:
        rules = "with" if self.social_rules else "without"
        return (
            f"Scenario({len(self.population):,} personas, {self.horizon} ticks, "
            f"{self.replicates} replicates, {len(self.event_scripts)} event scripts, "
            f"{rules} social rules, seed {self.seed}, {self.digest[:12]})"
        )

    def branch(self, event_scripts: Sequence[EventScript]) -> "Scenario":
        """Return this scenario with more scripts; it shares every random number with this one."""
        return replace(self, event_scripts=(*self.event_scripts, *event_scripts))

    def without_social_rules(self) -> "Scenario":
        """Return this scenario with conformity and loss aversion switched off."""
        return replace(self, social_rules=False)


def _check_counts(scenario: Scenario) -> None:
    for name, value, most in (
        ("horizon", scenario.horizon, LONGEST_HORIZON),
        ("replicates", scenario.replicates, MOST_REPLICATES),
    ):
        if not 1 <= value <= most:
            raise ScenarioError(
                f"is {value}.", field=name, fix=f"Use a whole number from 1 to {most}."
            )
    seed_key(scenario.seed)


def _check_people(scenario: Scenario) -> None:
    population, alternatives = scenario.population, scenario.model.alternatives
    if len(scenario.network) != len(population):
        raise ScenarioError(
            f"joins {len(scenario.network)} personas, the population has {len(population)}.",
            field="network",
            fix="Build the network over this population.",
        )
    bad = np.flatnonzero(population.choice >= len(alternatives))
    if bad.size:
        raise ScenarioError(
            f"is {population.choice[bad[0]]} in row {bad[0]}; "
            f"there are {len(alternatives)} alternatives.",
            field="population.choice",
            fix=f"Use indices from 0 to {len(alternatives) - 1}.",
        )


def _check_registry(variables: Sequence[Variable], model: ChoiceModel) -> None:
    names = [variable.name for variable in variables]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise VariableError(
            f"holds {', '.join(repeated)} twice.", field="variables", fix="Name each once."
        )
    needed = {name for row in model.attribute_names() for name in row} | set(PARAMETERS)
    for name in sorted(needed - set(names)):
        raise VariableError(
            "is missing from the registry.",
            field=name,
            fix="Build the registry with consumer_choice_variables.",
        )
    for name in sorted(set(names) - needed):
        raise VariableError(
            "is in the registry, but no rule reads it.",
            field=name,
            fix="Remove it, or add its family to the choice model.",
        )


def _check_attribute_values(scenario: Scenario) -> None:
    for variable in scenario.variables:
        if variable.kind == "parameter":
            continue
        if variable.name not in scenario.population.attributes:
            raise ScenarioError(
                "is no attribute of the population.",
                field=variable.name,
                fix="Add one value per persona.",
            )
        values = scenario.population.attributes[variable.name]
        outside = np.flatnonzero((values < variable.minimum) | (values > variable.maximum))
        if outside.size:
            raise ScenarioError(
                f"is {values[outside[0]]:g} in row {outside[0]}, outside its range "
                f"{variable.minimum:g} to {variable.maximum:g} ({outside.size} such rows).",
                field=variable.name,
                fix="Correct these rows or widen the variable's range.",
            )


def _digest(scenario: Scenario) -> str:
    model = scenario.model
    labels = {
        "semantics": SEMANTICS,
        "population": scenario.population.digest,
        "network": scenario.network.digest,
        "alternatives": model.alternatives,
        "coefficients": [[name, float(value)] for name, value in model.coefficients.items()],
        "constants": sorted([name, float(value)] for name, value in model.constants.items()),
        "variables": [_variable_terms(variable) for variable in scenario.variables],
        "event_scripts": [_script_terms(script) for script in scenario.event_scripts],
        "horizon": scenario.horizon,
        "seed": scenario.seed,
        "replicates": scenario.replicates,
        "social_rules": scenario.social_rules,
    }
    return content_digest("scenario", labels=labels, arrays={})


def _variable_terms(variable: Variable) -> list[object]:
    """What of a variable changes numbers: its words do not."""
    default = None if variable.default is None else float(variable.default)
    return [variable.name, float(variable.minimum), float(variable.maximum), default]


def _script_terms(script: EventScript) -> list[object]:
    scope, profile = script.scope, script.intensity
    return [
        script.variable,
        script.operation,
        float(script.value),
        [sorted(scope.regions), sorted(scope.segments), scope.start_tick, scope.end_tick],
        [profile.kind, profile.duration_ticks, profile.half_life_ticks, profile.lag_ticks],
        float(script.probability),
        script.label,
    ]
