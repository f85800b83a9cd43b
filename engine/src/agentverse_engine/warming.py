"""Compile every kernel once, so that the first real run does not wait for it."""

import numpy as np

from agentverse_engine.closed_form.shares import expected_shares
from agentverse_engine.execution.simulate import simulate_ensemble
from agentverse_engine.inputs.choice_model import ChoiceModel
from agentverse_engine.inputs.population import Population
from agentverse_engine.networks import homophilous_network, report
from agentverse_engine.numerics.mathematics import exponentials, logarithms
from agentverse_engine.packs import consumer_choice, consumer_choice_variables
from agentverse_engine.scenario.scenario import Scenario


def warm_up() -> None:
    """Run a tiny scenario; seconds when nothing is cached, else a fraction of one."""
    model = ChoiceModel(alternatives=("a", "b"), coefficients={"cost": -1.0}, constants={})
    population = Population(
        segments=("all",),
        regions=("all",),
        segment=np.zeros(8, dtype=np.int16),
        region=np.zeros(8, dtype=np.int16),
        attributes={"cost.a": np.ones(8), "cost.b": np.ones(8)},
        choice=np.zeros(8, dtype=np.uint8),
    )
    groups = {"all": population.region}
    network = homophilous_network(groups, mean_degree=2, odds_ratios={}, seed=0)
    report(network, groups)
    scenario = Scenario(
        population=population,
        network=network,
        pack=consumer_choice(model),
        variables=consumer_choice_variables(
            model,
            attribute_ranges={"cost": (0.0, 10.0)},
            family_labels={"cost": "cost"},
            family_units={"cost": "1"},
            alternative_labels={"a": "a", "b": "b"},
            attribute_source="warm-up",
        ),
        horizon=1,
        replicates=1,
        allow=("isolated_personas",),
    )
    simulate_ensemble(scenario, threads=1)
    expected_shares(scenario)
    exponentials([0.0])
    logarithms([1.0])
