"""The same people in another order of rows."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import agentverse_engine as av


def relabelled(scenario: av.Scenario, order: NDArray[np.int64]) -> av.Scenario:
    """Return the scenario with persona order[i] in row i; order: int64[n], a permutation."""
    old, size = scenario.population, len(scenario.population)
    population = replace(
        old,
        segment=old.segment[order],
        region=old.region[order],
        choice=old.choice[order],
        ids=old.ids[order],
        attributes={name: values[order] for name, values in old.attributes.items()},
    )
    place = np.argsort(order)
    rows = np.repeat(np.arange(size), scenario.network.degrees())
    edges = np.stack([place[rows], place[scenario.network.indices]], axis=1)
    network = av.network_from_edges(size, edges[edges[:, 0] < edges[:, 1]])
    return replace(scenario, population=population, network=network)
