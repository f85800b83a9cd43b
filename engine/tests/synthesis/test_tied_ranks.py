"""Ordinal and binary attributes keep the rank correlation that was asked for.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from agentverse_engine.errors import CorrelationError
from agentverse_engine.synthesis import fit_copula, gaussian_copula
from agentverse_engine.synthesis.tied_ranks import normal_correlation, tied_ranks

Floats = NDArray[np.float64]
SIZE = 40_000
BINARY = np.repeat([0.0, 1.0], [70, 30])
ORDINAL = np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], [10, 30, 35, 20, 5])
INCOME = np.random.default_rng(3).lognormal(3, 1, 500)


def kendall(x: Floats, y: Floats) -> float:
    """Kendall's tau of 1,500 pairs of personas by definition."""
    dx, dy = np.sign(x[:1500, None] - x[None, :1500]), np.sign(y[:1500, None] - y[None, :1500])
    return float((dx * dy).sum() / (1500 * 1499))


@pytest.mark.parametrize("rho", [-0.5, -0.2, 0.3, 0.6])
@pytest.mark.parametrize(
    ("one", "other"), [(BINARY, ORDINAL), (ORDINAL, ORDINAL), (ORDINAL, INCOME), (BINARY, INCOME)]
)
def test_draws_with_ties_have_the_rank_correlation_asked_for(
    one: Floats, other: Floats, rho: float
) -> None:
    """Within 4 standard errors of 1 / sqrt(n), once in 15,000, and 0.003 of the cut income."""
    drawn = gaussian_copula(
        {"one": one, "other": other}, [[1.0, rho], [rho, 1.0]], size=SIZE, seed=5
    )
    found = fit_copula(drawn).correlation[0, 1]
    assert found == pytest.approx(rho, abs=4.0 / math.sqrt(SIZE) + 0.003)


def test_a_survey_of_ordinal_items_is_drawn_as_it_correlates() -> None:
    """Latent correlation 0.6 cut into fives: fitted, drawn, fitted again."""
    rng = np.random.default_rng(4)
    latent = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=4000)
    items = np.digitize(latent, [-1.0, -0.3, 0.4, 1.2]).astype(np.float64)
    fitted = fit_copula({"first": items[:, 0], "second": items[:, 1]})
    drawn = gaussian_copula(fitted.marginals, fitted.correlation, size=SIZE, seed=6)
    again = fit_copula(drawn)
    assert again.correlation[0, 1] == pytest.approx(fitted.correlation[0, 1], abs=0.02)


def test_normal_correlation_of_two_halves_is_known() -> None:
    """Of two attributes cut at their medians: rho = 2/pi asin r (Sheppard 1899)."""
    halves = tied_ranks(np.repeat([0.0, 1.0], 50))
    for r in (0.2, 0.5, -0.8):
        rho = 2.0 / math.pi * math.asin(r)
        assert normal_correlation(rho, halves, halves, "x") == pytest.approx(r, abs=1e-6)


def test_kendalls_tau_of_continuous_draws_follows_greiner() -> None:
    """tau = 2/pi asin r (Greiner 1909), with r = 2 sin(pi rho / 6); 4 standard errors of 0.017."""
    marginals = {"one": np.linspace(0, 1, 999), "other": INCOME}
    drawn = gaussian_copula(marginals, [[1.0, 0.6], [0.6, 1.0]], size=1500, seed=7)
    expected = 2.0 / math.pi * math.asin(2.0 * math.sin(math.pi * 0.6 / 6.0))
    assert kendall(drawn["one"], drawn["other"]) == pytest.approx(expected, abs=0.07)


def test_a_correlation_that_ties_forbid_is_refused_by_its_pair() -> None:
    rare = np.repeat([0.0, 1.0], [95, 5])
    with pytest.raises(CorrelationError) as refused:
        gaussian_copula({"rare": rare, "half": BINARY}, [[1.0, 0.9], [0.9, 1.0]], size=10, seed=1)
    assert refused.value.field == "rare × half"
