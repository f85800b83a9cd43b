"""Random small societies that earn, spend and save, and one that is fixed."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import agentverse_engine as av
from agentverse_engine.packs import completed, consumption
from societies import ANYTHING
from societies.choice import (
    UNCHANGED,
    random_defaults,
    random_network,
    random_people,
    random_scripts,
)
from societies.crowd import crowd

PACK = consumption()
SHARES = {"unconstrained": 0.7, "hand_to_mouth": 0.3}


def random_scenario(seed: int) -> av.Scenario:
    """Draw a scenario of 1 to 39 personas, 1 to 7 ticks, 1 to 6 replicates; one kernel."""
    draw = np.random.default_rng([2, seed])
    people = random_people(draw, alternatives=2)
    if draw.random() < 0.5:  # some without income, without spending, in debt, or very rich
        people = replace(people, attributes={**people.attributes, **_money(draw, len(people))})
    scenario = av.Scenario(
        population=completed(people, PACK, seed=seed),
        network=random_network(draw, len(people)),
        pack=PACK,
        variables=random_defaults(draw, PACK.variables),
        horizon=int(draw.integers(1, 8)),
        replicates=int(draw.integers(1, 7)),
        seed=int(draw.integers(2**63)),
        social_rules=bool(draw.random() < 0.8),
        allow=ANYTHING,
    )
    return scenario.branch(random_scripts(draw, scenario))


def households(
    size: int = 400,
    *,
    event_scripts: tuple[av.EventScript, ...] = (),
    horizon: int = 24,
    choice: int | None = None,
    mean_degree: float = 8,
    social_rules: bool = True,
    defaults: Mapping[str, float] = UNCHANGED,
) -> av.Scenario:
    """Make a society of one segment and one region, 30 % hand-to-mouth or all alike."""
    people = crowd(size, choice or 0)
    population = completed(people, PACK, seed=5, shares=SHARES if choice is None else None)
    groups = {"all": population.region}
    return av.Scenario(
        population=population,
        network=av.homophilous_network(groups, mean_degree=mean_degree, odds_ratios={}, seed=1),
        pack=PACK,
        variables=tuple(
            replace(variable, default=defaults.get(variable.name, variable.default))
            for variable in PACK.variables
        ),
        event_scripts=event_scripts,
        horizon=horizon,
        replicates=1,
        social_rules=social_rules,
        allow=("isolated_personas",),
    )


def _money(draw: np.random.Generator, size: int) -> dict[str, NDArray[np.float64]]:
    return {
        "income": np.where(draw.random(size) < 0.2, 0.0, draw.uniform(0, 1e6, size)),
        "spending": np.where(draw.random(size) < 0.2, 0.0, draw.uniform(0, 1e6, size)),
        "wealth": draw.uniform(-2e7, 2e7, size) * draw.choice([0.01, 1.0], size),
    }
