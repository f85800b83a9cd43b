"""Resampling keeps what the survey says, and the fit report says how well."""

import numpy as np
import pytest

from agentverse_engine.errors import RequestError
from agentverse_engine.synthesis import fit_report, quantile_bins, resample


@pytest.mark.parametrize("size", [1, 7, 900, 1000, 100_003])
def test_every_row_appears_its_expected_number_of_times_rounded(size: int) -> None:
    chosen = resample(900, size, seed=20)
    counts = np.bincount(chosen, minlength=900)
    assert chosen.size == size
    assert (np.diff(chosen) >= 0).all()
    assert counts.min() >= size // 900
    assert counts.max() <= -(-size // 900)


def test_weighted_rows_appear_in_proportion_to_their_weight() -> None:
    weights = np.array([0.0, 1.0, 2.5, 0.5, 0.0])
    counts = np.bincount(resample(5, 4003, seed=1, weights=weights), minlength=5)
    np.testing.assert_allclose(counts, weights / 4 * 4003, atol=1)
    assert counts[0] == counts[4] == 0


def test_every_row_is_equally_likely_when_few_are_drawn() -> None:
    """10 rows, 3 drawn, 1000 seeds: 0.3 each, five standard errors are 0.073."""
    counts = np.zeros(10)
    for seed in range(1000):
        counts += np.bincount(resample(10, 3, seed=seed), minlength=10)
    assert np.abs(counts / 1000 - 0.3).max() < 0.073


def test_same_seed_draws_the_same_rows() -> None:
    np.testing.assert_array_equal(resample(7, 50, seed=3), resample(7, 50, seed=3))


def test_fit_report_counts_every_category() -> None:
    columns = {"region": np.array(["n", "n", "s", "s"]), "size": np.array([1, 2, 3, 3])}
    report = fit_report(columns, [0, 0, 1, 2, 2, 2, 2, 3])
    found = {(fit.column, fit.category): (fit.target, fit.achieved) for fit in report.categories}
    assert found == {
        ("region", "n"): (4.0, 3),
        ("region", "s"): (4.0, 5),
        ("size", "1"): (2.0, 2),
        ("size", "2"): (2.0, 1),
        ("size", "3"): (4.0, 5),
    }
    assert report.tae == 4.0
    assert report.srmse == pytest.approx(np.sqrt(4 / 5) / (16 / 5))
    assert (report.worst.column, report.worst.category) == ("size", "2")


def test_fit_report_uses_the_weights_as_target() -> None:
    report = fit_report({"g": np.array([0, 1])}, [0, 0, 0, 1], weights=[3, 1])
    assert report.tae == 0.0


def test_quantile_bins_are_of_equal_count() -> None:
    bins = quantile_bins(np.random.default_rng(4).normal(size=1000), 5)
    assert np.bincount(bins).tolist() == [200] * 5


def test_bad_requests_are_refused() -> None:
    for call, field in (
        (lambda: resample(0, 5, seed=1), "rows"),
        (lambda: resample(5, 0, seed=1), "size"),
        (lambda: resample(2, 5, seed=1, weights=[1, -1]), "weights"),
        (lambda: resample(2, 5, seed=1, weights=[0, 0]), "weights"),
        (lambda: resample(2, 5, seed=1, weights=[1]), "weights"),
        (lambda: fit_report({"x": np.array([0.5, 1.5])}, [0]), "x"),
        (lambda: fit_report({}, [0]), "columns"),
        (lambda: fit_report({"a": np.array([1, 2]), "b": np.array([1])}, [0]), "b"),
    ):
        with pytest.raises(RequestError) as caught:
            call()
        assert caught.value.field == field
