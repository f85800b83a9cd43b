"""Packs from their default start, without an event: what drifts or has no width is named."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from societies.crowd import crowd
from societies.economy import households

import agentverse_engine as av
from agentverse_engine import packs
from agentverse_engine.errors import RequestError

SIZE = 300
SHARES = {"left": 0.387, "centre": 0.441, "right": 0.099, "abstain": 0.073}


def from_default_start(pack: av.Pack, *, shares: dict[str, float] | None = None) -> av.Scenario:
    return av.Scenario(
        population=packs.completed(crowd(SIZE), pack, seed=1, shares=shares),
        network=av.homophilous_network(
            {"all": np.zeros(SIZE, dtype=int)}, mean_degree=6, odds_ratios={}, seed=2
        ),
        pack=pack,
        horizon=24,
        replicates=20,
        allow=("isolated_personas",),
    )


def named(scenario: av.Scenario) -> set[tuple[str, str]]:
    run = av.simulate_ensemble(scenario, threads=1)
    found = av.result_checks(run)
    _agrees_with_its_definition(run, found)
    return {(one.check, one.outcome) for one in found}


def _agrees_with_its_definition(run: av.Trajectory, found: tuple[av.Finding, ...]) -> None:
    """Either an outcome drifts less than its interval is wide, or the check names it."""
    drifting = {one.outcome for one in found if one.check == "drift_without_cause"}
    for position, name in enumerate(run.alternatives):
        moved = run.shares()[:, -1, position] - run.shares()[:, 0, position]
        low, high = np.quantile(moved, [0.05, 0.95])
        if name not in drifting:
            assert abs(np.median(moved)) <= max(high - low, 1e-12)


@pytest.mark.parametrize("influence", packs.INFLUENCES)
def test_opinion_whose_rules_draw_nothing_is_named(influence: Any) -> None:
    """A random matching draws; all others give twenty replicates that are alike."""
    found = named(from_default_start(packs.opinion(influence)))
    assert (("zero_width", "opinion") in found) == (influence != "pairwise")


def test_consumption_draws_nothing_and_is_named() -> None:
    scenario = replace(households(SIZE), replicates=20)
    found = named(scenario)
    assert {check for check, _ in found} <= {"zero_width", "drift_without_cause"}
    run = av.simulate_ensemble(scenario, threads=1)
    alike = [scale.name for scale in run.levels if np.ptp(run.level_means(scale.name)[:, -1]) == 0]
    moving = [name for name in alike if np.ptp(run.level_means(name)) > 0]
    assert {outcome for check, outcome in found if check == "zero_width"} >= set(moving)


def rested(scenario: av.Scenario) -> av.Scenario:
    start = packs.at_rest(
        scenario.population,
        scenario.network,
        scenario.pack,
        variables=scenario.variables,
        social_rules=scenario.social_rules,
    )
    people = start.population
    if "cut_points" in scenario.pack.constants:
        people = packs.stances(people, scenario.pack)
    return replace(scenario, population=people)


ANCHORED = ("friedkin_johnsen", "confirmation_bias")
# Their means go somewhere; pairs meet in the middle, and what moves is chance.
ALIKE = ("degroot", "bounded_confidence", "biased_assimilation")
SCALES = {
    "uniform": np.linspace(0.0, 1.0, SIZE),
    "three stances": np.resize([0.2, 0.5, 0.8, 0.8], SIZE),
    "the ends": np.resize([0.0, 1.0, 1.0], SIZE),
    "one opinion": np.full(SIZE, 0.3),
}


@pytest.mark.parametrize("social_rules", [True, False])
@pytest.mark.parametrize("opinions", SCALES.values(), ids=SCALES)
@pytest.mark.parametrize("influence", ANCHORED)
def test_anchored_opinions_rest_to_the_last_bit_wherever_they_were_found(
    influence: Any, opinions: np.ndarray[Any, Any], social_rules: bool
) -> None:
    scenario = from_default_start(packs.opinion(influence))
    own = {**scenario.population.attributes, "opinion": opinions}
    scenario = replace(
        scenario,
        population=replace(scenario.population, attributes=own),
        social_rules=social_rules,
    )
    run = av.simulate(rested(scenario), threads=1)
    for name in ("opinion", "salience"):
        assert np.ptp(run.level_means(name)) == 0.0
    assert not np.ptp(run.shares(), axis=1).any()
    assert "start_opinion" not in scenario.population.attributes


def test_what_people_hold_to_is_an_opinion_and_nobody_listens_more_than_assumed() -> None:
    scenario = from_default_start(packs.opinion())
    before, after = scenario.population.attributes, rested(scenario).population.attributes
    assert 0.0 <= after["start_opinion"].min() <= after["start_opinion"].max() <= 1.0
    assert (after["susceptibility"] <= before["susceptibility"]).all()
    start = packs.at_rest(
        scenario.population, scenario.network, scenario.pack, variables=scenario.variables
    )
    lowered = after["susceptibility"] < before["susceptibility"]
    assert start.lowered == lowered.mean() > 0.5  # opinions drawn apart from the network
    assert start.allowed < start.assumed
    # Who could keep the whole of it is anchored within the scale, who could not at its end.
    at_end = np.isclose(after["start_opinion"], 0) | np.isclose(after["start_opinion"], 1)
    assert at_end[lowered].all()


def test_both_runs_are_of_the_same_people() -> None:
    scenario = from_default_start(packs.opinion())
    with_rules = rested(scenario).population.attributes
    without = rested(replace(scenario, social_rules=False)).population.attributes
    assert np.array_equal(with_rules["susceptibility"], without["susceptibility"])
    assert "start_opinion" not in without


def test_what_a_population_says_itself_is_kept() -> None:
    scenario = from_default_start(packs.opinion())
    said = {"salience": np.full(SIZE, 0.9), "start_opinion": np.full(SIZE, 0.25)}
    own = {**scenario.population.attributes, **said}
    people = replace(scenario.population, attributes=own)
    kept = rested(replace(scenario, population=people)).population.attributes
    for name, values in said.items():
        assert np.array_equal(kept[name], values)
    assert np.array_equal(kept["susceptibility"], own["susceptibility"])


@pytest.mark.parametrize(("coverage", "decay"), [(0.0, 0.1), (1.0, 0.01), (0.0, 0.0), (1.0, 0.0)])
def test_salience_rests_whatever_the_news_and_the_forgetting(coverage: float, decay: float) -> None:
    scenario = from_default_start(packs.opinion())
    defaults = {"coverage": coverage, "salience_decay": decay}
    variables = tuple(
        replace(item, default=defaults.get(item.name, item.default)) for item in scenario.variables
    )
    run = av.simulate(rested(replace(scenario, variables=variables)), threads=1)
    assert np.ptp(run.level_means("salience")) == 0.0


@pytest.mark.parametrize("influence", packs.INFLUENCES)
def test_the_first_ticks_move_by_no_more_than_their_interval_or_are_named(influence: Any) -> None:
    run = av.simulate_ensemble(rested(from_default_start(packs.opinion(influence))), threads=1)
    moving = {one.outcome for one in av.start_drift(run)}
    assert moving if influence in ALIKE else influence == "pairwise" or not moving
    for name in ("against", "undecided", "for", "opinion", "salience"):
        level = name in ("opinion", "salience")
        place = None if level else run.alternatives.index(name)
        values = run.level_means(name) if place is None else run.shares()[:, :, place]
        moved = values[:, 10] - values[:, 0]
        low, _, high = av.ensembles.interval(moved)
        least = 0.001 * (values[0, 0] if level else 1.0)
        assert (name in moving) == (abs(np.median(moved)) > max(high - low, least))


def test_a_short_run_is_looked_at_to_its_end_and_no_ticks_are_refused() -> None:
    scenario = replace(from_default_start(packs.opinion("degroot")), horizon=3)
    run = av.simulate_ensemble(scenario, threads=1)
    assert {one.ticks for one in av.start_drift(run)} == {3}
    with pytest.raises(RequestError, match="ticks"):
        av.start_drift(run, ticks=0)


def test_election_without_events_drifts_and_is_named() -> None:
    found = named(from_default_start(packs.election(), shares=SHARES))
    assert {outcome for check, outcome in found if check == "drift_without_cause"} & set(SHARES)
