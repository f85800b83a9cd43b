"""What the estimation leaves open, in replicates: it agrees with the closed form's own interval."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.choice import deciders

import agentverse_engine as av
from agentverse_engine.closed_form import expectation
from agentverse_engine.closed_form.expectation import ShareKind
from agentverse_engine.errors import EstimationError

Floats = NDArray[np.float64]
MODEL = av.ChoiceModel(
    alternatives=("gas", "wood", "pump"),
    coefficients={"cost": -0.8},
    constants={"wood": 0.3, "pump": 0.5},
)
NAMES = ("cost", "asc.wood", "asc.pump")
COVARIANCE = np.array([[0.010, 0.002, -0.004], [0.002, 0.020, 0.005], [-0.004, 0.005, 0.030]])
SUBSIDY = av.EventScript(variable="cost.pump", operation="multiply", value=0.5)
REPLICATES, PUMP = 150, 2


@dataclass(frozen=True, slots=True)
class Window:
    """Everything that is chosen from the first tick to the sixth."""

    metric: ShareKind = "flow_share"
    from_tick: int = 1
    to_tick: int = 6


@pytest.fixture(scope="module")
def plain() -> av.Scenario:
    """Three systems that cost 1, 2 and 3; one in five ends at each tick; nobody looks at others."""
    rate = {"replacement_rate": 0.2}
    return deciders(8_000, MODEL, costs=(1, 2, 3), replicates=REPLICATES, defaults=rate)


@pytest.fixture(scope="module")
def simulated(plain: av.Scenario) -> Floats:
    """float64[replicates], what the subsidy adds to the pump's share, with draws."""
    base = replace(plain, draws=expectation.estimation_draws(plain, NAMES, COVARIANCE))
    shares = [_pump_share(av.simulate_ensemble(one)) for one in (base, base.branch([SUBSIDY]))]
    return shares[1] - shares[0]


def _pump_share(run: av.Trajectory) -> Floats:
    chosen = run.flows[:, 1:].sum(axis=(1, 2, 3)).astype(np.float64)
    return chosen[:, PUMP] / chosen.sum(axis=1)


def _in_closed_form(scenario: av.Scenario, draws: expectation.Coefficients) -> Floats:
    """float64[draws], the same in expectation."""
    base, branch = (
        expectation.expected(one, draws, Window())[:, PUMP]
        for one in (scenario, scenario.branch([SUBSIDY]))
    )
    return branch - base


def wasserstein(one: Floats, other: Floats) -> float:
    """W1 of two samples: the mean distance of their quantile functions, on a fine grid."""
    grid = (np.arange(1_000) + 0.5) / 1_000
    return float(np.abs(np.quantile(one, grid) - np.quantile(other, grid)).mean())


def test_replicates_with_draws_agree_with_krinsky_and_robb(
    plain: av.Scenario, simulated: Floats
) -> None:
    """The bound is the 99.9 % quantile of W1 between two samples of the closed form of these
    sizes, so for seeds drawn at random this test would fail in 1 of 1,000."""
    many = _in_closed_form(plain, expectation.sampled(plain, NAMES, COVARIANCE, draws=20_000))
    shown = _in_closed_form(plain, expectation.sampled(plain, NAMES, COVARIANCE, seed=3))
    draw = np.random.default_rng(5)
    bound = np.quantile(
        [
            wasserstein(draw.choice(many, simulated.size), draw.choice(many, shown.size))
            for _ in range(2_000)
        ],
        0.999,
    )
    assert wasserstein(simulated, shown) < bound
    narrow = _in_closed_form(plain, expectation.sampled(plain, NAMES, COVARIANCE / 4, seed=3))
    assert wasserstein(simulated, narrow) > bound  # an interval half as wide is noticed
    alone = [_pump_share(av.simulate_ensemble(one)) for one in (plain, plain.branch([SUBSIDY]))]
    assert wasserstein(alone[1] - alone[0], shown) > bound  # and so is one of chance alone


def test_chance_and_estimation_add_up_to_the_replicates_variance(
    plain: av.Scenario, simulated: Floats
) -> None:
    """Given its draw, a replicate leaves its expectation by chance, and not to one side."""
    base = replace(plain, draws=expectation.estimation_draws(plain, NAMES, COVARIANCE))
    estimation = _in_closed_form(plain, expectation.drawn(base))
    chance = simulated - estimation
    assert chance.std() < estimation.std() / 4
    assert abs(chance.mean()) < 4 * chance.std() / np.sqrt(chance.size)  # 1 in 15,000


@pytest.mark.parametrize("replicates", [8, 20])
def test_draws_have_the_mean_and_the_covariance_of_the_fit(
    plain: av.Scenario, replicates: int
) -> None:
    few = replace(plain, replicates=replicates)
    draws = expectation.estimation_draws(few, NAMES, COVARIANCE)
    other = expectation.estimation_draws(replace(few, seed=1), NAMES, COVARIANCE)
    points = np.stack(
        [draws.coefficients["cost"], draws.constants["wood"], draws.constants["pump"]]
    )
    np.testing.assert_allclose(points.mean(axis=1), [-0.8, 0.3, 0.5], atol=1e-8)
    np.testing.assert_allclose(np.cov(points, bias=True), COVARIANCE, atol=1e-8)
    assert (draws.coefficients["cost"] != other.coefficients["cost"]).all()
    assert "gas" not in draws.constants  # its constant is zero by definition


def test_draws_of_very_few_replicates_have_the_mean_of_the_fit(plain: av.Scenario) -> None:
    draws = expectation.estimation_draws(replace(plain, replicates=2), NAMES, COVARIANCE)
    assert draws.constants["pump"].mean() == pytest.approx(0.5)
    assert draws.constants["pump"].std() > 0


def test_covariance_of_zero_draws_the_estimates(plain: av.Scenario) -> None:
    still = replace(plain, draws=expectation.estimation_draws(plain, NAMES, 0.0 * COVARIANCE))
    assert still.digest == plain.digest


def test_covariance_that_is_none_is_refused(plain: av.Scenario) -> None:
    wrong = np.array([[0.01, 0.1, 0.0], [0.1, 0.01, 0.0], [0.0, 0.0, 0.01]])
    for covariance in (wrong, -COVARIANCE):
        with pytest.raises(EstimationError, match="positive semi-definite") as found:
            expectation.estimation_draws(plain, NAMES, covariance)
        assert found.value.field == "covariance"
