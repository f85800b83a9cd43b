"""Quantiles over replicates, shares, and paired differences."""

from typing import cast

import numpy as np
import pytest

from agentverse_engine import ensembles
from agentverse_engine.errors import RequestError


def test_interval_is_numpys_type_seven() -> None:
    values = np.random.default_rng(1).normal(size=(20, 5, 3))
    low, median, high = ensembles.interval(values, 0.9)
    expected = np.quantile(values, [0.05, 0.5, 0.95], axis=0)
    np.testing.assert_allclose([low, median, high], expected, rtol=1e-12)


def test_interval_leaves_out_replicates_without_a_value() -> None:
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    low, median, high = ensembles.interval(values, 0.5)
    np.testing.assert_array_equal([low[0], median[0], high[0]], [1.5, 2.0, 2.5])
    assert np.isnan([low[1], median[1], high[1]]).all()


def test_midpoint_quantiles_of_twenty_replicates_are_they_themselves() -> None:
    values = np.random.default_rng(2).normal(size=(20, 4))
    np.testing.assert_array_equal(ensembles.midpoint_quantiles(values), np.sort(values, axis=0))


def test_midpoint_quantiles_of_other_counts_are_hazens() -> None:
    values = np.random.default_rng(3).normal(size=37)
    expected = np.quantile(values, (np.arange(20) + 0.5) / 20, method="hazen")
    np.testing.assert_allclose(ensembles.midpoint_quantiles(values), expected, rtol=1e-12)


def test_quantiles_of_one_replicate_are_its_value() -> None:
    np.testing.assert_array_equal(ensembles.quantiles([[4.0, 5.0]], [0, 0.5, 1]), [[4, 5]] * 3)


def test_quantiles_between_infinite_values_are_infinite() -> None:
    values = [1.0, np.inf, np.inf]
    np.testing.assert_array_equal(ensembles.quantiles(values, [0, 0.25, 0.75]), [1, np.inf, np.inf])
    assert np.isnan(ensembles.quantiles([-np.inf, np.inf], 0.5))


def test_shares_of_nobody_are_not_a_number() -> None:
    np.testing.assert_array_equal(
        ensembles.shares([[1, 3], [0, 0]]), [[0.25, 0.75], [np.nan, np.nan]]
    )


def test_paired_difference_subtracts_replicate_by_replicate() -> None:
    np.testing.assert_array_equal(ensembles.paired_difference([3.0, 5.0], [1.0, 1.0]), [2.0, 4.0])
    with pytest.raises(RequestError):
        ensembles.paired_difference([3.0, 5.0], [1.0])


def test_requests_out_of_range_are_refused() -> None:
    for call in (
        lambda: ensembles.interval([1.0], 1.0),
        lambda: ensembles.interval([], 0.9),
        lambda: ensembles.quantiles([1.0], [0.5], kind=6),
        lambda: ensembles.quantiles([1.0], [1.5]),
        lambda: ensembles.quantiles([1.0], [-0.1]),
        lambda: ensembles.quantiles([1.0], [np.nan]),
        lambda: ensembles.quantiles(["a"], [0.5]),  # type: ignore[list-item]
        lambda: ensembles.interval([1.0], cast("float", "0.9")),
        lambda: ensembles.wilson_interval([1, 2], [3, 4, 5]),
        lambda: ensembles.wilson_interval("many", 3),
        lambda: ensembles.shares(["a"]),  # type: ignore[list-item]
        lambda: ensembles.midpoint_quantiles([1.0], 0),
        lambda: ensembles.midpoint_quantiles([1.0], cast("int", 1.5)),
    ):
        with pytest.raises(RequestError):
            call()
