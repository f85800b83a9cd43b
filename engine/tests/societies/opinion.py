"""Societies with opinions: any network, opinions and parameters, or drawn at random."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

import agentverse_engine as av
from agentverse_engine import packs
from agentverse_engine.packs.influence import InfluenceName
from agentverse_engine.rules import VOTER
from societies import ANYTHING
from societies.choice import random_network, random_people, random_scripts

NAMES: tuple[InfluenceName, ...] = tuple(packs.INFLUENCES)
UNIT = 2**24  # steps of an opinion
# The voter model alone: two camps that copy each other.
VOTERS = av.Pack(name="voters", alternatives=("no", "yes"), rules=(VOTER,))


def random_scenario(seed: int) -> av.Scenario:
    """Draw a scenario of 1 to 39 personas, 1 to 6 ticks, 1 to 6 replicates, with eight kernels."""
    draw = np.random.default_rng([2, seed])
    pack = _random_pack(draw, seed)
    people = random_people(draw, alternatives=len(pack.alternatives))
    people = _remembering(packs.completed(people, pack, seed=seed), seed)
    scenario = av.Scenario(
        population=people,
        network=random_network(draw, len(people)),
        pack=pack,
        variables=_random_defaults(draw, pack),
        horizon=int(draw.integers(1, 7)),
        replicates=int(draw.integers(1, 7)),
        seed=int(draw.integers(2**63)),
        social_rules=bool(draw.random() < 0.8),
        allow=ANYTHING,
    )
    return scenario.branch(random_scripts(draw, scenario) if pack.variables else [])


def _remembering(people: av.Population, seed: int) -> av.Population:
    """Every other society holds to opinions other than those it starts with."""
    if seed % 2:
        return people
    held = np.random.default_rng([3, seed]).uniform(0, 1, len(people))
    return replace(people, attributes={**people.attributes, "start_opinion": held})


def _random_pack(draw: np.random.Generator, seed: int) -> av.Pack:
    kind = seed % (len(NAMES) + 2)
    if kind < len(NAMES):
        low, high = np.sort(draw.uniform(0, 1, 2))
        return packs.opinion(NAMES[kind], cut_points=(low, high))
    if kind == len(NAMES):
        return VOTERS
    count = int(draw.integers(1, 5))
    return packs.election(
        parties=tuple("abcd"[:count]), positions=draw.uniform(0, 1, count).tolist()
    )


def _random_defaults(draw: np.random.Generator, pack: av.Pack) -> tuple[av.Variable, ...]:
    return tuple(
        variable
        if variable.default is None
        else replace(variable, default=draw.uniform(variable.minimum, variable.maximum))
        for variable in pack.variables
    )


def gathered(
    pack: av.Pack,
    network: av.Network,
    *,
    opinions: ArrayLike,
    columns: Mapping[str, ArrayLike] | None = None,
    segment: ArrayLike | None = None,
    horizon: int = 1,
    replicates: int = 1,
    seed: int = 5,
    tuning: Mapping[str, float] | None = None,
) -> av.Scenario:
    """Return personas with given opinions float64[n] on a network, in up to two segments.

    tuning: other defaults of the pack's parameters; columns: attributes, which else the pack draws.
    """
    size = len(network)
    codes = np.zeros(size) if segment is None else np.asarray(segment)
    given = {name: np.asarray(values, dtype=float) for name, values in (columns or {}).items()}
    people = av.Population(
        segments=("one", "two"),
        regions=("all",),
        segment=codes.astype(np.int16),
        region=np.zeros(size, dtype=np.int16),
        attributes={"opinion": np.asarray(opinions, dtype=float), **given},
        choice=np.zeros(size, dtype=np.uint8),
    )
    return av.Scenario(
        population=packs.completed(people, pack, seed=seed),
        network=network,
        pack=pack,
        variables=tuned(pack, tuning or {}),
        horizon=horizon,
        replicates=replicates,
        seed=seed,
        allow=("isolated_personas", "empty_groups"),
    )


def tuned(pack: av.Pack, tuning: Mapping[str, float]) -> tuple[av.Variable, ...]:
    """Return the pack's registry with other defaults; a name it does not have is an error."""
    registry = {variable.name: variable for variable in pack.variables}
    for name, value in tuning.items():
        registry[name] = replace(registry[name], default=value)
    return tuple(registry.values())


def last_levels(scenario: av.Scenario, name: str = "opinion") -> NDArray[np.float64]:
    """Run a scenario and return float64[n, replicates], a level at the horizon, as stored."""
    kept: list[av.Checkpoint] = []
    av.simulate_ensemble(scenario, threads=1, keep_checkpoint=kept.append)
    place = scenario.pack.level(name)
    stored = np.concatenate([item.state.levels[place] for item in kept], axis=1)
    return stored / scenario.pack.levels[place].per_unit


def averaging(network: av.Network) -> NDArray[np.float64]:
    """Return float64[n, n], the matrix that takes the neighbours' mean; one's own without any."""
    size = len(network)
    matrix = np.zeros((size, size))
    rows = np.repeat(np.arange(size), network.degrees())
    matrix[rows, network.indices] = 1.0 / network.degrees()[rows]
    alone = network.degrees() == 0
    matrix[alone, alone] = 1.0
    return matrix


def clusters(opinions: NDArray[np.float64], *, apart: float, share: float) -> int:
    """Return how many groups, split where sorted neighbours are `apart`, hold a `share` or more."""
    ordered = np.sort(opinions)
    groups = np.split(ordered, np.flatnonzero(np.diff(ordered) > apart) + 1)
    return sum(group.size >= share * ordered.size for group in groups)
