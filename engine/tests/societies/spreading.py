"""Societies that something spreads in, and the counts and chances that tests compare."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import agentverse_engine as av

Floats = NDArray[np.float64]
BASS = av.packs.adoption()
THRESHOLD = av.packs.adoption(mechanism="threshold")
COMPLEX = av.packs.adoption(mechanism="complex")
SIR = av.packs.contagion()
SIS = av.packs.contagion(course="sis")


def spreading(
    pack: av.Pack,
    network: av.Network,
    *,
    seeds: NDArray[np.int64] | int = 0,
    attributes: dict[str, Floats] | None = None,
    horizon: int = 20,
    replicates: int = 1,
    seed: int = 11,
    defaults: Mapping[str, float] | None = None,
) -> av.Scenario:
    """Return a scenario of one segment and region; `seeds` (how many, or which rows) start with
    alternative 1."""
    size = len(network)
    choice = np.zeros(size, dtype=np.uint8)
    choice[np.arange(seeds) if isinstance(seeds, int) else seeds] = 1
    population = av.Population(
        segments=("all",),
        regions=("all",),
        segment=np.zeros(size, dtype=np.int16),
        region=np.zeros(size, dtype=np.int16),
        attributes=attributes or {},
        choice=choice,
    )
    return av.Scenario(
        population=population,
        network=network,
        pack=pack,
        variables=_registry(pack, defaults or {}),
        horizon=horizon,
        replicates=replicates,
        seed=seed,
        allow=("isolated_personas",),
    )


def _registry(pack: av.Pack, defaults: Mapping[str, float]) -> tuple[av.Variable, ...]:
    assert set(defaults) <= set(pack.parameters)
    return tuple(
        replace(variable, default=defaults.get(variable.name, variable.default))
        for variable in pack.variables
    )


def counts(scenario: av.Scenario, alternative: int = 1) -> NDArray[np.int64]:
    """Return int64[replicates, horizon+1], the personas who have an alternative."""
    run = av.simulate_ensemble(scenario, threads=1, dense_replicates=0)
    return run.stock[..., alternative].sum(axis=(2, 3)).astype(np.int64)


def binomial(trials: int, chance: float) -> Floats:
    """Return float64[trials+1], the chances of each number of successes."""
    if chance in (0.0, 1.0):
        return np.eye(trials + 1)[round(chance) * trials]
    k = np.arange(trials + 1)
    ways = [math.comb(trials, one) for one in k.tolist()]
    return np.array(ways, dtype=np.float64) * chance**k * (1 - chance) ** (trials - k)


def _stars(sources: int, stars: int = 500) -> tuple[av.Network, int]:
    """Return so many personas (the last rows) who each know `sources` others of their own."""
    centres = np.repeat(np.arange(stars), sources) + stars * sources
    edges = np.stack([np.arange(stars * sources), centres], axis=1)
    return av.network_from_edges(stars * (sources + 1), edges), stars * sources


def caught(pack: av.Pack, sources: int, defaults: Mapping[str, float]) -> tuple[float, float]:
    """Return the share of the centres of stars that change in one tick, and its deviation unit."""
    network, seeds = _stars(sources)
    scenario = spreading(pack, network, seeds=seeds, horizon=1, replicates=40, defaults=defaults)
    changed = counts(scenario)[:, 1] - seeds
    return float(changed.sum()) / (40 * 500), 1 / math.sqrt(40 * 500)


def lonely(
    pack: av.Pack, defaults: Mapping[str, float], *, seeds: int = 0, horizon: int = 6
) -> Floats:
    """Return float64[horizon+1], the share with alternative 1 of 20,000 without neighbours."""
    network = av.network_from_edges(5000, np.zeros((0, 2), dtype=np.int64))
    scenario = spreading(
        pack, network, seeds=seeds, horizon=horizon, replicates=4, defaults=defaults
    )
    return counts(scenario).sum(axis=0) / 20_000
