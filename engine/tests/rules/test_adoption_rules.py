"""Thresholds, complex contagion and Bass: published examples, exact chains, closed forms.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

import math

import numpy as np
import pytest
from societies.spreading import (
    BASS,
    COMPLEX,
    THRESHOLD,
    Floats,
    binomial,
    caught,
    counts,
    lonely,
    spreading,
)

import agentverse_engine as av
from agentverse_engine.networks import complete_network, lattice, small_world

# ---- thresholds ---------------------------------------------------------------------------------


def test_uniform_thresholds_make_everybody_act_one_after_the_other() -> None:
    """Granovetter 1978: thresholds of 0, 1, … 99 others in a crowd of 100."""
    thresholds = np.arange(100) / 99
    scenario = spreading(
        THRESHOLD, complete_network(100), attributes={"threshold": thresholds}, horizon=105
    )
    np.testing.assert_array_equal(counts(scenario)[0], np.minimum(np.arange(106), 100))


def test_one_threshold_moved_from_one_to_two_leaves_a_single_actor() -> None:
    """Granovetter 1978: nobody is moved by one other any more."""
    thresholds = np.arange(100) / 99
    thresholds[1] = 2 / 99
    scenario = spreading(
        THRESHOLD, complete_network(100), attributes={"threshold": thresholds}, horizon=105
    )
    np.testing.assert_array_equal(counts(scenario)[0, 1:], 1)


@pytest.mark.parametrize(
    ("mean_degree", "inside"), [(0.5, False), (2.0, True), (4.0, True), (9.0, False)]
)
def test_single_seeds_cascade_only_within_the_window(mean_degree: float, inside: bool) -> None:
    """Watts 2002, thresholds of 0.18 on random networks: sum k (k-1) p_k over k < 1/0.18 > z.

    Ten seeds each. Inside, some move the greater part; outside none moves 2 %.
    """
    k = np.arange(60)
    poisson = np.exp(k * math.log(mean_degree) - mean_degree) / [math.factorial(int(i)) for i in k]
    vulnerable = k <= 1 / 0.18
    assert ((k * (k - 1) * poisson)[vulnerable].sum() > mean_degree) == inside
    network = av.homophilous_network(
        {"all": np.zeros(2000, dtype=np.int64)}, mean_degree=mean_degree, odds_ratios={}, seed=2
    )
    sizes = [
        counts(
            spreading(
                THRESHOLD,
                network,
                seeds=np.array([start]),
                attributes={"threshold": np.full(2000, 0.18)},
                horizon=60,
            )
        )[0, -1]
        / 2000
        for start in range(0, 2000, 200)
    ]
    assert (max(sizes) > 0.5) if inside else (max(sizes) < 0.02)


# ---- complex and simple contagion ---------------------------------------------------------------


def _reach(network: av.Network, sources: float, horizon: int) -> float:
    """Return the share reached from one persona and its neighbours, where enough sources convince
    for certain."""
    begin, end = network.indptr[1275:1277]
    seeds = np.append(network.indices[begin:end].astype(np.int64), 1275)
    scenario = spreading(
        COMPLEX,
        network,
        seeds=seeds,
        horizon=horizon,
        defaults={"first_exposure": 1.0, "sources_needed": sources},
    )
    return float(counts(scenario)[0, -1]) / len(network)


def test_complex_contagion_spreads_farther_on_a_clustered_lattice() -> None:
    """Centola & Macy 2007, Centola 2010: 8 neighbours each, two sources needed.

    On the random network the 9 seeds' 60 outward links meet in about one persona of 2500.
    """
    clustered = lattice(50, 50, neighbourhood="moore")
    random = small_world(2500, degree=8, rewiring=1.0, seed=3)
    assert _reach(clustered, sources=2, horizon=60) == 1.0
    assert _reach(random, sources=2, horizon=60) < 0.05


def test_simple_contagion_spreads_faster_on_a_random_network() -> None:
    """One source suffices: in 4 ticks (2 * 5 + 1)² of the lattice, nearly all of the other."""
    clustered = lattice(50, 50, neighbourhood="moore")
    random = small_world(2500, degree=8, rewiring=1.0, seed=3)
    assert _reach(clustered, sources=1, horizon=4) == pytest.approx(121 / 2500)
    assert _reach(random, sources=1, horizon=4) > 0.9


@pytest.mark.parametrize("sources", [1, 2, 3, 6])
def test_exposures_convince_as_the_product_says(sources: int) -> None:
    """Binomial over 20,000 personas, five standard errors: false alarms 6e-7."""
    expected = 1 - 0.95 * 0.85 ** (sources - 1)
    share, unit = caught(
        COMPLEX, sources, {"first_exposure": 0.05, "reinforcement": 3.0, "sources_needed": 1.0}
    )
    assert abs(share - expected) < 5 * unit * math.sqrt(expected * (1 - expected))


def test_one_source_never_convinces_where_two_are_needed() -> None:
    assert caught(COMPLEX, 1, {"first_exposure": 1.0})[0] == 0.0
    assert caught(COMPLEX, 2, {"first_exposure": 1.0})[0] == 1.0


# ---- Bass ---------------------------------------------------------------------------------------


def _closed_form(years: Floats, p: float, q: float) -> Floats:
    decay = np.exp(-(p + q) * years)
    return (1 - decay) / (1 + q / p * decay)


def _bass_chain(size: int, ticks: int, p: float, q: float, tick_years: float) -> Floats:
    """Return float64[ticks+1, size+1], the exact distribution of the adopters on a complete
    network: each of the others adopts with 1 - exp(-(p + q A/(n-1)) dt)."""
    chances = 1 - np.exp(-(p + q * np.arange(size + 1) / (size - 1)) * tick_years)
    steps = np.zeros((size + 1, size + 1))
    for adopted in range(size + 1):
        steps[adopted, adopted:] = binomial(size - adopted, float(chances[adopted]))
    rows = [np.eye(size + 1)[0]]
    for _ in range(ticks):
        rows.append(rows[-1] @ steps)
    return np.array(rows)


def test_bass_on_a_complete_network_follows_the_exact_chain() -> None:
    """Mean adopters at every of 60 months, five standard errors of the exact variance: false
    alarms 60 * 6e-7 at most. Rates high, so that the months differ."""
    size, replicates = 80, 6000
    scenario = spreading(
        BASS,
        complete_network(size),
        horizon=60,
        replicates=replicates,
        defaults={"innovation": 0.05, "imitation": 0.8},
    )
    chain = _bass_chain(size, 60, 0.05, 0.8, 1 / 12)
    people = np.arange(size + 1)
    mean = chain @ people
    error = np.sqrt((chain @ people**2 - mean**2) / replicates)
    assert (np.abs(counts(scenario).mean(axis=0) - mean)[1:] < 5 * error[1:]).all()
    assert mean[-1] > 0.75 * size


def test_bass_on_a_complete_network_is_the_closed_form() -> None:
    """F(t) = (1 - exp(-(p+q) t)) / (1 + q/p exp(-(p+q) t)) (Bass 1969).

    Held within a tick, the hazard is at most that of F, and at least 1 - q dt of it: the curve
    lies between F((1 - q dt) t) and F(t). Six standard errors of 24 replicates (t, 23 degrees
    of freedom: 4e-6 each), at 8 yearly looks: false alarms 4e-5. What 1000 personas differ from
    endless ones (1.4/n in the exact chains of 250 and 500) is added as 2/n.
    """
    size, p, q = 1000, 0.03, 0.38
    adopted = counts(spreading(BASS, complete_network(size), horizon=96, replicates=24, seed=5))[
        :, 12::12
    ]
    years = np.arange(1.0, 9.0)
    error = 6 * adopted.std(axis=0, ddof=1) / (size * math.sqrt(24)) + 2 / size
    share = adopted.mean(axis=0) / size
    assert (share < _closed_form(years, p, q) + error).all()
    assert (share > _closed_form((1 - q / 12) * years, p, q) - error).all()
    assert error.max() < 0.05


def test_discrete_bass_converges_to_the_closed_form_as_ticks_shorten() -> None:
    """The mean recursion's largest gap over 15 years halves with the tick: a method of order 1."""

    def gap(ticks_per_year: int) -> float:
        share, gaps = 0.0, [0.0]
        for tick in range(1, 15 * ticks_per_year + 1):
            share += (1 - share) * -math.expm1(-(0.03 + 0.38 * share) / ticks_per_year)
            years = np.array([tick / ticks_per_year])
            gaps.append(float(_closed_form(years, 0.03, 0.38)[0]) - share)
        assert min(gaps) >= 0
        return max(gaps)

    gaps = [gap(ticks) for ticks in (1, 12, 24, 48)]
    assert gaps[1] < 0.01 < gaps[0] < 0.12
    assert gaps[2] / gaps[1] == pytest.approx(0.5, abs=0.02)
    assert gaps[3] / gaps[2] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("defaults", "effort"),
    [
        ({}, 1.0),
        ({"price": 0.5}, 2**1.76),
        ({"price": 2.0, "price_elasticity": 1.0}, 0.5),
        ({"advertising": 100.0}, 1.315),
        ({"advertising": 300.0, "advertising_effect": 2.0, "price": 0.5}, 2.5 * 2**1.76),
    ],
)
def test_lonely_personas_adopt_at_the_rate_of_innovation_and_effort(
    defaults: dict[str, float], effort: float
) -> None:
    """1 - exp(-p x t) over 20,000, 6 correlated looks at five standard errors: 4e-6."""
    expected = 1 - np.exp(-0.03 * effort * np.arange(7) / 12)
    share = lonely(BASS, defaults)
    error = np.sqrt(expected * (1 - expected) / 20_000)
    assert (np.abs(share - expected) <= 5 * error).all()


