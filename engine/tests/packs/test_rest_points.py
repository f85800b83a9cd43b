"""Packs from their default start, without an event: what drifts or has no width is named."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from societies.crowd import crowd
from societies.economy import households

import agentverse_engine as av
from agentverse_engine import packs

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


def test_election_without_events_drifts_and_is_named() -> None:
    found = named(from_default_start(packs.election(), shares=SHARES))
    assert {outcome for check, outcome in found if check == "drift_without_cause"} & set(SHARES)
