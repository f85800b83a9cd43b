"""Epidemics: exact chains and closed forms; and what holds for all that spreads.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from societies.spreading import (
    BASS,
    COMPLEX,
    SIR,
    SIS,
    THRESHOLD,
    Floats,
    binomial,
    caught,
    counts,
    spreading,
)

import agentverse_engine as av
from agentverse_engine.networks import complete_network

# ---- epidemics -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sources", [1, 2, 5])
def test_infection_follows_the_number_of_infected_neighbours(sources: int) -> None:
    """1 - (1 - beta)**k with a quarter of contacts avoided; five standard errors, 6e-7."""
    expected = 1 - (1 - 0.75 * 0.2) ** sources
    share, unit = caught(
        SIS, sources, {"infection_chance": 0.2, "contact_reduction": 0.25, "recovery_chance": 0.0}
    )
    assert abs(share - expected) < 5 * unit * math.sqrt(expected * (1 - expected))


def _sir_chain(size: int, infected: int, ticks: int, beta: float, gamma: float) -> Floats:
    """Return float64[size+1, size+1], the exact chances of (susceptible, infected) at the end."""
    now = np.zeros((size + 1, size + 1))
    now[size - infected, infected] = 1.0
    for _ in range(ticks):
        later = np.zeros_like(now)
        for s, i in np.argwhere(now > 0).tolist():
            caught = binomial(s, 1 - (1 - beta) ** i)
            stay = binomial(i, 1 - gamma)
            for new in range(s + 1):
                later[s - new, new : new + i + 1] += now[s, i] * caught[new] * stay
        now = later
    return now


def test_sir_on_a_complete_network_follows_the_exact_chain() -> None:
    """Distribution of the susceptible after 12 ticks among 14, 4000 replicates: chi-square over
    the cells with 5 or more expected, at its mean plus 7 deviations: false alarms below 1e-5."""
    size, replicates = 14, 4000
    chain = _sir_chain(size, 2, 12, 0.06, 0.3)
    scenario = spreading(
        SIR,
        complete_network(size),
        seeds=2,
        horizon=12,
        replicates=replicates,
        defaults={"infection_chance": 0.06, "recovery_chance": 0.3},
    )
    left = np.bincount(counts(scenario, 0)[:, -1], minlength=size + 1)
    expected = chain.sum(axis=1) * replicates
    enough = expected >= 5
    chi_square = ((left - expected)[enough] ** 2 / expected[enough]).sum()
    freedom = enough.sum() - 1
    assert freedom >= 10
    assert chi_square < freedom + 7 * math.sqrt(2 * freedom)


def _fixed_point(start: float, step: Callable[[float], float]) -> float:
    for _ in range(10_000):
        start = step(start)
    return start


def test_sir_final_size_solves_its_equation() -> None:
    """r = 1 - s0 exp(-R0 r), R0 = -n log(1 - beta) / gamma (Kermack & McKendrick 1927): exact for
    endless personas also in discrete time, as who escapes escapes every tick's infected.

    Five standard errors of 400 replicates (t, 399 degrees of freedom): false alarms 9e-7; what 500
    personas differ from endless ones (1/500 in 2000 replicates) is added twice.
    """
    size, beta, gamma = 500, 0.001, 0.25
    scenario = spreading(
        SIR,
        complete_network(size),
        seeds=25,
        horizon=90,
        replicates=400,
        defaults={"infection_chance": beta, "recovery_chance": gamma},
    )
    assert counts(scenario, 1)[:, -1].sum() <= 20
    ever = 1 - counts(scenario, 0)[:, -1] / size
    r0 = -size * math.log(1 - beta) / gamma
    expected = _fixed_point(1.0, lambda r: 1 - 0.95 * math.exp(-r0 * r))
    assert r0 == pytest.approx(2.0, abs=0.01)
    error = 5 * ever.std(ddof=1) / math.sqrt(400) + 2 / size
    assert abs(ever.mean() - expected) < error
    assert error < 0.02


def test_sis_settles_at_its_endemic_level() -> None:
    """gamma i = (1 - i) (1 - (1-beta)**(n i)); as 1 - (1-beta)**k lies between beta k - (beta k)²/2
    and beta k, below 1 - gamma / (beta n) (Hethcote 1976) by at most the bound in the test.

    Five standard errors of 48 replicates (t, 47 degrees of freedom): false alarms 8e-6. What 600
    personas differ from endless ones (1/600 in 1500 replicates) is added twice.
    """
    size, beta, gamma = 600, 0.00025, 0.05
    scenario = spreading(
        SIS,
        complete_network(size),
        seeds=400,
        horizon=80,
        replicates=48,
        defaults={"infection_chance": beta, "recovery_chance": gamma},
    )
    share = counts(scenario)[:, -1] / size
    level = _fixed_point(0.5, lambda i: i + (1 - i) * (1 - (1 - beta) ** (size * i)) - gamma * i)
    simple = 1 - gamma / (beta * size)
    half = beta * size * simple / 2
    assert 0 < simple - level < (1 - simple) * half / (1 - half)
    error = 5 * share.std(ddof=1) / math.sqrt(48) + 2 / size
    assert abs(share.mean() - level) < error
    assert error < 0.03


def test_vaccination_protects_at_its_rate_and_infection_stops() -> None:
    """Everybody vaccinated in the first tick but who is infected in it; then nobody more."""
    scenario = spreading(
        SIR,
        complete_network(50),
        seeds=1,
        horizon=5,
        defaults={"vaccination_rate": 1.0, "recovery_chance": 0.0},
    )
    infected = counts(scenario)[0]
    assert (infected[1:] == infected[1]).all()
    assert counts(scenario, 2)[0, 1] == 50 - infected[1]


def test_vaccinated_shares_are_geometric() -> None:
    """1 - (1-v)**t of 20,000 without contagion, 6 looks at five standard errors: 4e-6."""
    network = av.network_from_edges(5000, np.zeros((0, 2), dtype=np.int64))
    scenario = spreading(SIR, network, horizon=6, replicates=4, defaults={"vaccination_rate": 0.1})
    share = counts(scenario, 2).sum(axis=0) / 20_000
    expected = 1 - 0.9 ** np.arange(7)
    assert (np.abs(share - expected) <= 5 * np.sqrt(expected * (1 - expected) / 20_000)).all()


@pytest.mark.parametrize("pack", [SIR, SIS, COMPLEX])
def test_nothing_spreads_without_a_seed(pack: av.Pack) -> None:
    scenario = spreading(pack, complete_network(60), replicates=3)
    assert not counts(scenario)[:, -1].any()


@pytest.mark.parametrize(
    ("pack", "attributes"),
    [(SIS, {}), (COMPLEX, {}), (THRESHOLD, {"threshold": np.full(60, 0.1)})],
)
def test_nothing_spreads_without_social_rules(pack: av.Pack, attributes: dict[str, Floats]) -> None:
    scenario = spreading(pack, complete_network(60), seeds=30, attributes=attributes, replicates=3)
    assert (counts(scenario)[:, -1] > 30).all() if pack is not SIS else True
    assert (counts(scenario.without_social_rules())[:, -1] <= 30).all()


def test_without_social_rules_bass_is_innovation_alone() -> None:
    network = complete_network(200)
    off = spreading(BASS, network, seeds=50, replicates=3).without_social_rules()
    alone = spreading(BASS, network, seeds=50, replicates=3, defaults={"imitation": 0.0})
    np.testing.assert_array_equal(counts(off), counts(alone))
    assert (counts(off)[:, -1] < counts(replace(off, social_rules=True))[:, -1]).all()


# ---- invariants ---------------------------------------------------------------------------------

PARAMETERS: dict[str, tuple[av.Pack, float]] = {
    "innovation": (BASS, 1.0),
    "imitation": (BASS, 1.0),
    "advertising": (BASS, 1.0),
    "advertising_effect": (BASS, 1.0),
    "price": (BASS, -1.0),
    "first_exposure": (COMPLEX, 1.0),
    "reinforcement": (COMPLEX, 1.0),
    "sources_needed": (COMPLEX, -1.0),
    "infection_chance": (SIR, 1.0),
    "contact_reduction": (SIR, -1.0),
    "vaccination_rate": (SIR, -1.0),
}


def _bits(scenario: av.Scenario) -> NDArray[np.bool_]:
    """Return bool[replicates, horizon+1, n]: who has alternative 1."""
    run = av.simulate_ensemble(scenario, threads=1, dense_replicates=99)
    return np.array(
        [
            [run.state_at(tick, replicate) == 1 for tick in range(scenario.horizon + 1)]
            for replicate in range(scenario.replicates)
        ]
    )


def _small(pack: av.Pack, seed: int, defaults: Mapping[str, float] | None = None) -> av.Scenario:
    network = av.homophilous_network(
        {"all": np.zeros(60, dtype=np.int64)}, mean_degree=5, odds_ratios={}, seed=seed
    )
    thresholds = {"threshold": np.random.default_rng(seed).uniform(0, 0.6, 60)}
    return spreading(
        pack,
        network,
        seeds=6,
        attributes=thresholds,
        horizon=12,
        replicates=3,
        seed=seed,
        defaults=defaults,
    )


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), place=st.integers(0, 2))
def test_adopters_never_fall_without_an_exit_rule(seed: int, place: int) -> None:
    who = _bits(_small((BASS, THRESHOLD, COMPLEX)[place], seed))
    assert (who[:, 1:] >= who[:, :-1]).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    name=st.sampled_from(sorted(PARAMETERS)),
    low=st.floats(0, 1),
    high=st.floats(0, 1),
)
def test_a_stronger_dose_reaches_whom_the_weaker_reaches(
    seed: int, name: str, low: float, high: float
) -> None:
    """Person by person, under common random numbers; without recovery or exit, else somebody who
    was reached earlier may have left again."""
    pack, sign = PARAMETERS[name]
    low, high = sorted((low, high))
    variable = next(one for one in pack.variables if one.name == name)
    width = variable.maximum - variable.minimum
    calm = {"recovery_chance": 0.0} if pack is SIR else {}
    doses = [variable.minimum + width * dose for dose in (low, high)]
    less, more = (_bits(_small(pack, seed, {**calm, name: dose})) for dose in doses)
    assert (more >= less).all() if sign > 0 else (more <= less).all()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), relief=st.floats(0, 0.5))
def test_lower_thresholds_reach_whom_higher_ones_reach(seed: int, relief: float) -> None:
    scenario = _small(THRESHOLD, seed)
    nudge = av.EventScript(variable="threshold", operation="add", value=-relief)
    assert (_bits(scenario.branch([nudge])) >= _bits(scenario)).all()
