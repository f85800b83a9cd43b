"""Truths that the rules of influence and of media must reproduce.

Opinions are stored in steps of 2**-24: each tick rounds by at most half a step, and averaging never
enlarges what was rounded before, so after T ticks a state lies within T / 2**25 of the exact one.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from societies.crowd import crowd
from societies.opinion import (
    NAMES,
    UNIT,
    VOTERS,
    averaging,
    clusters,
    gathered,
    last_levels,
    random_scenario,
)

import agentverse_engine as av
from agentverse_engine import networks, packs
from agentverse_engine.packs.influence import InfluenceName
from agentverse_engine.reference import simulate_reference

HALF_STEP = 0.5 / UNIT
WITHIN_THE_HULL = tuple(name for name in NAMES if name != "biased_assimilation")


@pytest.mark.parametrize("seed", range(24))
def test_fast_path_equals_the_plain_reference(seed: int) -> None:
    scenario = random_scenario(seed)
    slow = simulate_reference(scenario)
    fast = av.simulate_ensemble(scenario, threads=2, dense_replicates=0)
    for name in ("tick_digests", "flows", "stock", "level_sums", "level_bins"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(slow, name))


# ---- influence ----------------------------------------------------------------------------------


def _scattered(size: int) -> NDArray[np.float64]:
    return np.random.default_rng(size).random(size)


def test_friedkin_johnsen_settles_at_the_solution_of_its_equation() -> None:
    """x = (I - L W)^-1 (I - L) x(0); a tick contracts by max l, so rounding adds up to half a step
    over 1 - max l, and the start is forgotten as (max l)**T."""
    size, most, ticks = 300, 0.9, 200
    network = av.homophilous_network(
        {"g": np.zeros(size, int)}, mean_degree=4, odds_ratios={}, seed=2
    )
    openness = np.minimum(most, packs.beta_4_2(np.random.default_rng(1).random((size, 5))))
    scenario = gathered(
        packs.opinion("friedkin_johnsen"),
        network,
        opinions=_scattered(size),
        columns={"susceptibility": openness},
        horizon=ticks,
    )
    pull = openness[:, None] * averaging(network)
    expected = np.linalg.solve(np.eye(size) - pull, (1 - openness) * _scattered(size))
    assert (network.degrees() == 0).any()
    tolerance = (HALF_STEP + HALF_STEP) / (1 - most) + most**ticks  # the start is rounded as well
    assert np.abs(last_levels(scenario)[:, 0] - expected).max() <= tolerance


def test_degroot_consensus_is_the_average_weighed_by_the_left_eigenvector() -> None:
    """With w_i for oneself the weights are d_i / (1 - w_i): times them, W is symmetric."""
    size, ticks = 200, 400
    network = networks.preferential_attachment(size, links_per_persona=4, seed=3)
    segment = np.arange(size) % 2
    self_weight = np.where(segment == 0, 0.2, 0.7)
    scenario = gathered(
        packs.opinion("degroot"),
        network,
        opinions=_scattered(size),
        segment=segment,
        horizon=ticks,
        tuning={"self_weight": 0.2},
    ).branch(
        [
            av.EventScript(
                variable="self_weight",
                operation="set",
                value=0.7,
                scope=av.Scope(segments=("two",)),
            )
        ]
    )
    weights = network.degrees() / (1 - self_weight)
    consensus = weights @ _scattered(size) / weights.sum()
    matrix = np.diag(self_weight) + (1 - self_weight)[:, None] * averaging(network)
    unsettled = np.ptp(np.linalg.matrix_power(matrix, ticks) @ _scattered(size))
    assert unsettled < HALF_STEP
    found = last_levels(scenario)[:, 0]
    assert np.abs(found - consensus).max() <= (ticks + 1) * HALF_STEP + unsettled
    assert abs(consensus - _scattered(size).mean()) > 1000 * ticks * HALF_STEP


@settings(max_examples=25, deadline=None)
@given(
    bound=st.floats(0.05, 0.6),
    rate=st.floats(0.0, 0.5),
    seed=st.integers(0, 2**32),
    size=st.integers(1, 40),
)
def test_pairwise_compromise_conserves_the_mean_exactly(
    bound: float, rate: float, seed: int, size: int
) -> None:
    scenario = gathered(
        packs.opinion("pairwise"),
        networks.complete_network(size),
        opinions=np.random.default_rng(seed).random(size),
        horizon=8,
        replicates=3,
        seed=seed,
        tuning={"confidence_bound": bound, "convergence_rate": rate},
    )
    sums = av.simulate_ensemble(scenario, threads=1).level_sums[..., 0].sum(axis=(2, 3))
    assert (sums == sums[0, 0]).all()


@pytest.mark.parametrize("bound", [0.1, 0.15, 0.2, 0.25, 0.4])
def test_pairwise_compromise_leaves_one_camp_for_each_two_bounds(bound: float) -> None:
    """floor(1 / (2 epsilon)) camps of 5 % or more (Deffuant et al. 2000; Weisbuch et al. 2002).

    Five standard errors of 40 runs (t, 39 degrees of freedom): false alarms 1.3e-5 a bound. The
    rule is one of thumb: the mean of 1200 other runs of 100 people is 0.29 below it at 0.1 and at
    most 0.11 away at the other bounds, so 0.35 is added; the camps of two bounds differ by 1.
    """
    scenario = gathered(
        packs.opinion("pairwise"),
        networks.complete_network(100),
        opinions=(np.arange(100) + 0.5) / 100,
        horizon=100,
        replicates=40,
        tuning={"confidence_bound": bound},
    )
    found = [clusters(run, apart=bound / 2, share=0.05) for run in last_levels(scenario).T]
    error = 5 * np.std(found, ddof=1) / math.sqrt(40) + 0.35
    assert abs(np.mean(found) - math.floor(1 / (2 * bound))) <= error
    assert error < 1


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_two_who_meet_move_towards_each_other_by_the_rate(rate: float) -> None:
    """x + mu (y - x), to the step below, where the gap of 0.25 is within the bound."""
    scenario = gathered(
        packs.opinion("pairwise"),
        networks.complete_network(2),
        opinions=[0.25, 0.5],
        replicates=20,
        tuning={"confidence_bound": 0.3, "convergence_rate": rate},
    )
    low, high = last_levels(scenario)
    met = low != 0.25
    assert met.any()
    np.testing.assert_allclose(low[met], 0.25 + rate * 0.25, atol=2 * HALF_STEP)
    np.testing.assert_array_equal(low + high, 0.75)


def _hegselmann_krause(bound: float) -> NDArray[np.float64]:
    scenario = gathered(
        packs.opinion("bounded_confidence"),
        networks.complete_network(100),
        opinions=np.arange(100) / 99,
        horizon=60,
        tuning={"confidence_bound": bound},
    )
    return last_levels(scenario)[:, 0]


@pytest.mark.parametrize(("bound", "camps"), [(0.15, 3), (0.2, 2), (0.25, 1), (0.3, 1)])
def test_averaging_over_the_trusted_agrees_from_a_bound_between_a_fifth_and_a_quarter(
    bound: float, camps: int
) -> None:
    """Hegselmann & Krause 2002; without chance, from evenly spread opinions."""
    opinions = _hegselmann_krause(bound)
    apart = np.diff(np.unique(opinions))
    assert clusters(opinions, apart=0.01, share=0.0) == camps
    assert ((apart < 0.001) | (apart > bound)).all()


@pytest.mark.parametrize("bound", [0.1, 0.3])
def test_averaging_over_the_trusted_takes_oneself_and_all_within_the_bound(bound: float) -> None:
    """A tick by matrices; no gap of these opinions lies within their rounding of the bound."""
    size = 60
    network = networks.preferential_attachment(size, links_per_persona=6, seed=4)
    scenario = gathered(
        packs.opinion("bounded_confidence"),
        network,
        opinions=_scattered(size),
        tuning={"confidence_bound": bound},
    )
    gaps = np.abs(_scattered(size)[:, None] - _scattered(size))
    assert np.abs(gaps - bound).min() > 2 * HALF_STEP
    known = (averaging(network) > 0) | np.eye(size, dtype=bool)
    trusted = known & (gaps <= bound)
    expected = trusted @ _scattered(size) / trusted.sum(axis=1)
    assert (trusted.sum(axis=1) < known.sum(axis=1)).any()
    assert np.abs(last_levels(scenario)[:, 0] - expected).max() <= 2 * HALF_STEP


def _islands(inside: int, across: int, *, size: int = 20) -> av.Network:
    """Two rings in which everybody has `inside` neighbours at home and `across` over there."""
    here = np.arange(size)
    home = [
        np.stack([here + island * size, (here + step) % size + island * size], axis=1)
        for step in range(1, inside // 2 + 1)
        for island in (0, 1)
    ]
    over = [np.stack([here, (here + step) % size + size], axis=1) for step in range(across)]
    return av.network_from_edges(2 * size, np.concatenate([*home, *over]))


def _biased(bias: float, *, horizon: int = 400) -> NDArray[np.float64]:
    scenario = gathered(
        packs.opinion("biased_assimilation"),
        _islands(6, 2),
        opinions=np.repeat([0.6, 0.4], 20),
        horizon=horizon,
        tuning={"assimilation_bias": bias},
    )
    return last_levels(scenario)[:, 0]


def test_biased_assimilation_polarises_two_islands_from_bias_one() -> None:
    """Dandekar, Goel & Lee 2013, theorem on two islands, part 1."""
    for bias in (1.0, 1.5):
        opinions = _biased(bias)
        assert (opinions[:20] > 0.99).all()
        assert (opinions[20:] < 0.01).all()


def test_biased_assimilation_disagrees_for_good_at_a_middling_bias() -> None:
    """Part 2: for 2 / (h + 1) < b < 1, h = 6/2 the homophily, opinions settle where x / (1 - x) =
    (x / (1 - x))**b s / (1 - s), s the neighbours' mean; found by bisection."""
    bias, low, high = 0.75, 0.51, 0.999
    for _ in range(60):
        middle = (low + high) / 2
        support = (3 * middle + (1 - middle)) / 4
        odds = math.log(middle / (1 - middle))
        risen = bias * odds + math.log(support / (1 - support)) > odds
        low, high = (middle, high) if risen else (low, middle)
    opinions = _biased(bias)
    assert 0.6 < low < 0.99
    np.testing.assert_allclose(opinions[:20], low, atol=1e-5)
    np.testing.assert_allclose(opinions[20:], 1 - low, atol=1e-5)