def test_advertising_at_half_saturation_has_the_published_elasticity() -> None:
    """0.12 (Sethuraman, Tellis & Briesch 2011): d ln x / d ln A = e A K / ((K+A)² x), here /4x."""
    effect = {one.name: one.default for one in BASS.variables}["advertising_effect"]
    assert effect is not None
    assert effect / 4 / (1 + effect / 2) == pytest.approx(0.12, abs=1e-3)


def test_adopters_give_up_at_the_rate_of_abandonment() -> None:
    """exp(-a t) of 20,000, 6 correlated looks at five standard errors: 4e-6."""
    expected = np.exp(-1.2 * np.arange(7) / 12)
    share = lonely(BASS, {"innovation": 0.0, "abandonment": 1.2}, seeds=5000)
    error = np.sqrt(expected * (1 - expected) / 20_000)
    assert (np.abs(share - expected) <= 5 * error).all()


def test_who_adopts_in_a_tick_does_not_give_up_in_it() -> None:
    """a' = a (1 - g) + (1 - a) h of 20,000, 6 correlated looks at five standard errors: 4e-6."""
    adopts, gives_up = -math.expm1(-0.05 * 100 / 12), -math.expm1(-2.4 / 12)
    expected = [0.0]
    for _ in range(6):
        expected.append(expected[-1] * (1 - gives_up) + (1 - expected[-1]) * adopts)
    share = lonely(
        BASS, {"innovation": 0.05, "price": 0.01, "price_elasticity": 1.0, "abandonment": 2.4}
    )
    error = np.sqrt(np.array(expected) * (1 - np.array(expected)) / 20_000)
    assert (np.abs(share - expected) <= 5 * error).all()


@pytest.mark.parametrize("ticks_per_year", [1, 4, 52])
def test_a_year_is_a_year_whatever_the_tick(ticks_per_year: int) -> None:
    """1 - exp(-p) after one year; five standard errors, 6e-7."""
    pack = av.packs.adoption(ticks_per_year=ticks_per_year)
    share = lonely(pack, {}, horizon=ticks_per_year)[-1]
    expected = 1 - math.exp(-0.03)
    assert abs(share - expected) < 5 * math.sqrt(expected * (1 - expected) / 20_000)
