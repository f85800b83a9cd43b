"""Copula draws have the marginals and rank correlations asked for, and always the same bits.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

# mpmath has no type stubs: its numbers stay inside _relative_error and _true_quantile.
# pyright: reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentverse_engine.errors import CorrelationError, EngineError, RequestError
from agentverse_engine.synthesis import fit_copula, gaussian_copula
from agentverse_engine.synthesis.normal import normal_probabilities, normal_quantiles

Floats = NDArray[np.float64]

SIZE = 20_000
SPEARMAN = np.array([[1.0, 0.6, -0.3], [0.6, 1.0, 0.1], [-0.3, 0.1, 1.0]])
SURVEY = np.random.default_rng(3).lognormal(3, 1, 500)


def _exponential(shares: Floats) -> Floats:
    return -np.log1p(-shares)


def _draws(seed: int = 11, size: int = SIZE) -> dict[str, Floats]:
    marginals = {"income": SURVEY, "wait": _exponential, "mood": np.linspace(-1, 1, 999)}
    return gaussian_copula(marginals, SPEARMAN, size=size, seed=seed)


def _relative_error(value: float, truth: Any) -> float:
    return float(abs(mpmath.mpf(value) / truth - 1))


def _true_quantile(probability: float, near: float) -> Any:
    """Newton's method in 50 digits, on the lower tail, from an approximate answer."""
    lower = mpmath.mpf(probability) if probability < 0.5 else 1 - mpmath.mpf(probability)
    z = -abs(mpmath.mpf(near))
    for _ in range(3):
        density = mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)
        z -= (mpmath.erfc(-z / mpmath.sqrt(2)) / 2 - lower) / density
    return z if probability < 0.5 else -z


def test_normal_quantiles_are_true_to_1e_15() -> None:
    draw = np.random.default_rng(1)
    points = np.concatenate(
        [
            draw.uniform(0, 1, 200),
            10.0 ** draw.uniform(-320, -1, 150),
            1 - 10.0 ** draw.uniform(-16, -1, 150),
            0.5 + draw.normal(0, 1e-9, 50),
            [0.075, 0.925, 5e-324, 2.0**-53, 1 - 2.0**-53],
        ]
    )
    with mpmath.workdps(50):
        worst = max(
            _relative_error(z, _true_quantile(p, z))
            for p, z in zip(points.tolist(), normal_quantiles(points).tolist(), strict=True)
        )
    assert worst < 1e-15


def test_normal_probabilities_are_true_to_1e_15() -> None:
    draw = np.random.default_rng(2)
    points = np.concatenate([draw.uniform(-37, 9, 1000), draw.uniform(-1, 1, 500)])
    with mpmath.workdps(50):
        worst = max(
            _relative_error(p, mpmath.erfc(-mpmath.mpf(z) / mpmath.sqrt(2)) / 2)
            for z, p in zip(points.tolist(), normal_probabilities(points).tolist(), strict=True)
        )
    assert worst < 1e-15


def test_normal_functions_of_special_values() -> None:
    assert normal_quantiles([0.0, 0.5, 1.0]).tolist() == [-np.inf, 0.0, np.inf]
    assert np.isnan(normal_quantiles([np.nan, -0.1, 1.1])).all()
    assert normal_probabilities([-np.inf, -50.0, 0.0, 50.0, np.inf]).tolist() == [0, 0, 0.5, 1, 1]
    assert np.isnan(normal_probabilities(np.nan))


def test_draws_have_the_rank_correlations_asked_for() -> None:
    """Standard error at most 1.06/sqrt(n) = 0.0024; five of them for three pairs: 2 in 10^6.

    Narrow enough to tell r = 2 sin(pi rho / 6) from r = rho, which would be off by 0.018.
    """
    found = fit_copula(_draws(size=200_000)).correlation
    assert np.abs(found - SPEARMAN).max() < 0.012


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.98, 0.98), st.integers(0, 2**64 - 1))
def test_draws_of_any_rank_correlation_have_it(rho: float, seed: int) -> None:
    """2000 draws: six standard errors of 0.0237 are 0.142; 20 examples: 4 in 10^8."""
    uniform = {"a": np.arange(1000), "b": np.arange(1000)}
    drawn = gaussian_copula(uniform, [[1, rho], [rho, 1]], size=2000, seed=seed)
    assert fit_copula(drawn).correlation[0, 1] == pytest.approx(rho, abs=0.142)


def test_draws_have_the_marginals_asked_for() -> None:
    """Dvoretzky-Kiefer-Wolfowitz: a gap of 0.02 at 20,000 draws has a chance of 2 in 10^7."""
    draws = _draws()
    assert set(draws["income"].tolist()) <= set(SURVEY.tolist())
    places = np.searchsorted(np.sort(SURVEY), np.sort(SURVEY), side="right") / SURVEY.size
    below = np.searchsorted(np.sort(draws["income"]), np.sort(SURVEY), side="right") / SIZE
    assert np.abs(below - places).max() < 0.02
    shares = np.sort(1 - np.exp(-draws["wait"]))
    assert np.abs(shares - np.arange(1, SIZE + 1) / SIZE).max() < 0.02


def test_draws_of_uncorrelated_attributes_are_independent() -> None:
    """A 4 x 4 table of quarters: chi-square with 9 degrees of freedom exceeds 50 once in 10^7."""
    uniform = {"a": np.arange(4), "b": np.arange(4)}
    drawn = gaussian_copula(uniform, np.eye(2), size=16_000, seed=4)
    counts = np.bincount((drawn["a"] * 4 + drawn["b"]).astype(np.int64), minlength=16)
    expected = np.outer(counts.reshape(4, 4).sum(1), counts.reshape(4, 4).sum(0)) / 16_000
    assert ((counts.reshape(4, 4) - expected) ** 2 / expected).sum() < 50