def test_biased_assimilation_agrees_on_the_middle_at_a_small_bias() -> None:
    """Part 3: for b < 2 / (h + 1), one half."""
    np.testing.assert_allclose(_biased(0.3), 0.5, atol=1e-5)


def test_biased_assimilation_without_bias_is_degroot() -> None:
    network = networks.preferential_attachment(60, links_per_persona=3, seed=3)
    ticks, own = 20, 2.5
    scenario = gathered(
        packs.opinion("biased_assimilation"),
        network,
        opinions=_scattered(60),
        horizon=ticks,
        tuning={"assimilation_bias": 0.0, "own_weight": own},
    )
    weight = (own / (own + network.degrees()))[:, None]
    matrix = weight * np.eye(60) + (1 - weight) * averaging(network)
    expected = np.linalg.matrix_power(matrix, ticks) @ _scattered(60)
    assert np.abs(last_levels(scenario)[:, 0] - expected).max() <= (ticks + 1) * HALF_STEP


def test_biased_assimilation_keeps_certainty() -> None:
    """Who is at 0 or 1 finds no evidence against it convincing, at any bias above 0."""
    scenario = gathered(
        packs.opinion("biased_assimilation"),
        networks.complete_network(4),
        opinions=[0.0, 1.0, 0.3, 0.8],
        horizon=5,
        tuning={"assimilation_bias": 0.5, "own_weight": 0.1},
    )
    np.testing.assert_array_equal(last_levels(scenario)[:2, 0], [0.0, 1.0])


