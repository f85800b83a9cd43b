"""Shares of a run's outcomes and their intervals over replicates; quantiles are computed here."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse.runs.schemas import Band, IntervalKind, OutcomeKind, ShareKind
from agentverse_engine.results.trajectory import LevelScale

LEVEL: Final = 0.9
DOTS: Final = 20
ROUNDING: Final = 1e-9
BAND_QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)

Counts = NDArray[np.int32]
Shares = NDArray[np.float64]
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSeries:
    """Counts of a run: int32[replicates, horizon + 1, segments, regions, alternatives] each.

    level_sums: int64[replicates, horizon + 1, segments, regions, levels], in stored steps.
    """

    alternatives: tuple[str, ...]
    segments: tuple[str, ...]
    regions: tuple[str, ...]
    installs: Counts
    stock: Counts
    levels: tuple[LevelScale, ...] = ()
    level_sums: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def names(self, kind: OutcomeKind) -> tuple[str, ...]:
        """The alternatives, or the levels, that there are values of."""
        if kind == "level_mean":
            return tuple(scale.name for scale in self.levels)
        return self.alternatives

    @property
    def replicates(self) -> int:
        return int(self.installs.shape[0])

    @property
    def horizon(self) -> int:
        return int(self.installs.shape[1]) - 1

    def counts(self, metric: ShareKind) -> Counts:
        return self.installs if metric == "flow_share" else self.stock

    def of_ticks(self, first: int, last: int) -> "RunSeries":
        """Only these ticks: what is asked of a few is not summed over a long run."""
        ticks = slice(first, last + 1)
        return replace(
            self,
            installs=self.installs[:, ticks],
            stock=self.stock[:, ticks],
            level_sums=self.level_sums[:, ticks] if self.levels else self.level_sums,
        )


def cell_counts(
    series: RunSeries, metric: ShareKind, *, segments: Names = (), regions: Names = ()
) -> NDArray[np.int64]:
    """Counts of a group, int64[replicates, horizon + 1, alternatives]; none named: everyone."""
    counts = _of_group(series, series.counts(metric).astype(np.int64), segments, regions)
    return counts.sum(axis=(2, 3))


def level_means(
    series: RunSeries, name: str, *, segments: Names = (), regions: Names = ()
) -> NDArray[np.float64]:
    """Mean of a level over a group in its unit, float64[replicates, horizon + 1]; nan: nobody."""
    place = next(at for at, scale in enumerate(series.levels) if scale.name == name)
    sums, people = series.level_sums[..., place], series.stock.astype(np.int64).sum(axis=-1)
    sums, people = (_of_group(series, one, segments, regions) for one in (sums, people))
    steps = people.sum(axis=(2, 3)) * float(series.levels[place].per_unit)
    empty = np.full(steps.shape, np.nan)
    return np.divide(sums.sum(axis=(2, 3)), steps, out=empty, where=steps > 0)


def named(name: str | None) -> Names:
    """One segment or region as a group is given; None: all of them."""
    return () if name is None else (name,)


def _of_group(
    series: RunSeries, counts: NDArray[np.int64], segments: Names, regions: Names
) -> NDArray[np.int64]:
    """counts: int64[replicates, ticks, segments, regions, …]; only those named, or all."""
    if segments:
        counts = counts[:, :, [series.segments.index(name) for name in segments]]
    if regions:
        counts = counts[:, :, :, [series.regions.index(name) for name in regions]]
    return counts


def shares(counts: NDArray[np.int64]) -> Shares:
    """Shares over the last axis; nan where the total is zero."""
    totals = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)


def window_shares(
    series: RunSeries,
    metric: ShareKind,
    from_tick: int,
    to_tick: int,
    *,
    segments: Names = (),
    regions: Names = (),
) -> Shares:
    """Shares of one window, float64[replicates, alternatives].

    New installations add up over the window; the stock is a level, so it is read at its end.
    """
    first = from_tick if metric == "flow_share" else to_tick
    asked = series.of_ticks(first, to_tick)
    counts = cell_counts(asked, metric, segments=segments, regions=regions)
    return shares(counts.sum(axis=1))


def quantiles(values: Shares, probabilities: tuple[float, ...]) -> Shares:
    """Type-7 quantiles over axis 0; nan where any replicate has no value.

    Leaving such replicates out would show an interval of fewer replicates than it claims.
    """
    return np.asarray(np.quantile(values, probabilities, axis=0), dtype=np.float64)


def band(values: Shares) -> Band:
    """The band of float64[replicates, ticks] over time."""
    low, q25, median, q75, high = (listed(row) for row in quantiles(values, BAND_QUANTILES))
    return Band(low=low, q25=q25, median=median, q75=q75, high=high)


def central(values: Shares) -> tuple[float, float, float]:
    """Low, median and high of the central 90 % of float64[replicates]."""
    low, median, high = quantiles(values, (0.05, 0.5, 0.95))
    return float(low), float(median), float(high)


def dots(values: Shares) -> list[float]:
    """The 20 midpoint quantiles (2.5 %, 7.5 % …); of 20 replicates, the sorted replicates."""
    ordered = np.sort(values)
    if len(ordered) == DOTS:
        return [float(value) for value in ordered]
    # Hazen's definition puts the k-th of n sorted values at (k - 0.5) / n: the same midpoints.
    midpoints = (np.arange(DOTS) + 0.5) / DOTS
    return [float(value) for value in np.quantile(values, midpoints, method="hazen")]


def is_clear(low: float, high: float) -> bool:
    """The one rule of a clear difference: its interval leaves zero out, by more than rounding."""
    return low > ROUNDING or high < -ROUNDING


def interval_kind(replicates: int, *, covers: str = "") -> IntervalKind:
    """covers: what the interval holds, where it is taken elsewhere."""
    return IntervalKind(
        level=LEVEL,
        replicates=replicates,
        kind=f"central 90 % of {replicates} replicates",
        covers=covers,
    )


def covered(*, estimation: bool) -> str:
    """What replicates differ in. estimation: whether each has coefficients of its own."""
    if estimation:
        return "chance and the error of the estimated coefficients, not that of the assumptions"
    return "chance alone, not the error of estimates and assumptions"


def listed(values: Shares) -> list[float | None]:
    """Numbers for the wire: a gap where nothing happened."""
    return [None if np.isnan(value) else float(value) for value in values]
