"""Engine scenarios without a database."""

from dataclasses import replace

import numpy as np

from agentverse_engine import (
    ChoiceModel,
    EventScript,
    Network,
    Population,
    Scenario,
    consumer_choice,
    consumer_choice_variables,
    networks,
)

ALTERNATIVES = ("a", "b", "c")


def make_population(personas: int = 500, *, seed: int = 3) -> Population:
    """Whole-number costs, so that several personas are alike, as after resampling."""
    draw = np.random.default_rng(seed)
    return Population(
        segments=("poor", "rich"),
        regions=("north", "south"),
        segment=draw.integers(0, 2, personas, dtype=np.int16),
        region=draw.integers(0, 2, personas, dtype=np.int16),
        attributes={
            f"cost.{name}": draw.integers(1, 6, personas).astype(float) for name in ALTERNATIVES
        },
        choice=draw.integers(0, 3, personas).astype(np.uint8),
    )


def make_scenario(
    *,
    personas: int = 500,
    horizon: int = 12,
    replicates: int = 8,
    replacement_rate: float = 0.1,
    event_scripts: tuple[EventScript, ...] = (),
    social_rules: bool = True,
    media: bool = False,
) -> Scenario:
    population = make_population(personas)
    model = ChoiceModel(
        alternatives=ALTERNATIVES, coefficients={"cost": -0.5}, constants={"a": 0.4, "b": -0.3}
    )
    variables = consumer_choice_variables(
        model,
        attribute_ranges={"cost": (0.0, 60.0)},
        family_labels={"cost": "cost"},
        family_units={"cost": "USD"},
        alternative_labels={name: name for name in ALTERNATIVES},
        attribute_source="test",
        media=media,
    )
    rated = tuple(
        replace(item, default=replacement_rate) if item.name == "replacement_rate" else item
        for item in variables
    )
    return Scenario(
        population=population,
        network=make_network(population),
        pack=consumer_choice(model, media=media),
        variables=rated,
        event_scripts=event_scripts,
        horizon=horizon,
        seed=7,
        replicates=replicates,
        social_rules=social_rules,
        allow=("isolated_personas",),
    )


def make_network(population: Population) -> Network:
    groups = {"region": population.region, "segment": population.segment}
    return networks.homophilous_network(
        groups, mean_degree=6, odds_ratios={"region": 2.0, "segment": 1.5}, seed=5
    )