def test_confirmation_bias_of_zero_is_friedkin_johnsen() -> None:
    network = av.homophilous_network(
        {"g": np.zeros(80, int)}, mean_degree=5, odds_ratios={}, seed=2
    )
    plain = gathered(
        packs.opinion("friedkin_johnsen"), network, opinions=_scattered(80), horizon=30
    )
    unbiased = gathered(
        packs.opinion("confirmation_bias"),
        network,
        opinions=_scattered(80),
        horizon=30,
        tuning={"confirmation_bias": 0.0},
    )
    np.testing.assert_array_equal(
        av.simulate_ensemble(unbiased).tick_digests, av.simulate_ensemble(plain).tick_digests
    )


def test_confirmation_bias_keeps_camps_apart() -> None:
    def distance(bias: float) -> float:
        scenario = gathered(
            packs.opinion("confirmation_bias"),
            _islands(6, 2),
            opinions=np.repeat([0.8, 0.2], 20),
            columns={"susceptibility": np.full(40, 0.8)},
            horizon=60,
            tuning={"confirmation_bias": bias},
        )
        opinions = last_levels(scenario)[:, 0]
        return opinions[:20].mean() - opinions[20:].mean()

    distances = [distance(bias) for bias in (0.0, 0.3, 0.8)]
    assert distances[0] < distances[1] - 0.01 < distances[2] - 0.02


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(WITHIN_THE_HULL), seed=st.integers(0, 2**32), size=st.integers(1, 30))
def test_opinions_stay_within_those_at_the_start(name: InfluenceName, seed: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    pairs = np.stack(np.triu_indices(size, k=1), axis=1)
    low, high = np.sort(draw.random(2))
    scenario = gathered(
        packs.opinion(name),
        av.network_from_edges(size, pairs[draw.random(len(pairs)) < 0.2]),
        opinions=draw.uniform(low, high, size),
        horizon=6,
        replicates=2,
        seed=seed,
    )
    start = scenario.pack.levels[0].stored(scenario.population.attributes["opinion"]) / UNIT
    opinions = last_levels(scenario)
    assert start.min() <= opinions.min() <= opinions.max() <= start.max()


def _voting(network: av.Network, supporters: int, runs: int) -> NDArray[np.int64]:
    """Return int64[runs, ticks+1], who says yes; the first so many personas begin with it."""
    size = len(network)
    people = crowd(size, np.arange(size) < supporters)
    scenario = av.Scenario(
        population=people, network=network, pack=VOTERS, horizon=200, replicates=runs, seed=8
    )
    run = av.simulate_ensemble(scenario, dense_replicates=0)
    return run.stock[..., 0, 0, 1].astype(np.int64)


def _wheel(rim: int) -> av.Network:
    """A hub, the first persona, that all of a ring know."""
    ring = np.arange(rim)
    spokes = np.stack([np.zeros(rim, dtype=np.int64), ring + 1], axis=1)
    around = np.stack([ring + 1, (ring + 1) % rim + 1], axis=1)
    return av.network_from_edges(rim + 1, np.concatenate([spokes, around]))


@pytest.mark.parametrize(
    ("network", "supporters", "chance"),
    [(networks.complete_network(20), 6, 6 / 20), (_wheel(8), 1, 8 / (8 + 8 * 3))],
)
def test_voters_agree_on_a_camp_as_often_as_it_is_large(
    network: av.Network, supporters: int, chance: float
) -> None:
    """The expected share of links whose ends say yes never changes (Donnelly & Welsh 1983): on a
    complete network 6 of 20 win in 30 % of the runs, the hub of a wheel in as many as it has of all
    links' ends. 1000 runs, five standard errors: false alarms 6e-7. Who agreed stays so."""
    runs = 1000
    for_it = _voting(network, supporters, runs)
    agreed = (for_it == 0) | (for_it == len(network))
    assert agreed[:, -1].all()
    assert (for_it[:, 1:] == for_it[:, :-1])[agreed[:, :-1]].all()
    won = (for_it[:, -1] == len(network)).mean()
    assert abs(won - chance) < 5 * math.sqrt(chance * (1 - chance) / runs)


@pytest.mark.parametrize("name", NAMES)
def test_influence_without_social_rules_is_that_of_nobody(name: InfluenceName) -> None:
    """Bit for bit the same as with no neighbours; with them, opinions move."""
    campaign = av.EventScript(variable="campaign_for", operation="set", value=2.0)
    scenario = gathered(
        packs.opinion(name), _islands(6, 2), opinions=_scattered(40), horizon=12
    ).branch([campaign])
    alone = replace(scenario, network=av.network_from_edges(40, np.empty((0, 2), dtype=int)))
    off = av.simulate_ensemble(scenario.without_social_rules())
    np.testing.assert_array_equal(off.tick_digests, av.simulate_ensemble(alone).tick_digests)
    assert (off.tick_digests[:, -1] != av.simulate_ensemble(scenario).tick_digests[:, -1]).all()


# ---- media --------------------------------------------------------------------------------------


def _reached(
    *,
    horizon: int,
    on: tuple[float, ...] = (),
    name: InfluenceName = "degroot",
    tuning: Mapping[str, float] | None = None,
) -> av.Scenario:
    """One persona whom every contact reaches; `on`: contacts for, tick by tick from tick 1."""
    scenario = gathered(
        packs.opinion(name),
        networks.complete_network(1),
        opinions=[0.25],
        columns={"media_use": [1.0], "susceptibility": [0.6]},
        horizon=horizon,
        tuning=tuning,
    )
    scripts = [
        av.EventScript(
            variable="campaign_for",
            operation="set",
            value=contacts,
            scope=av.Scope(start_tick=tick, end_tick=tick),
        )
        for tick, contacts in enumerate(on, start=1)
        if contacts
    ]
    return scenario.branch(scripts)


def _course(scenario: av.Scenario, name: str) -> NDArray[np.float64]:
    return av.simulate_ensemble(scenario).level_means(name)[0]


@pytest.mark.parametrize("memory", [0.0, 0.3, 0.6, 0.9])
def test_exposure_fades_geometrically_with_its_half_life(memory: float) -> None:
    """A(t) = lambda**t after one contact, which halves in ln .5 / ln lambda ticks (Koyck 1954)."""
    exposure = _course(
        _reached(horizon=30, on=(1.0,), tuning={"exposure_memory": memory}), "exposure"
    )[1:]
    tolerance = 0.5 / 2**20 / (1 - memory)
    np.testing.assert_allclose(exposure, memory ** np.arange(30), atol=tolerance)
    if memory:
        half_life = math.log(0.5) / math.log(memory)
        assert int(np.argmax(exposure <= 0.5)) == math.ceil(half_life)


def test_opposite_campaigns_offset_each_other() -> None:
    both = [
        av.EventScript(variable=name, operation="set", value=3.0)
        for name in ("campaign_for", "campaign_against")
    ]
    scenario = _reached(horizon=10).branch(both)
    np.testing.assert_array_equal(_course(scenario, "opinion"), 0.25)
    assert _course(scenario, "receptivity")[-1] < 1.0


def test_habituation_lowers_the_effect_of_the_same_message_and_passes_after_a_pause() -> None:
    """Stanley 1976: under a constant stimulus S the receptivity h falls as its linear recursion
    says, and 1 - h shrinks by 1 - tau alpha a tick in the pause."""
    speed, recovery, stimulus, pause = 0.2, 0.05, 0.5, 40  # one contact at half saturation
    on = (1.0,) * 6 + (0.0,) * pause + (1.0,)
    scenario = _reached(
        horizon=len(on),
        on=on,
        tuning={
            "exposure_memory": 0.0,
            "persuasion_rate": 0.1,
            "habituation_speed": speed,
            "habituation_recovery": recovery,
        },
    )
    receptivity, opinion = _course(scenario, "receptivity"), _course(scenario, "opinion")
    won = np.diff(opinion) / (1 - opinion[:-1])  # share of the distance that each tick wins
    expected = [1.0]
    for contacts in on:
        expected.append(
            expected[-1] + speed * (recovery * (1 - expected[-1]) - (stimulus if contacts else 0.0))
        )
    np.testing.assert_allclose(receptivity, expected, atol=(len(on) + 1) * HALF_STEP)
    np.testing.assert_allclose(won[:6], 0.1 * stimulus * receptivity[:6], rtol=1e-4)
    assert (np.diff(won[:6]) < 0).all()
    assert (won[6:-1] == 0).all()
    np.testing.assert_allclose(
        1 - receptivity[-2],
        (1 - receptivity[6]) * (1 - speed * recovery) ** pause,
        atol=(len(on) + 1) * HALF_STEP,
    )
    assert won[5] < won[-1] < won[0]


def test_receptivity_stays_within_zero_and_one() -> None:
    scenario = _reached(horizon=30, on=(10.0,) * 15, tuning={"habituation_speed": 1.0})
    receptivity = _course(scenario, "receptivity")
    assert receptivity.min() == 0.0
    assert 0.0 < receptivity[-1] < 1.0


def test_persuasion_wins_its_rate_of_those_not_yet_persuaded() -> None:
    """At full receptivity and half saturation, f / 2 of 1 - x (DellaVigna & Gentzkow 2010)."""
    scenario = _reached(
        horizon=8,
        on=(1.0,) * 8,
        tuning={"exposure_memory": 0.0, "habituation_speed": 0.0, "persuasion_rate": 0.12},
    )
    expected = 1 - 0.75 * (1 - 0.06) ** np.arange(9)
    np.testing.assert_allclose(_course(scenario, "opinion"), expected, atol=9 * HALF_STEP)


def test_persuasion_passes_where_people_remember_their_start() -> None:
    """Friedkin–Johnsen with nobody to listen to: what is won shrinks by l = 0.6 a tick."""
    won = (
        _course(
            _reached(
                horizon=12, on=(1.0,), name="friedkin_johnsen", tuning={"exposure_memory": 0.0}
            ),
            "opinion",
        )
        - 0.25
    )
    assert won[1] > 0
    np.testing.assert_allclose(won[1:], won[1] * 0.6 ** np.arange(12), atol=3 * HALF_STEP)


@pytest.mark.parametrize("name", ["friedkin_johnsen", "degroot"])
def test_stronger_campaign_never_lowers_an_opinion(name: InfluenceName) -> None:
    """Without habituation these rules rise in all they read, so each persona's opinion does."""
    scenario = gathered(
        packs.opinion(name),
        _islands(6, 2),
        opinions=_scattered(40),
        horizon=15,
        tuning={"habituation_speed": 0.0},
    )
    last = np.zeros((40, 1))
    for contacts in (0.0, 0.1, 1.0, 3.0, 10.0):
        script = av.EventScript(variable="campaign_for", operation="set", value=contacts)
        opinions = last_levels(scenario.branch([script]))
        assert (opinions >= last).all()
        assert opinions.mean() > last.mean()
        last = opinions


def test_salience_follows_coverage_and_fades_without_it() -> None:
    """s = eta coverage / delta at rest; without news it shrinks by 1 - delta a tick."""
    silence = av.EventScript(
        variable="coverage", operation="set", value=0.0, scope=av.Scope(start_tick=101)
    )
    scenario = _reached(
        horizon=120, tuning={"agenda_effect": 0.1, "salience_decay": 0.2}, name="degroot"
    ).branch([silence])
    salience = _course(scenario, "salience")
    np.testing.assert_allclose(salience[100], 0.5 * 0.1 / 0.2, atol=5 * HALF_STEP)
    np.testing.assert_allclose(
        salience[100:], salience[100] * 0.8 ** np.arange(21), atol=5 * HALF_STEP
    )


def test_salience_never_passes_one() -> None:
    scenario = _reached(horizon=10, tuning={"agenda_effect": 1.0, "salience_decay": 0.0})
    salience = _course(scenario, "salience")
    assert salience[-1] == 1.0
