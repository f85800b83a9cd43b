"""Levels of two runs side by side: paired differences of means, in each level's own unit."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from agentverse.comparisons.schemas import LevelDifference, LevelPair, LevelStrip
from agentverse.runs.intervals import (
    RunSeries,
    band,
    central,
    dots,
    interval_kind,
    is_clear,
    level_means,
    named,
)
from agentverse.runs.outcomes import Outcome, values_of
from agentverse_engine.results.trajectory import LevelScale

Floats = NDArray[np.float64]


def level_differences(base: RunSeries, branch: RunSeries, tick: int) -> list[LevelDifference]:
    """Everyone, then each segment and region; a group without personas has no entry."""
    scales = {scale.name: scale for scale in base.levels}
    asked = [(name, *group) for name in scales for group in _groups(base)]
    outcomes = [
        Outcome(
            kind="level_mean",
            of=name,
            first_tick=tick,
            last_tick=tick,
            segments=named(segment),
            regions=named(region),
        )
        for name, segment, region in asked
    ]
    read = zip(asked, *(values_of(series, outcomes) for series in (base, branch)), strict=True)
    return [
        _difference(scales[name], segment, region, before, after, tick)
        for (name, segment, region), before, after in read
        if np.isfinite(before).all() and np.isfinite(after).all()
    ]


def level_series(base: RunSeries, branch: RunSeries) -> list[LevelPair]:
    means = ((scale, *_means(base, branch, scale.name, None, None)) for scale in base.levels)
    return [
        LevelPair(
            name=scale.name,
            base=band(before),
            branch=band(after),
            difference=band(after - before),
        )
        for scale, before, after in means
    ]


def _groups(series: RunSeries) -> Iterator[tuple[str | None, str | None]]:
    yield None, None
    yield from ((name, None) for name in series.segments)
    yield from ((None, name) for name in series.regions)


def _means(
    base: RunSeries, branch: RunSeries, name: str, segment: str | None, region: str | None
) -> tuple[Floats, Floats]:
    """float64[replicates, horizon + 1] of both runs."""
    before, after = (
        level_means(series, name, segments=named(segment), regions=named(region))
        for series in (base, branch)
    )
    return before, after


def _difference(
    scale: LevelScale,
    segment: str | None,
    region: str | None,
    base: Floats,
    branch: Floats,
    tick: int,
) -> LevelDifference:
    difference = _strip(branch - base, tick)
    return LevelDifference(
        name=scale.name,
        label=scale.label,
        unit=scale.unit,
        segment=segment,
        region=region,
        base=_strip(base, tick),
        branch=_strip(branch, tick),
        difference=difference,
        clear=is_clear(difference.low, difference.high),
        branch_higher_of_20=sum(dot > 0 for dot in difference.dots),
    )


def _strip(values: Floats, tick: int) -> LevelStrip:
    """values: float64[replicates]."""
    low, median, high = central(values)
    return LevelStrip(
        low=low,
        median=median,
        high=high,
        dots=dots(values),
        interval=interval_kind(len(values)),
        tick=tick,
    )
