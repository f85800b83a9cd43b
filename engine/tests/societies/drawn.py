"""Random draws for random scenarios: of coefficients, constants and parameters."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

import agentverse_engine as av


def with_draws(scenario: av.Scenario, seed: int) -> av.Scenario:
    """Draw about half of what can be drawn, anew for each replicate."""
    draw, count = np.random.default_rng([7, seed]), scenario.replicates
    model = scenario.pack.model
    families = _some(draw, model.coefficients) if model else []
    alternatives = _some(draw, model.alternatives) if model else []
    bounds = {
        item.name: (item.minimum, item.maximum)
        for item in scenario.variables
        if item.default is not None
    }
    return replace(
        scenario,
        draws=av.Draws(
            coefficients={name: draw.normal(size=count) for name in families},
            constants={name: draw.normal(size=count) for name in alternatives},
            parameters={name: draw.uniform(*bounds[name], count) for name in _some(draw, bounds)},
        ),
    )


def that_change_nothing(scenario: av.Scenario) -> av.Draws:
    """Return draws of everything that are what they stand in for: a covariance of zero."""
    count, model = scenario.replicates, scenario.model
    return av.Draws(
        coefficients={name: np.full(count, value) for name, value in model.coefficients.items()},
        constants={
            name: np.full(count, model.constants.get(name, 0.0)) for name in model.alternatives
        },
        parameters={
            item.name: np.full(count, item.default)
            for item in scenario.variables
            if item.default is not None
        },
    )


def _some(draw: np.random.Generator, names: Iterable[str]) -> list[str]:
    return [name for name in names if draw.random() < 0.5]
