"""Fans over time: a median, flat bands of 50 % and 90 % of the replicates, direct labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.optional import require
from agentverse_engine.results.ensembles import interval

# Okabe & Ito 2008, distinguishable without full colour vision; yellow is too faint for a line.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
BASELINE = "#767676"
BANDS = ((0.9, 0.15), (0.5, 0.30))  # share of the replicates, opacity
LABEL_GAP = 0.05  # of the height of the axes: a line of text and a little air
SIZE_INCHES = (7.0, 4.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fan:
    """values, baseline: float64[replicates, ticks]; nan is left out."""

    label: str
    values: NDArray[np.float64]
    baseline: NDArray[np.float64] | None = None


def draw_fans(fans: Sequence[Fan], *, unit: str, of: str = "personas", axes: Any = None) -> Any:
    """Draw fans over ticks 0, 1, … and return the matplotlib axes, new ones if none are given.

    unit: "share" shows percent, of whom `of` says; anything else stands at the axis as it is. A
    baseline is its median, grey and dashed. Raises RequestError without a fan, MissingExtra
    without matplotlib.
    """
    if not fans:
        raise RequestError("is empty.", field="outcome", fix="Name at least one outcome.")
    if axes is None:
        pyplot: Any = require("matplotlib.pyplot", extra="plot")
        axes = pyplot.subplots(figsize=SIZE_INCHES, layout="constrained")[1]
    ends: list[tuple[float, str, str]] = []
    for position, fan in enumerate(fans):
        colour = COLOURS[position % len(COLOURS)]
        ends.append((_draw_fan(axes, fan, colour), fan.label, colour))
        if fan.baseline is not None:
            ends += _draw_baseline(axes, fan.baseline, label=len(fans) == 1)
    _dress(axes, fans, unit, of)
    _label_ends(axes, ends, at=fans[0].values.shape[1] - 1)
    return axes


def _draw_fan(axes: Any, fan: Fan, colour: str) -> float:
    """Draw bands and median, and return where the line ends."""
    ticks = range(fan.values.shape[1])
    if fan.values.shape[0] > 1:
        for level, opacity in BANDS:
            low, _, high = interval(fan.values, level)
            axes.fill_between(ticks, low, high, color=colour, alpha=opacity, linewidth=0)
    _, median, _ = interval(fan.values)
    axes.plot(ticks, median, color=colour, linewidth=2.0)
    return _last(median)


def _draw_baseline(
    axes: Any, values: NDArray[np.float64], *, label: bool
) -> list[tuple[float, str, str]]:
    _, median, _ = interval(values)
    axes.plot(range(median.size), median, color=BASELINE, linewidth=1.2, linestyle="dashed")
    return [(_last(median), "baseline", BASELINE)] if label else []


def _last(line: NDArray[np.float64]) -> float:
    present = line[~np.isnan(line)]
    return float(present[-1]) if present.size else 0.0


def _dress(axes: Any, fans: Sequence[Fan], unit: str, of: str) -> None:
    replicates = fans[0].values.shape[0]
    title = f"median of {replicates} replicates; bands: 50 % and 90 % of them"
    if len(fans) > 1 and any(fan.baseline is not None for fan in fans):
        title += "; dashed: baseline"
    axes.set_title(title if replicates > 1 else "one replicate", loc="left", fontsize="small")
    axes.set_xlabel("tick")
    axes.set_ylabel(f"share of {of}" if unit == "share" else unit)
    axes.set_xlim(0, max(fans[0].values.shape[1] - 1, 1))
    if unit == "share":
        ticker: Any = require("matplotlib.ticker", extra="plot")
        axes.yaxis.set_major_formatter(ticker.PercentFormatter(xmax=1.0))
    axes.spines[["top", "right"]].set_visible(False)


def _label_ends(axes: Any, ends: Sequence[tuple[float, str, str]], *, at: int) -> None:
    low, high = axes.get_ylim()
    heights = spread([end for end, _, _ in ends], gap=LABEL_GAP * (high - low), low=low, high=high)
    for height, (_, label, colour) in zip(heights, ends, strict=True):
        axes.annotate(
            label.replace("$", r"\$"),  # a price is no formula
            (max(at, 1), height),
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )
    axes.set_ylim(low, high)


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Return heights in the given order, at least `gap` apart, near where they are wanted.

    From low to high each is pushed up as far as need be; the stack is then pushed down from the
    top. Where there is no room for all, they leave the range at the bottom.
    """
    order = sorted(range(len(wanted)), key=lambda position: wanted[position])
    heights = list(wanted)
    below = low - gap
    for position in order:
        below = heights[position] = max(heights[position], below + gap)
    above = high + gap
    for position in reversed(order):
        above = heights[position] = min(heights[position], above - gap)
    return heights
