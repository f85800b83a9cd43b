"""Shares and quantiles: exact on numbers small enough to know."""

import numpy as np
import pytest

from agentverse.runs.intervals import (
    RunSeries,
    band,
    cell_counts,
    central,
    dots,
    shares,
    window_shares,
)


def series(installs: list[list[list[int]]]) -> RunSeries:
    """installs: [replicates][ticks][alternatives], two alternatives, one segment and region."""
    counts = np.array(installs, dtype=np.int32)[:, :, None, None, :]
    return RunSeries(
        alternatives=("a", "b"),
        segments=("s",),
        regions=("r",),
        installs=counts,
        stock=np.flip(counts, axis=-1),
    )


def test_window_shares_of_installations_adds_up_the_window() -> None:
    one = series([[[0, 0], [1, 3], [3, 1]]])
    assert window_shares(one, "flow_share", 1, 2)[0].tolist() == [0.5, 0.5]
    assert window_shares(one, "flow_share", 2, 2)[0].tolist() == [0.75, 0.25]


def test_window_shares_of_the_stock_reads_its_last_tick() -> None:
    one = series([[[0, 0], [1, 3], [4, 1]]])
    assert window_shares(one, "stock_share", 1, 2)[0].tolist() == [0.2, 0.8]


def test_shares_without_installations_is_a_gap_on_the_wire() -> None:
    one = series([[[0, 0], [1, 1]], [[0, 0], [0, 0]]])
    values = shares(cell_counts(one, "flow_share"))
    drawn = band(values[:, :, 0])
    assert drawn.median == [None, None], "one replicate without a value must not be left out"


def test_cell_counts_of_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        cell_counts(series([[[1, 1]]]), "stock_share", segments=("elsewhere",))


def test_dots_of_twenty_replicates_are_the_replicates_themselves() -> None:
    values = np.arange(20, dtype=np.float64)[::-1]
    assert dots(values) == list(range(20))


def test_dots_of_other_counts_are_midpoint_quantiles() -> None:
    assert dots(np.arange(40, dtype=np.float64)) == [2 * n + 0.5 for n in range(20)]


def test_central_is_the_type_seven_interval() -> None:
    low, median, high = central(np.arange(21, dtype=np.float64))
    assert (low, median, high) == (1.0, 10.0, 19.0)
