"""The packs `opinion` and `election`: what they hold, refuse, and answer."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.crowd import crowd
from societies.opinion import NAMES, gathered, last_levels, tuned

import agentverse_engine as av
from agentverse_engine import networks, packs
from agentverse_engine.errors import EngineError, PackError, ScenarioError, ScriptError

SHARES = {"left": 0.3, "centre": 0.3, "right": 0.2, "abstain": 0.2}
ALL_PACKS = (*(packs.opinion(name) for name in NAMES), packs.election())


def _electorate(
    size: int = 300,
    *,
    horizon: int = 10,
    replicates: int = 8,
    mean_degree: float = 6,
    **defaults: float,
) -> av.Scenario:
    pack = packs.election()
    people = crowd(size)
    return av.Scenario(
        population=packs.completed(people, pack, seed=1, shares=SHARES),
        network=av.homophilous_network(
            {"all": np.zeros(size, int)}, mean_degree=mean_degree, odds_ratios={}, seed=2
        ),
        pack=pack,
        variables=tuned(pack, defaults),
        horizon=horizon,
        replicates=replicates,
        seed=4,
        allow=("isolated_personas",),
    )


def _last_shares(scenario: av.Scenario) -> NDArray[np.float64]:
    return av.simulate_ensemble(scenario, threads=1).shares()[:, -1].mean(axis=0)


def _changed(scenario: av.Scenario, variable: str, value: float) -> av.Scenario:
    return scenario.branch([av.EventScript(variable=variable, operation="set", value=value)])


# ---- what they hold -----------------------------------------------------------------------------


@pytest.mark.parametrize("pack", ALL_PACKS)
def test_every_variable_has_words_and_a_source(pack: av.Pack) -> None:
    for variable in pack.variables:
        assert variable.label
        assert any(year in variable.source for year in ("19", "20")) or variable.assumption
    assert {item.name for item in pack.variables} == {*pack.parameters, *pack.attributes}


@pytest.mark.parametrize("pack", ALL_PACKS)
def test_only_influence_and_conformity_are_social(pack: av.Pack) -> None:
    social = {rule.name for rule in pack.rules if rule.social}
    influence = {rule.name for kind in packs.INFLUENCES.values() for rule in kind.rules}
    assert social <= influence | {"conformity"}
    assert social - {"conformity"}


def test_susceptibility_is_drawn_from_beta_four_two() -> None:
    """Mean 2/3 and variance 2/63; 4000 draws, five standard errors: false alarms 1e-6."""
    size = 4000
    network = av.network_from_edges(size, np.empty((0, 2), dtype=int))
    scenario = gathered(packs.opinion(), network, opinions=np.full(size, 0.5))
    drawn = scenario.population.attributes["susceptibility"]
    assert abs(drawn.mean() - 2 / 3) < 5 * math.sqrt(2 / 63 / size)
    # The fourth central moment of Beta(4, 2) is 0.00245, so this is the error of a variance.
    assert abs(drawn.var() - 2 / 63) < 5 * math.sqrt((0.00245 - (2 / 63) ** 2) / size)


def test_stances_at_the_start_are_those_of_the_first_tick() -> None:
    """With nobody to listen to and no campaign nobody changes stance."""
    network = av.network_from_edges(90, np.empty((0, 2), dtype=int))
    scenario = gathered(packs.opinion(), network, opinions=np.linspace(0, 1, 90), horizon=3)
    settled = replace(scenario, population=packs.stances(scenario.population, scenario.pack))
    run = av.simulate_ensemble(settled)
    assert not run.flows.any()
    np.testing.assert_array_equal(run.stock[0, -1].sum(axis=(0, 1)), [36, 18, 36])
    assert av.simulate_ensemble(scenario).flows.any()


def test_opinion_on_a_cut_point_has_passed_it() -> None:
    network = av.network_from_edges(4, np.empty((0, 2), dtype=int))
    pack = packs.opinion(cut_points=(0.25, 0.75))
    scenario = gathered(pack, network, opinions=[0.2499, 0.25, 0.7499, 0.75])
    np.testing.assert_array_equal(packs.stances(scenario.population, pack).choice, [0, 1, 1, 2])
    np.testing.assert_array_equal(av.simulate_ensemble(scenario).state_at(1), [0, 1, 1, 2])


# ---- what they refuse ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: packs.opinion("gossip"), "influence"),  # pyright: ignore[reportArgumentType]  # on purpose
        (lambda: packs.opinion(cut_points=(0.6, 0.4)), "cut_points"),
        (lambda: packs.opinion(cut_points=(0.5, 0.5)), "cut_points"),
        (lambda: packs.opinion(cut_points=(0.5,)), "cut_points"),
        (lambda: packs.opinion(cut_points=(math.nan, 0.5)), "cut_points"),
        (lambda: packs.opinion(cut_points=(-0.1, 0.5)), "cut_points"),
        (lambda: packs.opinion(cut_points=(0.1, math.inf)), "cut_points"),
        (lambda: packs.election(parties=(), positions=()), "parties"),
        (lambda: packs.election(parties=("a", "a"), positions=(0, 1)), "parties"),
        (lambda: packs.election(parties=("a", "abstain"), positions=(0, 1)), "parties"),
        (lambda: packs.election(parties=("a", "b"), positions=(0.5,)), "positions"),
        (lambda: packs.election(parties=("a", "b"), positions=(0.5, 1.5)), "positions"),
        (lambda: packs.election(parties=("a", "b"), positions=(0.5, math.nan)), "positions"),
    ],
)
def test_pack_of_unusable_parts_is_refused(build: Callable[[], av.Pack], field: str) -> None:
    with pytest.raises(PackError) as caught:
        build()
    assert caught.value.field == field
    assert caught.value.fix


def test_stances_need_cut_points_and_opinions() -> None:
    people = _electorate(10).population
    bare = replace(people, attributes={})
    for population, pack, field in (
        (people, packs.election(), "election"),
        (bare, packs.opinion(), "opinion"),
    ):
        with pytest.raises(PackError) as caught:
            packs.stances(population, pack)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("columns", "error", "field"),
    [
        ({"opinion": [0.5, 1.01]}, ScenarioError, "opinion"),
        ({"opinion": [0.5, -0.01]}, ScenarioError, "opinion"),
        ({"opinion": [0.5, math.nan]}, EngineError, "opinion"),
        ({"susceptibility": [0.5, 1.5]}, ScenarioError, "susceptibility"),
        ({"media_use": [-0.5, 1.0]}, ScenarioError, "media_use"),
    ],
)
def test_people_out_of_range_are_refused(
    columns: dict[str, list[float]], error: type[EngineError], field: str
) -> None:
    given = {"opinion": [0.2, 0.8], **columns}
    with pytest.raises(error) as caught:
        gathered(
            packs.opinion(),
            networks.complete_network(2),
            opinions=given.pop("opinion"),
            columns=given,
        )
    assert field in caught.value.field


def test_script_beyond_the_literature_is_refused() -> None:
    with pytest.raises(ScriptError) as caught:
        _changed(_electorate(10), "persuasion_rate", 0.5)
    assert caught.value.field == "event_scripts[0].value"


# ---- what they answer ---------------------------------------------------------------------------


def test_campaign_wins_what_campaigns_win() -> None:
    """Ten ticks in full, before anybody tires: 3 to 12 % of those not yet persuaded, the range of
    DellaVigna & Gentzkow 2010; in an election less than 2 % (Kalla & Broockman 2018: near zero)."""
    for pack, least, most in (
        (packs.opinion("degroot"), 0.03, 0.12),
        (packs.election(), 0.0, 0.02),
    ):
        scenario = gathered(
            pack,
            networks.complete_network(1),
            opinions=[0.4],
            columns={"media_use": [1.0], "susceptibility": [1.0]},
            horizon=10,
            tuning={"habituation_speed": 0.0},
        )
        after = last_levels(_changed(scenario, "campaign_for", 10.0))[0, 0]
        assert least < (after - 0.4) / 0.6 < most


def test_votes_are_those_of_the_logit() -> None:
    """Without neighbours and habit: 300 personas in 100 replicates, five standard errors for four
    shares, false alarms 2e-6."""
    ticks, replicates = 5, 100
    scenario = _electorate(horizon=ticks, replicates=replicates, vote_habit=0.0)
    scenario = scenario.without_social_rules()
    columns = scenario.population.attributes
    salience = np.full(len(scenario.population), 0.5)
    for _ in range(ticks):
        salience = np.minimum(1.0, 0.9 * salience + 0.2 * 0.5 * columns["media_use"])
    nearness = 1 - np.abs(columns["opinion"][:, None] - [0.2, 0.5, 0.8])
    utilities = np.column_stack([4.0 * salience[:, None] * nearness, np.ones(len(salience))])
    chances = np.exp(utilities) / np.exp(utilities).sum(axis=1, keepdims=True)
    error = np.sqrt((chances * (1 - chances)).sum(axis=0) / replicates) / len(salience)
    assert (np.abs(_last_shares(scenario) - chances.mean(axis=0)) < 5 * error).all()


def test_abstention_follows_its_appeal() -> None:
    scenario = _electorate()
    shares = [
        _last_shares(_changed(scenario, "appeal.abstain", pull))[3]
        for pull in (-5.0, 0.0, 1.0, 2.0, 5.0)
    ]
    assert (np.diff(shares) > 0).all()
    assert shares[0] < 0.01
    assert shares[-1] > 0.9


def test_coverage_brings_people_to_vote_on_the_issue() -> None:
    """Salience weighs nearness to parties, and nothing else speaks for voting."""
    scenario = _electorate(horizon=20)
    quiet, loud = (_last_shares(_changed(scenario, "coverage", level)) for level in (0.0, 1.0))
    assert loud[3] < quiet[3] - 0.1


def test_popular_party_wins_votes_and_others_lose_them() -> None:
    scenario = _electorate()
    before, after = _last_shares(scenario), _last_shares(_changed(scenario, "appeal.left", 1.0))
    assert after[0] > before[0] + 0.05
    assert (after[1:3] < before[1:3]).all()


def test_neighbours_vote_alike_by_conformity() -> None:
    """The share of links between like voters, beyond what the shares alone give."""

    def likeness(conformity: float) -> float:
        scenario = _electorate(3000, mean_degree=4, horizon=20, replicates=1, conformity=conformity)
        votes = av.simulate_ensemble(scenario).state_at(20)
        rows = np.repeat(np.arange(3000), scenario.network.degrees())
        alike = (votes[rows] == votes[scenario.network.indices]).mean()
        shares = np.bincount(votes, minlength=4) / votes.size
        return float(alike - shares @ shares)

    assert likeness(3.0) > likeness(0.0) + 0.02


def test_habit_lowers_the_number_of_changed_votes() -> None:
    changes = [
        av.simulate_ensemble(_electorate(vote_habit=habit)).flows.sum()
        for habit in (0.0, 1.0, 3.0, 5.0)
    ]
    assert (np.diff(changes) < 0).all()
    assert changes[-1] < 0.3 * changes[0]


def test_party_of_an_extreme_position_draws_the_extreme() -> None:
    """Two parties and no chance to speak of: everybody votes for the nearer one."""
    pack = packs.election(parties=("low", "high"), positions=(0.1, 0.9))
    scenario = gathered(
        pack,
        av.network_from_edges(100, np.empty((0, 2), dtype=int)),
        opinions=np.r_[np.linspace(0, 0.2, 50), np.linspace(0.8, 1, 50)],
        tuning={"issue_weight": 20.0, "vote_habit": 0.0, "appeal.abstain": -5.0},
        horizon=3,
    )
    np.testing.assert_array_equal(av.simulate_ensemble(scenario).state_at(3), np.repeat([0, 1], 50))
