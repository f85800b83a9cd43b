"""The closed form against the engine's own, against simulation, and its sampling interval."""

import numpy as np
import pytest
from factories.scenarios import make_scenario

from agentverse.comparisons.windows import Window
from agentverse.runs.schemas import ShareKind
from agentverse_engine import EventScript, Scenario, Scope, expected_shares, simulate_ensemble
from agentverse_engine.closed_form import expectation

CUT = EventScript(
    variable="cost.c",
    operation="multiply",
    value=0.5,
    scope=Scope(regions=("north",), start_tick=4),
)
FASTER = EventScript(
    variable="replacement_rate",
    operation="multiply",
    value=3.0,
    scope=Scope(segments=("rich",), start_tick=3),
)

# Fades in, and out again after its end (adstock).
ADVERTISING = EventScript(
    variable="advertising.c",
    operation="set",
    value=300.0,
    scope=Scope(segments=("poor",), start_tick=2, end_tick=6),
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return make_scenario(personas=3000, event_scripts=(CUT, FASTER), social_rules=False)


def test_expected_installations_weigh_the_engines_cells_by_their_replacements(
    scenario: Scenario,
) -> None:
    """With one rate for all, cells weigh by their size."""
    plain = make_scenario(personas=3000, event_scripts=(CUT,), social_rules=False)
    cells = np.bincount(plain.population.cells(), minlength=4).reshape(2, 2)
    shares = expected_shares(plain)[5:9]
    weighted = (shares * cells[None, :, :, None]).sum(axis=(0, 1, 2))
    found = expectation.expected(
        plain, expectation.fitted(plain), Window(metric="flow_share", from_tick=5, to_tick=8)
    )[0]
    assert found == pytest.approx(weighted / weighted.sum(), abs=1e-12)


@pytest.mark.parametrize("tick", [1, 2, 5, 8, 12])
def test_expected_installations_follow_advertising_as_it_fades(tick: int) -> None:
    advertised = make_scenario(
        personas=3000, event_scripts=(CUT, ADVERTISING), social_rules=False, media=True
    )
    cells = np.bincount(advertised.population.cells(), minlength=4).reshape(2, 2)
    weighted = (expected_shares(advertised)[tick] * cells[:, :, None]).sum(axis=(0, 1))
    window = Window(metric="flow_share", from_tick=tick, to_tick=tick)
    found = expectation.expected(advertised, expectation.fitted(advertised), window)[0]
    assert found == pytest.approx(weighted / weighted.sum(), abs=1e-9)


METRICS: tuple[ShareKind, ...] = ("flow_share", "stock_share")


@pytest.mark.parametrize("media", [False, True])
@pytest.mark.parametrize("metric", METRICS)
def test_expected_agrees_with_simulation_without_social_rules(
    metric: ShareKind, media: bool
) -> None:
    """z of the mean of 64 replicates; |z| > 4.5 for any of 3 has probability below 3e-5."""
    added = (ADVERTISING,) if media else ()
    simulated = make_scenario(
        personas=3000,
        event_scripts=(CUT, FASTER, *added),
        social_rules=False,
        replicates=64,
        media=media,
    )
    run = simulate_ensemble(simulated, threads=1)
    window = Window(metric=metric, from_tick=5, to_tick=12)
    found = expectation.expected(simulated, expectation.fitted(simulated), window)[0]
    counts = (
        run.flows[:, 5:13].sum(axis=(1, 2, 3))
        if metric == "flow_share"
        else run.stock[:, 12].sum(axis=(1, 2))
    )
    shares = counts / counts.sum(axis=1, keepdims=True)
    error = shares.std(axis=0, ddof=1) / np.sqrt(len(shares))
    assert np.abs((shares.mean(axis=0) - found) / error).max() < 4.5


def test_expected_with_a_coincidental_script_averages_its_occurrences() -> None:
    maybe = EventScript(variable="cost.c", operation="multiply", value=0.5, probability=0.5)
    window = Window(metric="flow_share", from_tick=1, to_tick=12)

    def expected(*scripts: EventScript) -> float:
        scenario = make_scenario(event_scripts=scripts, social_rules=False)
        return float(expectation.expected(scenario, expectation.fitted(scenario), window)[0, 2])

    always = EventScript(variable="cost.c", operation="multiply", value=0.5)
    assert expected() < expected(maybe) < expected(always)


def test_sampled_coefficients_have_the_given_mean_and_covariance(scenario: Scenario) -> None:
    """5,000 draws: the standard error of a mean is 1.4 % of its sigma; 6 of them are allowed."""
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    draws = expectation.sampled(scenario, ("cost", "asc.a"), covariance, draws=5000)
    found = np.column_stack((draws.families[:, 0], draws.constants[:, 0]))
    assert found.mean(axis=0) == pytest.approx([-0.5, 0.4], abs=6 * 0.3 / np.sqrt(5000))
    assert np.cov(found.T) == pytest.approx(covariance, abs=0.01)
    assert (draws.constants[:, 1] == -0.3).all(), "what the covariance does not name stays"


def test_sampled_coefficients_are_the_same_in_every_process(scenario: Scenario) -> None:
    covariance = np.array([[0.04, 0.0], [0.0, 0.09]])
    one, other = (
        expectation.sampled(scenario, ("cost", "asc.a"), covariance, draws=3) for _ in range(2)
    )
    assert np.array_equal(one.families, other.families)
    assert one.families[0, 0] == pytest.approx(-0.5 + 0.2 * FIRST_NORMAL, abs=1e-9)


# Box-Muller of the first counted uniforms of the estimation stream; pins stream and formula.
FIRST_NORMAL = -0.6221392121482795


def test_profiles_join_equal_personas(scenario: Scenario) -> None:
    found = expectation.profiles(scenario.population)
    assert found.weights.sum() == 3000
    assert len(found.weights) < 3000
    assert (np.diff(found.cells) >= 0).all()


def test_sampled_profiles_stand_for_everybody(scenario: Scenario) -> None:
    found = expectation.profiles(scenario.population).sampled(50)
    assert len(found.weights) == 50
    assert found.weights.sum() == pytest.approx(3000)
