"""Advertising in choice: adstock, a saturating response, wear-out and recovery."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from societies.choice import SHAPES, deciders, random_scenario

import agentverse_engine as av
from agentverse_engine.effects.effects import Effects
from agentverse_engine.errors import PackError, RequestError
from agentverse_engine.reference import simulate_reference
from agentverse_engine.rules.wearout import worn

MODEL = av.ChoiceModel(alternatives=("gas", "pump"), coefficients={"cost": -1.0}, constants={})
COSTS = (1.0, 1.5)
MEDIA, WORN = {"media": True}, {"media": True, "wearout": True}
RESTLESS = {"replacement_rate": 1.0}


def _campaign(points: float, *, ticks: tuple[int, int | None] = (0, None)) -> av.EventScript:
    return av.EventScript(
        variable="advertising.pump",
        operation="set",
        value=points,
        scope=av.Scope(start_tick=ticks[0], end_tick=ticks[1]),
    )


def _adstock(scenario: av.Scenario) -> NDArray[np.float64]:
    """Return float64[horizon+1], the adstock of advertising for the pump."""
    place = scenario.pack.parameters.index("advertising.pump")
    batch = Effects(scenario).batch()
    ticks = range(scenario.horizon + 1)
    return np.array([batch.at(tick).parameters[0, 0, place] for tick in ticks])


def test_adstock_fades_geometrically_with_its_half_life() -> None:
    """Koyck 1954: after a campaign 0.6 is left a tick; half of it after ln 0.5 / ln 0.6 ticks."""
    burst = _campaign(500.0, ticks=(1, 3))
    stock = _adstock(deciders(40, MODEL, costs=COSTS, flags=MEDIA, event_scripts=(burst,)))
    np.testing.assert_allclose(stock[:4], 500 * (1 - 0.6 ** np.arange(4)), rtol=1e-13)
    np.testing.assert_allclose(stock[4:], stock[3] * 0.6 ** np.arange(1, 4), rtol=1e-13)
    rate = math.log(stock[6] / stock[3]) / 3
    assert math.log(0.5) / rate == pytest.approx(math.log(0.5) / math.log(0.6), rel=1e-12)


def test_simulated_shares_follow_the_saturating_response() -> None:
    """16,000 choices a tick, 6 ticks, five standard errors: false alarms 4e-6."""
    scenario = deciders(
        4000,
        MODEL,
        costs=COSTS,
        flags=MEDIA,
        event_scripts=(_campaign(400.0),),
        defaults={**RESTLESS, "media_effect": 2.0},
    )
    found = av.simulate_ensemble(scenario, threads=1).shares()[:, 1:, 1].mean(axis=0)
    stock = _adstock(scenario)[1:]
    utility = -0.5 + 2.0 * stock / (100.0 + stock)
    expected = 1 / (1 + np.exp(-utility))
    np.testing.assert_allclose(av.expected_shares(scenario)[1:, 0, 0, 1], expected, rtol=1e-12)
    assert (np.abs(found - expected) < 5 * np.sqrt(expected * (1 - expected) / 16_000)).all()
    assert expected[0] > 1 / (1 + math.exp(0.5)) + 0.2  # far from no campaign at all


def test_half_saturation_gives_half_of_the_largest_effect() -> None:
    """Hill 1910, exponent 1: at K points K/(K+K); utilities add to log odds."""

    def log_odds(points: float) -> float:
        scenario = deciders(
            4000,
            MODEL,
            costs=COSTS,
            flags=MEDIA,
            event_scripts=(_campaign(points),),
            horizon=40,
            replicates=8,
            defaults={**RESTLESS, "media_effect": 2.0},
        )
        share = av.simulate_ensemble(scenario, threads=1).shares()[:, 21:, 1].mean()
        return math.log(share / (1 - share))

    # 640,000 choices: a standard error of log odds below 0.003; six of both give 0.025.
    none, half, most = log_odds(0.0), log_odds(100.0), log_odds(10_000.0)
    assert half - none == pytest.approx(1.0, abs=0.025)
    assert most - none == pytest.approx(2.0 * 100 / 101, abs=0.025)


def test_no_advertising_equals_no_media() -> None:
    silent, without = (
        av.simulate_ensemble(
            deciders(500, MODEL, costs=COSTS, flags=flags, social_rules=True), threads=1
        )
        for flags in (MEDIA, {})
    )
    assert silent.digest == without.digest


def test_more_advertising_never_lowers_a_share() -> None:
    """Common random numbers, two alternatives: each persona's answer is monotone in the dose."""
    states: list[NDArray[np.uint8]] = []
    for points in (0.0, 50.0, 200.0, 10_000.0):
        scenario = deciders(
            2000,
            MODEL,
            costs=COSTS,
            flags=MEDIA,
            event_scripts=(_campaign(points),),
            defaults={**RESTLESS, "media_effect": 1.0},
        )
        states.append(av.simulate_ensemble(scenario, threads=1).state_at(6))
    for less, more in pairwise(states):
        assert (more >= less).all()
        assert more.sum() > less.sum()


