"""Levels of two nodes side by side: paired differences of means, in each level's own unit."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from agentverse.runs.intervals import band, central, dots, interval_kind, level_means
from agentverse.universe.pairing import Pair
from agentverse.universe.schemas import LevelDifference, LevelPair, LevelStrip
from agentverse_engine.trajectory import LevelScale

Floats = NDArray[np.float64]


def level_differences(pair: Pair, tick: int) -> list[LevelDifference]:
    """Everyone, then each segment and region; a group without personas has no entry."""
    return [
        _difference(scale, segment, region, base[:, tick], branch[:, tick], tick)
        for scale in _scales(pair)
        for segment, region in _groups(pair)
        for base, branch in [_means(pair, scale.name, segment, region)]
        if np.isfinite(base).all() and np.isfinite(branch).all()
    ]


def level_series(pair: Pair) -> list[LevelPair]:
    means = ((scale, *_means(pair, scale.name, None, None)) for scale in _scales(pair))
    return [
        LevelPair(
            name=scale.name, base=band(base), branch=band(branch), difference=band(branch - base)
        )
        for scale, base, branch in means
    ]


def _scales(pair: Pair) -> tuple[LevelScale, ...]:
    return pair.base.series["with_social_rules"].levels


def _groups(pair: Pair) -> Iterator[tuple[str | None, str | None]]:
    series = pair.base.series["with_social_rules"]
    yield None, None
    yield from ((name, None) for name in series.segments)
    yield from ((None, name) for name in series.regions)


def _means(pair: Pair, name: str, segment: str | None, region: str | None) -> tuple[Floats, Floats]:
    """float64[replicates, horizon + 1] of both nodes."""
    base, branch = (
        level_means(side.series["with_social_rules"], name, segment=segment, region=region)
        for side in (pair.base, pair.branch)
    )
    return base, branch


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
        clear=difference.low > 0 or difference.high < 0,
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
