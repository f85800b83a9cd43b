"""What is drawn: medians, bands, baselines and labels where the numbers say."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.errors import RequestError
from agentverse_engine.optional import require
from agentverse_engine.results.plotting import Fan, draw_fans, spread

Society = Callable[..., av.Scenario]


@pytest.fixture(autouse=True)
def pyplot() -> Iterator[Any]:
    matplotlib: Any = require("matplotlib", extra="plot")
    matplotlib.use("agg")
    module: Any = require("matplotlib.pyplot", extra="plot")
    yield module
    module.close("all")


@pytest.fixture(scope="module")
def run(society: Society) -> av.Trajectory:
    return av.simulate_ensemble(society(300, replicates=9))


def _texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_plot_draws_the_median_of_each_alternative(run: av.Trajectory) -> None:
    axes = run.plot()
    assert len(axes.lines) == 3
    expected = np.median(run.shares(), axis=0)
    for place, line in enumerate(axes.lines):
        np.testing.assert_allclose(line.get_ydata(), expected[:, place])
    assert _texts(axes) == ["gas", "wood", "pump"]


def test_plot_bands_hold_half_and_nine_tenths_of_the_replicates(run: av.Trajectory) -> None:
    axes = run.plot("pump")
    wide, narrow = (band.get_paths()[0].get_extents() for band in axes.collections)
    values = run.shares()[:, :, 2]
    for band, tail in ((wide, 0.05), (narrow, 0.25)):
        assert band.ymin == pytest.approx(np.quantile(values, tail, axis=0).min())
        assert band.ymax == pytest.approx(np.quantile(values, 1 - tail, axis=0).max())


def test_plot_baseline_is_grey_dashed_and_named(run: av.Trajectory, society: Society) -> None:
    other = av.simulate_ensemble(society(300, replicates=4, coefficient=-0.1))
    axes = run.plot("pump", baseline=other)
    line = axes.lines[1]
    assert line.get_linestyle() == "--"
    red, green, blue = require("matplotlib.colors", extra="plot").to_rgb(line.get_color())
    assert red == green == blue
    np.testing.assert_allclose(line.get_ydata(), np.median(other.shares()[:, :, 2], axis=0))
    assert _texts(axes) == ["pump", "baseline"]
    assert "dashed: baseline" in run.plot(baseline=other).get_title(loc="left")


def test_plot_says_whose_shares_it_shows(run: av.Trajectory) -> None:
    assert run.plot("pump").get_ylabel() == "share of personas"
    assert run.plot("pump", metric="flows").get_ylabel() == "share of those who entered one"


def test_plot_into_given_axes_returns_them(run: av.Trajectory, pyplot: Any) -> None:
    axes = pyplot.figure().add_subplot()
    assert run.plot("gas", axes=axes) is axes
    axes.figure.canvas.draw()


def test_plot_flows_leaves_out_the_start_where_nobody_entered(run: av.Trajectory) -> None:
    line = run.plot("gas", metric="flows").lines[0].get_ydata()
    assert np.isnan(line[0])
    np.testing.assert_allclose(line[1:], np.median(run.shares("flows")[:, 1:, 0], axis=0))


def test_plot_of_one_replicate_has_no_band(run: av.Trajectory, society: Society) -> None:
    axes = av.simulate(society(100)).plot()
    assert len(axes.collections) == 0
    assert axes.get_title(loc="left") == "one replicate"
    assert "9 replicates" in run.plot().get_title(loc="left")


def test_labels_of_equal_ends_do_not_overlap() -> None:
    flat = np.full((3, 5), 0.4)
    axes = draw_fans([Fan(label=name, values=flat) for name in "abcd"], unit="share")
    heights = sorted(text.xy[1] for text in axes.texts)
    low, high = axes.get_ylim()
    assert min(b - a for a, b in pairwise(heights)) >= 0.049 * (high - low)
    assert low <= heights[0] <= heights[-1] <= high


def test_label_with_money_is_no_formula() -> None:
    axes = draw_fans([Fan(label="$5 to $9", values=np.zeros((2, 3)))], unit="USD")
    axes.figure.canvas.draw()
    assert _texts(axes) == [r"\$5 to \$9"]
    assert axes.get_ylabel() == "USD"


@pytest.mark.parametrize(
    "wanted", [[0.5], [0.1, 0.11, 0.12], [1.0, 1.0, 1.0], [0.0, 1.0, 0.99, 0.02], [0.3] * 6]
)
def test_spread_keeps_order_gap_and_range(wanted: list[float]) -> None:
    heights = spread(wanted, gap=0.1, low=0.0, high=1.0)
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    ordered = [heights[place] for place in order]
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(ordered))
    assert all(-1e-9 <= height <= 1 + 1e-9 for height in heights)


def test_spread_leaves_what_is_apart_where_it_is() -> None:
    assert spread([0.9, 0.2, 0.5], gap=0.1, low=0.0, high=1.0) == [0.9, 0.2, 0.5]


def test_plot_refuses_what_it_cannot_draw(run: av.Trajectory, society: Society) -> None:
    longer = av.simulate_ensemble(society(50, horizon=7))
    bad: list[tuple[str, Callable[[], object]]] = [
        ("outcomes", lambda: run.plot("coal")),
        ("metric", lambda: run.plot("gas", metric="sales")),
        ("baseline", lambda: run.plot("gas", baseline=longer)),
        ("baseline", lambda: run.plot("gas", baseline=replace(run, alternatives=("x", "y", "z")))),
        ("outcome", lambda: draw_fans([], unit="share")),
    ]
    for field, call in bad:
        with pytest.raises(RequestError) as caught:
            call()
        assert caught.value.field == field