def test_more_personas_leave_the_first_ones_as_they_are() -> None:
    few, many = _draws(size=50), _draws(size=500)
    assert all(few[name].tolist() == many[name][:50].tolist() for name in few)


def test_another_seed_draws_others() -> None:
    assert _draws(seed=1, size=50)["income"].tolist() != _draws(seed=2, size=50)["income"].tolist()


def test_draws_keep_their_bits() -> None:
    """A golden digest: it changes on purpose only, as when ties were taken into account."""
    draws = gaussian_copula(
        {"a": np.arange(10_000), "b": np.arange(777), "c": np.arange(9)},
        SPEARMAN,
        size=3000,
        seed=2**63 + 5,
    )
    digest = sha256(np.stack([draws["a"], draws["b"], draws["c"]]).tobytes()).hexdigest()
    assert digest == "1715d46be78691cff1b592cb4f790cc816e36410ec89324aed01fa0008dbbc3f"


def test_fit_copula_ranks_ties_by_their_mean() -> None:
    """Mid-ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: products 4.5, squares 4.5 and 5."""
    found = fit_copula({"x": [1, 2, 2, 3], "y": [0.1, 0.7, 0.3, 9.0]})
    assert found.correlation[0, 1] == pytest.approx(4.5 / np.sqrt(4.5 * 5), rel=1e-15)
    assert found.marginals["y"].tolist() == [0.1, 0.3, 0.7, 9.0]


def test_fit_copula_sees_ranks_only() -> None:
    draw = np.random.default_rng(5)
    x, y = draw.normal(size=(2, 300))
    plain = fit_copula({"x": x, "y": x + y}).correlation
    bent = fit_copula({"x": np.exp(x), "y": (x + y) ** 3}).correlation
    assert plain.tolist() == bent.tolist()


def test_copula_of_a_survey_draws_its_correlations() -> None:
    """Against the survey's own correlation: five standard errors of 20,000 draws."""
    x, y, z = np.random.default_rng(6).normal(size=(3, 400))
    survey = fit_copula({"x": x, "y": 2 * x + y, "z": np.exp(z - y)})
    drawn = gaussian_copula(survey.marginals, survey.correlation, size=SIZE, seed=8)
    assert np.abs(fit_copula(drawn).correlation - survey.correlation).max() < 0.0375


def test_correlations_that_contradict_each_other_are_refused_by_name() -> None:
    impossible = [[1.0, 0.9, 0.9], [0.9, 1.0, -0.9], [0.9, -0.9, 1.0]]
    with pytest.raises(CorrelationError, match="not positive definite with a, b") as caught:
        gaussian_copula({"a": SURVEY, "b": SURVEY, "c": SURVEY}, impossible, size=5, seed=1)
    assert caught.value.field == "c"


def _pair(correlation: object, **changes: object) -> Callable[[], object]:
    given: dict[str, Any] = {"size": 5, "seed": 1, **changes}
    matrix: Any = correlation
    return lambda: gaussian_copula({"a": SURVEY, "b": SURVEY}, matrix, **given)


@pytest.mark.parametrize(
    ("call", "error", "field"),
    [
        (_pair([[1, 1], [1, 1]]), CorrelationError, "b"),
        (_pair([[1, 1.2], [1.2, 1]]), CorrelationError, "a × b"),
        (_pair([[1, np.nan], [np.nan, 1]]), CorrelationError, "a × b"),
        (_pair([[1, 0.1], [0.2, 1]]), CorrelationError, "a × b"),
        (_pair([[1, 0], [0, 0.9]]), CorrelationError, "b"),
        (_pair([[1]]), CorrelationError, "correlation"),
        (_pair(np.eye(2), size=0), RequestError, "size"),
        (_pair(np.eye(2), seed=-1), RequestError, "seed"),
        (lambda: gaussian_copula({}, [[]], size=5, seed=1), RequestError, "marginals"),
        (lambda: gaussian_copula({"a": [1, np.nan]}, [[1]], size=5, seed=1), RequestError, "a"),
        (lambda: gaussian_copula({"a": ["x"]}, [[1]], size=5, seed=1), RequestError, "a"),
        (lambda: gaussian_copula({"a": []}, [[1]], size=5, seed=1), RequestError, "a"),
        (
            lambda: gaussian_copula({"a": lambda u: u / 0 * 0}, [[1]], size=5, seed=1),
            RequestError,
            "a",
        ),
        (lambda: gaussian_copula({"a": lambda u: u[:1]}, [[1]], size=5, seed=1), RequestError, "a"),
        (lambda: fit_copula({}), RequestError, "columns"),
        (lambda: fit_copula({"a": [1.0, 2.0], "b": [1.0]}), RequestError, "b"),
        (lambda: fit_copula({"a": [1.0, 2.0], "b": [4.0, 4.0]}), RequestError, "b"),
        (lambda: fit_copula({"a": [1.0, np.inf]}), RequestError, "a"),
    ],
)
def test_unusable_requests_are_refused(
    call: Callable[[], object], error: type[EngineError], field: str
) -> None:
    with pytest.raises(error) as caught, np.errstate(all="ignore"):
        call()
    assert caught.value.field == field
