"""Factories of scenarios: one fixed society, and any number of random small ones."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from societies import ANYTHING

import agentverse_engine as av
from agentverse_engine.inputs.events import Operation, ProfileKind

# A busy machine is no failure: no example has a deadline, and drawing one may take its time.
settings.register_profile(
    "without time", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("without time")

ALTERNATIVES = ("gas", "wood", "pump")


def _variables(model: av.ChoiceModel, **defaults: float) -> tuple[av.Variable, ...]:
    registry = av.consumer_choice_variables(
        model,
        attribute_ranges=dict.fromkeys(model.coefficients, (-20.0, 20.0)),
        family_labels={family: family for family in model.coefficients},
        family_units=dict.fromkeys(model.coefficients, "USD"),
        alternative_labels={name: name for name in model.alternatives},
        attribute_source="drawn for a test",
    )
    return tuple(
        replace(variable, default=defaults.get(variable.name, variable.default))
        for variable in registry
    )


def _society(
    size: int = 2000,
    *,
    mean_degree: float = 8,
    replacement_rate: float = 0.2,
    conformity: float = 1.5,
    loss_aversion: float = 2.0,
    coefficient: float = -0.8,
    event_scripts: tuple[av.EventScript, ...] = (),
    horizon: int = 6,
    replicates: int = 4,
    seed: int = 7,
    social_rules: bool = True,
) -> av.Scenario:
    """Make a society of two segments and two regions with evenly spread costs."""
    rows = np.arange(size)
    model = av.ChoiceModel(
        alternatives=ALTERNATIVES, coefficients={"cost": coefficient}, constants={"wood": 0.3}
    )
    population = av.Population(
        segments=("poor", "rich"),
        regions=("north", "south"),
        segment=(rows % 2).astype(np.int16),
        region=(rows // 2 % 2).astype(np.int16),
        attributes={
            f"cost.{name}": 1.0 + position + (rows * 7 % 11) / 11
            for position, name in enumerate(ALTERNATIVES)
        },
        choice=(rows % 3).astype(np.uint8),
    )
    groups = {"region": population.region}
    return av.Scenario(
        population=population,
        network=av.homophilous_network(
            groups, mean_degree=mean_degree, odds_ratios={"region": 4}, seed=1
        ),
        pack=av.consumer_choice(model),
        variables=_variables(
            model,
            replacement_rate=replacement_rate,
            conformity=conformity,
            loss_aversion=loss_aversion,
        ),
        event_scripts=event_scripts,
        horizon=horizon,
        replicates=replicates,
        seed=seed,
        social_rules=social_rules,
        allow=("isolated_personas",),
    )


def _random_script(
    draw: np.random.Generator, variables: tuple[av.Variable, ...], scenario: av.Scenario
) -> av.EventScript:
    variable = variables[draw.integers(len(variables))]
    operations: tuple[Operation, ...] = ("set", "add", "multiply", "min", "max")
    operation = operations[draw.integers(5)]
    width = variable.maximum - variable.minimum
    value = {
        "add": draw.uniform(-0.5, 0.5) * width,
        "multiply": draw.uniform(0, 2),
    }.get(operation, draw.uniform(variable.minimum, variable.maximum))
    start = int(draw.integers(0, scenario.horizon + 1))
    end = int(draw.integers(start, scenario.horizon + 1)) if draw.random() < 0.5 else None
    kinds: tuple[ProfileKind, ...] = (
        "step",
        "pulse",
        "linear_decay",
        "exponential_decay",
        "lagged",
    )
    kind = kinds[draw.integers(2 if operation in ("min", "max") else 5)]
    population = scenario.population
    return av.EventScript(
        variable=variable.name,
        operation=operation,
        value=float(value),
        scope=av.Scope(
            regions=population.regions[:1] if draw.random() < 0.5 else (),
            segments=population.segments[-1:] if draw.random() < 0.5 else (),
            start_tick=start,
            end_tick=end,
        ),
        intensity=av.IntensityProfile(
            kind=kind,
            duration_ticks=3 if kind == "linear_decay" else None,
            half_life_ticks=1.5 if kind == "exponential_decay" else None,
            lag_ticks=3 if kind == "lagged" else None,
        ),
        probability=float(draw.choice([1.0, 0.5, 0.0], p=[0.6, 0.3, 0.1])),
    )


def _random_scenario(seed: int) -> av.Scenario:
    """Draw a small scenario that uses anything the engine offers."""
    draw = np.random.default_rng(seed)
    size = int(draw.integers(1, 40))
    count = int(draw.integers(2, 6))
    model = av.ChoiceModel(
        alternatives=tuple("abcde"[:count]),
        coefficients={f"f{family}": draw.normal() for family in range(draw.integers(0, 3))},
        constants={name: draw.normal() for name in "abcde"[: count - 1]},
    )
    segments, regions = int(draw.integers(1, 4)), int(draw.integers(1, 4))
    population = av.Population(
        segments=tuple(f"s{label}" for label in range(segments)),
        regions=tuple(f"r{label}" for label in range(regions)),
        segment=draw.integers(0, segments, size).astype(np.int16),
        region=draw.integers(0, regions, size).astype(np.int16),
        attributes={
            name: draw.uniform(-3, 3, size) for row in model.attribute_names() for name in row
        },
        choice=draw.integers(0, count, size).astype(np.uint8),
        ids=draw.choice(2**32, size, replace=False).astype(np.uint32),
    )
    pairs = np.stack(np.triu_indices(size, k=1), axis=1)
    edges = pairs[draw.random(len(pairs)) < 0.15]
    variables = _variables(
        model,
        replacement_rate=float(draw.choice([0.0, 0.3, 1.0], p=[0.1, 0.6, 0.3])),
        conformity=draw.uniform(0, 3),
        loss_aversion=draw.uniform(1, 4),
    )
    scenario = av.Scenario(
        population=population,
        network=av.network_from_edges(size, edges),
        pack=av.consumer_choice(model),
        variables=variables,
        horizon=int(draw.integers(1, 7)),
        replicates=int(draw.integers(1, 7)),
        seed=int(draw.integers(2**63)),
        social_rules=bool(draw.random() < 0.8),
        allow=ANYTHING,
    )
    scripts = [_random_script(draw, variables, scenario) for _ in range(draw.integers(0, 6))]
    return scenario.branch(scripts)


@pytest.fixture(scope="session")
def society() -> Callable[..., av.Scenario]:
    return _society


@pytest.fixture(scope="session")
def random_scenario() -> Callable[[int], av.Scenario]:
    return _random_scenario
