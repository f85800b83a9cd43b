"""What adoption and contagion must reproduce: published examples, closed forms, exact chains.

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

import agentverse_engine as av
from agentverse_engine.networks import complete_network, lattice, small_world

Floats = NDArray[np.float64]
BASS = av.packs.adoption()
THRESHOLD = av.packs.adoption(mechanism="threshold")
COMPLEX = av.packs.adoption(mechanism="complex")
SIR = av.packs.contagion()
SIS = av.packs.contagion(course="sis")


def _scenario(
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
    """One segment, one region; `seeds` (how many, or their rows) start as alternative 1."""
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
    )


def _registry(pack: av.Pack, defaults: Mapping[str, float]) -> tuple[av.Variable, ...]:
    assert set(defaults) <= set(pack.parameters)
    return tuple(
        replace(variable, default=defaults.get(variable.name, variable.default))
        for variable in pack.variables
    )


def _counts(scenario: av.Scenario, alternative: int = 1) -> NDArray[np.int64]:
    """Return int64[replicates, horizon+1], the personas who have an alternative."""
    run = av.simulate_ensemble(scenario, threads=1, dense_replicates=0)
    return run.stock[..., alternative].sum(axis=(2, 3)).astype(np.int64)


def _binomial(trials: int, chance: float) -> Floats:
    """Return float64[trials+1], the chances of each number of successes."""
    if chance in (0.0, 1.0):
        return np.eye(trials + 1)[round(chance) * trials]
    k = np.arange(trials + 1)
    ways = [math.comb(trials, one) for one in k.tolist()]
    return np.array(ways, dtype=np.float64) * chance**k * (1 - chance) ** (trials - k)


# ---- thresholds ---------------------------------------------------------------------------------


def test_uniform_thresholds_make_everybody_act_one_after_the_other() -> None:
    """Granovetter 1978: thresholds of 0, 1, … 99 others in a crowd of 100."""
    thresholds = np.arange(100) / 99
    scenario = _scenario(
        THRESHOLD, complete_network(100), attributes={"threshold": thresholds}, horizon=105
    )
    np.testing.assert_array_equal(_counts(scenario)[0], np.minimum(np.arange(106), 100))


def test_one_threshold_moved_from_one_to_two_leaves_a_single_actor() -> None:
    """Granovetter 1978: nobody is moved by one other any more."""
    thresholds = np.arange(100) / 99
    thresholds[1] = 2 / 99
    scenario = _scenario(
        THRESHOLD, complete_network(100), attributes={"threshold": thresholds}, horizon=105
    )
    np.testing.assert_array_equal(_counts(scenario)[0, 1:], 1)


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
        _counts(
            _scenario(
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
    scenario = _scenario(
        COMPLEX,
        network,
        seeds=seeds,
        horizon=horizon,
        defaults={"first_exposure": 1.0, "sources_needed": sources},
    )
    return float(_counts(scenario)[0, -1]) / len(network)


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


def _stars(sources: int, stars: int = 500) -> tuple[av.Network, int]:
    """Return so many personas (the last rows) who each know `sources` others of their own."""
    centres = np.repeat(np.arange(stars), sources) + stars * sources
    edges = np.stack([np.arange(stars * sources), centres], axis=1)
    return av.network_from_edges(stars * (sources + 1), edges), stars * sources


def _caught(pack: av.Pack, sources: int, defaults: Mapping[str, float]) -> tuple[float, float]:
    """Return the share of the centres of stars that change in one tick, and its deviation unit."""
    network, seeds = _stars(sources)
    scenario = _scenario(pack, network, seeds=seeds, horizon=1, replicates=40, defaults=defaults)
    changed = _counts(scenario)[:, 1] - seeds
    return float(changed.sum()) / (40 * 500), 1 / math.sqrt(40 * 500)


@pytest.mark.parametrize("sources", [1, 2, 3, 6])
def test_exposures_convince_as_the_product_says(sources: int) -> None:
    """Binomial over 20,000 personas, five standard errors: false alarms 6e-7."""
    expected = 1 - 0.95 * 0.85 ** (sources - 1)
    share, unit = _caught(
        COMPLEX, sources, {"first_exposure": 0.05, "reinforcement": 3.0, "sources_needed": 1.0}
    )
    assert abs(share - expected) < 5 * unit * math.sqrt(expected * (1 - expected))


def test_one_source_never_convinces_where_two_are_needed() -> None:
    assert _caught(COMPLEX, 1, {"first_exposure": 1.0})[0] == 0.0
    assert _caught(COMPLEX, 2, {"first_exposure": 1.0})[0] == 1.0


@pytest.mark.parametrize("sources", [1, 2, 5])
def test_infection_follows_the_number_of_infected_neighbours(sources: int) -> None:
    """1 - (1 - beta)**k with a quarter of contacts avoided; five standard errors, 6e-7."""
    expected = 1 - (1 - 0.75 * 0.2) ** sources
    share, unit = _caught(
        SIS, sources, {"infection_chance": 0.2, "contact_reduction": 0.25, "recovery_chance": 0.0}
    )
    assert abs(share - expected) < 5 * unit * math.sqrt(expected * (1 - expected))


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
        steps[adopted, adopted:] = _binomial(size - adopted, float(chances[adopted]))
    rows = [np.eye(size + 1)[0]]
    for _ in range(ticks):
        rows.append(rows[-1] @ steps)
    return np.array(rows)


def test_bass_on_a_complete_network_follows_the_exact_chain() -> None:
    """Mean adopters at every of 60 months, five standard errors of the exact variance: false
    alarms 60 * 6e-7 at most. Rates high, so that the months differ."""
    size, replicates = 80, 400
    scenario = _scenario(
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
    assert (np.abs(_counts(scenario).mean(axis=0) - mean)[1:] < 5 * error[1:]).all()
    assert mean[-1] > 0.75 * size


def test_bass_on_a_complete_network_is_the_closed_form() -> None:
    """F(t) = (1 - exp(-(p+q) t)) / (1 + q/p exp(-(p+q) t)) (Bass 1969).

    Held within a tick, the hazard is at most that of F, and at least 1 - q dt of it: the curve
    lies between F((1 - q dt) t) and F(t). Six standard errors of 24 replicates (t, 23 degrees
    of freedom: 4e-6 each), at 8 yearly looks: false alarms 4e-5. What 1000 personas differ from
    endless ones (1.4/n in the exact chains of 250 and 500) is added as 2/n.
    """
    size, p, q = 1000, 0.03, 0.38
    adopted = _counts(_scenario(BASS, complete_network(size), horizon=96, replicates=24, seed=5))[
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


def _lonely(
    pack: av.Pack, defaults: Mapping[str, float], *, seeds: int = 0, horizon: int = 6
) -> Floats:
    """Return float64[horizon+1], the share with alternative 1 of 20,000 without neighbours."""
    network = av.network_from_edges(5000, np.zeros((0, 2), dtype=np.int64))
    scenario = _scenario(
        pack, network, seeds=seeds, horizon=horizon, replicates=4, defaults=defaults
    )
    return _counts(scenario).sum(axis=0) / 20_000


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
    share = _lonely(BASS, defaults)
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
    share = _lonely(BASS, {"innovation": 0.0, "abandonment": 1.2}, seeds=5000)
    error = np.sqrt(expected * (1 - expected) / 20_000)
    assert (np.abs(share - expected) <= 5 * error).all()


@pytest.mark.parametrize("ticks_per_year", [1, 4, 52])
def test_a_year_is_a_year_whatever_the_tick(ticks_per_year: int) -> None:
    """1 - exp(-p) after one year; five standard errors, 6e-7."""
    pack = av.packs.adoption(ticks_per_year=ticks_per_year)
    share = _lonely(pack, {}, horizon=ticks_per_year)[-1]
    expected = 1 - math.exp(-0.03)
    assert abs(share - expected) < 5 * math.sqrt(expected * (1 - expected) / 20_000)


# ---- epidemics ----------------------------------------------------------------------------------


def _sir_chain(size: int, infected: int, ticks: int, beta: float, gamma: float) -> Floats:
    """Return float64[size+1, size+1], the exact chances of (susceptible, infected) at the end."""
    now = np.zeros((size + 1, size + 1))
    now[size - infected, infected] = 1.0
    for _ in range(ticks):
        later = np.zeros_like(now)
        for s, i in np.argwhere(now > 0).tolist():
            caught = _binomial(s, 1 - (1 - beta) ** i)
            stay = _binomial(i, 1 - gamma)
            for new in range(s + 1):
                later[s - new, new : new + i + 1] += now[s, i] * caught[new] * stay
        now = later
    return now


def test_sir_on_a_complete_network_follows_the_exact_chain() -> None:
    """Distribution of the susceptible after 12 ticks among 14, 4000 replicates: chi-square over
    the cells with 5 or more expected, at its mean plus 6.5 deviations: false alarms below 1e-5."""
    size, replicates = 14, 4000
    chain = _sir_chain(size, 2, 12, 0.06, 0.3)
    scenario = _scenario(
        SIR,
        complete_network(size),
        seeds=2,
        horizon=12,
        replicates=replicates,
        defaults={"infection_chance": 0.06, "recovery_chance": 0.3},
    )
    left = np.bincount(_counts(scenario, 0)[:, -1], minlength=size + 1)
    expected = chain.sum(axis=1) * replicates
    enough = expected >= 5
    chi_square = ((left - expected)[enough] ** 2 / expected[enough]).sum()
    freedom = enough.sum() - 1
    assert freedom >= 10
    assert chi_square < freedom + 6.5 * math.sqrt(2 * freedom)


def _fixed_point(start: float, step: Callable[[float], float]) -> float:
    for _ in range(10_000):
        start = step(start)
    return start


def test_sir_final_size_solves_its_equation() -> None:
    """r = 1 - s0 exp(-R0 r), R0 = -n log(1 - beta) / gamma (Kermack & McKendrick 1927): exact for
    endless personas also in discrete time, as who escapes escapes every tick's infected.

    Five standard errors of 64 replicates (t, 63 degrees of freedom): false alarms 5e-6; what 500
    personas differ from endless ones (1/500 in 2000 replicates) is added twice.
    """
    size, beta, gamma = 500, 0.001, 0.25
    scenario = _scenario(
        SIR,
        complete_network(size),
        seeds=25,
        horizon=90,
        replicates=64,
        defaults={"infection_chance": beta, "recovery_chance": gamma},
    )
    assert _counts(scenario, 1)[:, -1].sum() <= 3
    ever = 1 - _counts(scenario, 0)[:, -1] / size
    r0 = -size * math.log(1 - beta) / gamma
    expected = _fixed_point(1.0, lambda r: 1 - 0.95 * math.exp(-r0 * r))
    assert r0 == pytest.approx(2.0, abs=0.01)
    error = 5 * ever.std(ddof=1) / math.sqrt(64) + 2 / size
    assert abs(ever.mean() - expected) < error
    assert error < 0.04


def test_sis_settles_at_its_endemic_level() -> None:
    """gamma i = (1 - i) (1 - (1-beta)**(n i)); as 1 - (1-beta)**k lies between beta k - (beta k)²/2
    and beta k, below 1 - gamma / (beta n) (Hethcote 1976) by at most the bound in the test.

    Five standard errors of 48 replicates (t, 47 degrees of freedom): false alarms 8e-6. What 600
    personas differ from endless ones (1/600 in 1500 replicates) is added twice.
    """
    size, beta, gamma = 600, 0.00025, 0.05
    scenario = _scenario(
        SIS,
        complete_network(size),
        seeds=400,
        horizon=80,
        replicates=48,
        defaults={"infection_chance": beta, "recovery_chance": gamma},
    )
    share = _counts(scenario)[:, -1] / size
    level = _fixed_point(0.5, lambda i: i + (1 - i) * (1 - (1 - beta) ** (size * i)) - gamma * i)
    simple = 1 - gamma / (beta * size)
    half = beta * size * simple / 2
    assert 0 < simple - level < (1 - simple) * half / (1 - half)
    error = 5 * share.std(ddof=1) / math.sqrt(48) + 2 / size
    assert abs(share.mean() - level) < error
    assert error < 0.03


def test_vaccination_protects_at_its_rate_and_infection_stops() -> None:
    """Everybody vaccinated in the first tick but who is infected in it; then nobody more."""
    scenario = _scenario(
        SIR,
        complete_network(50),
        seeds=1,
        horizon=5,
        defaults={"vaccination_rate": 1.0, "recovery_chance": 0.0},
    )
    infected = _counts(scenario)[0]
    assert (infected[1:] == infected[1]).all()
    assert _counts(scenario, 2)[0, 1] == 50 - infected[1]


def test_vaccinated_shares_are_geometric() -> None:
    """1 - (1-v)**t of 20,000 without contagion, 6 looks at five standard errors: 4e-6."""
    network = av.network_from_edges(5000, np.zeros((0, 2), dtype=np.int64))
    scenario = _scenario(SIR, network, horizon=6, replicates=4, defaults={"vaccination_rate": 0.1})
    share = _counts(scenario, 2).sum(axis=0) / 20_000
    expected = 1 - 0.9 ** np.arange(7)
    assert (np.abs(share - expected) <= 5 * np.sqrt(expected * (1 - expected) / 20_000)).all()


@pytest.mark.parametrize("pack", [SIR, SIS, COMPLEX])
def test_nothing_spreads_without_a_seed(pack: av.Pack) -> None:
    scenario = _scenario(pack, complete_network(60), replicates=3)
    assert not _counts(scenario)[:, -1].any()


@pytest.mark.parametrize(
    ("pack", "attributes"),
    [(SIS, {}), (COMPLEX, {}), (THRESHOLD, {"threshold": np.full(60, 0.1)})],
)
def test_nothing_spreads_without_social_rules(pack: av.Pack, attributes: dict[str, Floats]) -> None:
    scenario = _scenario(pack, complete_network(60), seeds=30, attributes=attributes, replicates=3)
    assert (_counts(scenario)[:, -1] > 30).all() if pack is not SIS else True
    assert (_counts(scenario.without_social_rules())[:, -1] <= 30).all()


def test_without_social_rules_bass_is_innovation_alone() -> None:
    network = complete_network(200)
    off = _scenario(BASS, network, seeds=50, replicates=3).without_social_rules()
    alone = _scenario(BASS, network, seeds=50, replicates=3, defaults={"imitation": 0.0})
    np.testing.assert_array_equal(_counts(off), _counts(alone))
    assert (_counts(off)[:, -1] < _counts(replace(off, social_rules=True))[:, -1]).all()


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
    return _scenario(
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
