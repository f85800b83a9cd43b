"""Exact laws that the rules must reproduce, each computed here in another way.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

from itertools import product
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.opinion import gathered
from societies.spreading import SIR, THRESHOLD, spreading

import agentverse_engine as av
from agentverse_engine import networks, packs

Floats = NDArray[np.float64]
CHAIN = [[0, 1], [1, 2], [2, 0], [2, 3], [3, 4], [4, 1]]


def ever_infected(scenario: av.Scenario) -> NDArray[np.int64]:
    """Return int64[R], how many were infected in all; the course is over."""
    stock = av.simulate_ensemble(scenario, threads=1).stock[:, -1].sum(axis=(1, 2))
    assert (stock[:, 1] == 0).all()
    return stock[:, 2]


def reed_frost(susceptible: int, infected: int, chance: float) -> Floats:
    """Return float64[susceptible + 1], the law of how many more fall ill (Lefèvre & Picard 1990):
    the triangular equations sum_j C(m - j, k - j) P_j / q^((m - k) (i + j)) = C(m, k)."""
    escape = 1.0 - chance
    law = np.zeros(susceptible + 1)
    for k in range(susceptible + 1):
        power = escape ** (susceptible - k)
        known = sum(
            comb(susceptible - j, k - j) * law[j] / power ** (infected + j) for j in range(k)
        )
        law[k] = (comb(susceptible, k) - known) * power ** (infected + k)
    return law


def test_final_size_follows_the_law_of_reed_and_frost() -> None:
    """Everybody recovers after one tick; each probability within 4.5 binomial errors of 4,000
    replicates: nine of them fail once in 16,000 times."""
    size, chance, replicates = 9, 0.2, 4000
    scenario = spreading(
        SIR,
        networks.complete_network(size),
        seeds=1,
        horizon=20,
        replicates=replicates,
        defaults={"infection_chance": chance, "recovery_chance": 1.0},
    )
    found = np.bincount(ever_infected(scenario) - 1, minlength=size) / replicates
    law = reed_frost(size - 1, 1, chance)
    assert law.sum() == pytest.approx(1.0)
    errors = np.sqrt(law * (1.0 - law) / replicates)
    assert (np.abs(found - law) <= 4.5 * errors + 1e-12).all()


def test_an_epidemic_of_one_tick_is_bond_percolation() -> None:
    """Whom it reaches is the seed's part of the graph when each edge is kept with the chance of
    infection (Mollison 1977; Newman 2002): all 64 subsets of six edges. 4 errors of 4,000."""
    chance, replicates = 0.4, 4000
    law = np.zeros(6)
    for kept in product((0, 1), repeat=len(CHAIN)):
        edges = [edge for edge, one in zip(CHAIN, kept, strict=True) if one]
        reached = {0}
        for _ in CHAIN:
            reached |= {end for edge in edges if reached & set(edge) for end in edge}
        law[len(reached)] += chance ** sum(kept) * (1.0 - chance) ** (len(CHAIN) - sum(kept))
    scenario = spreading(
        SIR,
        av.network_from_edges(5, CHAIN),
        seeds=1,
        horizon=8,
        replicates=replicates,
        defaults={"infection_chance": chance, "recovery_chance": 1.0},
    )
    found = np.bincount(ever_infected(scenario), minlength=6) / replicates
    assert (np.abs(found - law) <= 4.0 * np.sqrt(law * (1.0 - law) / replicates) + 1e-12).all()


def test_the_peak_comes_when_kermack_and_mckendrick_say() -> None:
    """di/dt = beta s i - gamma i, by steps of a hundredth of a tick; 800 who all meet, 2.5 by one.
    The mean course of 8 replicates peaks within 3 ticks and 8 % of the height."""
    size, seeds, beta, gamma = 800, 40, 0.05, 0.02
    s, i = 1.0 - seeds / size, seeds / size
    course = [i]
    for step in range(1, 120 * 100 + 1):
        s, i = s - beta * s * i / 100, i + (beta * s * i - gamma * i) / 100
        if step % 100 == 0:
            course.append(i)
    scenario = spreading(
        SIR,
        networks.complete_network(size),
        seeds=seeds,
        horizon=120,
        replicates=8,
        defaults={"infection_chance": beta / (size - 1), "recovery_chance": gamma},
    )
    found = av.simulate_ensemble(scenario, threads=1).shares()[:, :, 1].mean(axis=0)
    assert abs(int(found.argmax()) - int(np.argmax(course))) <= 3
    assert found.max() == pytest.approx(max(course), rel=0.08)


@pytest.mark.parametrize(("threshold", "reached"), [(0.25, 40), (0.25 + 1e-9, 1), (0.5, 1)])
def test_thresholds_on_a_regular_graph_hold_at_equality(threshold: float, reached: int) -> None:
    """On a ring where everybody has four neighbours one is a quarter of them (Watts 2002)."""
    rows = np.arange(40)
    ring = np.concatenate([np.stack([rows, (rows + step) % 40], axis=1) for step in (1, 2)])
    scenario = spreading(
        THRESHOLD,
        av.network_from_edges(40, ring),
        seeds=1,
        horizon=40,
        attributes={"threshold": np.full(40, threshold)},
    )
    assert av.simulate(scenario).stock[0, -1].sum(axis=(0, 1))[1] == reached


def test_degroot_agrees_as_fast_as_its_second_eigenvalue() -> None:
    """Once it is alone, the part along the second eigenvector shrinks by |lambda_2| a tick."""
    size, weight = 30, 0.3
    rows = np.arange(size)
    network = av.network_from_edges(size, np.stack([rows, (rows + 1) % size], axis=1))
    matrix = np.zeros((size, size))
    matrix[rows, (rows + 1) % size] = matrix[rows, (rows - 1) % size] = (1.0 - weight) / 2.0
    matrix[rows, rows] = weight
    second = np.sort(np.abs(np.linalg.eigvalsh(matrix)))[-2]
    wave = 0.5 + 0.4 * np.cos(2.0 * np.pi * rows / size)
    scenario = gathered(
        packs.opinion("degroot"),
        network,
        opinions=wave,
        horizon=60,
        tuning={"self_weight": weight},
    )
    run = av.simulate(scenario)
    spread = [np.ptp(run.level_at("opinion", tick)) for tick in (10, 40)]
    # Recorded to a 255th of the range: 0.8 second^10 has 5 % of it at most as rounding.
    assert spread[1] / spread[0] == pytest.approx(second**30, rel=0.06)


def test_voters_take_as_long_to_agree_as_the_exact_chain() -> None:
    """Expected ticks to consensus solve (I - Q) t = 1; 4 standard errors of 2,000 replicates."""
    size, replicates = 10, 2000
    chances = np.zeros((size + 1, size + 1))
    for yes in range(size + 1):
        stay = _binomial(yes, (yes - 1) / (size - 1)) if yes else np.ones(1)
        turn = _binomial(size - yes, yes / (size - 1)) if yes < size else np.ones(1)
        chances[yes] = np.convolve(stay, turn)
    inner = chances[1:-1, 1:-1]
    expected = np.linalg.solve(np.eye(size - 1) - inner, np.ones(size - 1))[size // 2 - 1]
    pack = av.Pack(name="voters", alternatives=("no", "yes"), rules=(av.rules.VOTER,))
    scenario = spreading(
        pack,
        networks.complete_network(size),
        seeds=size // 2,
        horizon=150,
        replicates=replicates,
    )
    yes = av.simulate_ensemble(scenario, threads=1).stock[..., 1].sum(axis=(2, 3))
    agreed = (yes == 0) | (yes == size)
    assert agreed[:, -1].all()
    times = agreed.argmax(axis=1)
    assert times.mean() == pytest.approx(expected, abs=4.0 * times.std() / np.sqrt(replicates))


def _binomial(count: int, chance: float) -> Floats:
    return np.array(
        [comb(count, k) * chance**k * (1 - chance) ** (count - k) for k in range(count + 1)]
    )