def test_wear_out_without_habituation_equals_plain_media() -> None:
    """The replacement is drawn by the same numbers, as a gate or as the last rule."""
    campaign = (_campaign(300.0, ticks=(2, None)),)
    worn_out, plain = (
        av.simulate_ensemble(
            deciders(
                800,
                MODEL,
                costs=COSTS,
                flags=flags,
                event_scripts=campaign,
                social_rules=True,
                defaults={"replacement_rate": 0.3, "habituation": 0.0},
            ),
            threads=1,
        )
        for flags in (WORN, MEDIA)
    )
    np.testing.assert_array_equal(worn_out.stock, plain.stock)


def test_a_repeated_campaign_moves_less_and_recovers_after_a_pause() -> None:
    """Rankin et al. 2009: habituation falls with repetition, spontaneous recovery raises it."""
    campaigns = (_campaign(2000.0, ticks=(1, 10)), _campaign(2000.0, ticks=(60, 60)))
    scenario = deciders(
        4000,
        MODEL,
        costs=COSTS,
        flags=WORN,
        event_scripts=campaigns,
        horizon=60,
        defaults={**RESTLESS, "media_effect": 2.0, "recovery": 0.2},
    )
    run = av.simulate_ensemble(scenario, threads=1)
    responsiveness = run.level_means("responsiveness")[0]
    assert (np.diff(responsiveness[:11]) < 0).all()
    assert (np.diff(responsiveness[20:60]) > 0).all()
    assert responsiveness[59] > responsiveness[10] + 0.3
    share = run.shares()[:, :, 1].mean(axis=0)  # 16,000 choices a tick: standard error 0.004
    assert share[3] - share[10] > 0.05
    assert share[60] - share[11] > 0.05


@settings(deadline=None)
@given(
    st.floats(0, 1),
    st.floats(0, 1e4),
    st.floats(1, 1e4),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_responsiveness_stays_a_share_and_falls_with_advertising(
    before: float, points: float, half: float, habituation: float, recovery: float
) -> None:
    silent = worn(before, np.zeros(2), half, habituation, recovery)
    after = worn(before, np.array([points, 0.0]), half, habituation, recovery)
    assert 0.0 <= after <= silent <= 1.0
    assert silent >= before


def test_constant_advertising_wears_down_to_the_fixed_point() -> None:
    """h* = recovery / (recovery + S), where wearing out and recovery balance."""
    level = 1.0
    for _ in range(400):
        level = worn(level, np.array([100.0, 0.0]), 100.0, 0.2, 0.05)
    assert level == pytest.approx(0.05 / (0.05 + 0.5), rel=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 7, 8, 9, 11, 13, 15, 17, 19, 21, 23])
def test_fast_path_equals_the_plain_reference(seed: int) -> None:
    """Random societies with and without advertising, and with wear-out."""
    scenario = random_scenario(seed)
    fast, slow = av.simulate_ensemble(scenario, threads=1), simulate_reference(scenario)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    np.testing.assert_array_equal(fast.flows, slow.flows)
    np.testing.assert_array_equal(fast.level_sums, slow.level_sums)


def test_random_societies_use_every_kind_of_event() -> None:
    scenarios = [random_scenario(seed) for seed in range(200)]
    scripts = [script for scenario in scenarios for script in scenario.event_scripts]
    assert len({script.operation for script in scripts}) == 5
    assert len({script.intensity.kind for script in scripts}) == 7
    conditions = [script.condition for script in scripts if script.condition is not None]
    assert {condition.hold for condition in conditions} == {"once", "while"}
    assert any(script.bundle for script in scripts)
    assert any(script.scope.where for script in scripts)
    assert any(script.scope.personas for script in scripts)
    assert len({scenario.pack.rules for scenario in scenarios}) == len(SHAPES)


def test_wear_out_without_media_is_refused() -> None:
    with pytest.raises(PackError) as caught:
        av.consumer_choice(MODEL, wearout=True)
    assert caught.value.field == "wearout"


def test_expected_shares_of_worn_advertising_are_refused() -> None:
    scenario = deciders(40, MODEL, costs=COSTS, flags=WORN)
    with pytest.raises(RequestError) as caught:
        av.expected_shares(scenario)
    assert caught.value.field == "pack consumer_choice"
