"""What a run recorded: counts of every replicate, states of some, digests of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.html_tables import html_table
from agentverse_engine.numerics.number_checks import at_least, whole
from agentverse_engine.results.ensembles import interval, shares


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One script's record: in which replicates it occurred, when, for whom, and what it moved.

    started: the first tick at which it acted in each replicate (for one that waits for a condition
    to hold once: at which it held), -1 where it never did. first_tick, last_tick: ticks with an
    intensity above 0 in any replicate (-1: none), for one that acts while a condition holds: as if
    the condition went on holding once it did. The means
    are over the personas in scope at `measured_tick` (full intensity), after the scripts before
    it in the list (`before`) and after itself as well (`after`), within the variable's range.
    """

    event: int
    label: str
    variable: str
    occurred: tuple[bool, ...]
    started: tuple[int, ...]
    first_tick: int
    last_tick: int
    measured_tick: int
    personas: int
    mean_before: float
    mean_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelScale:
    """How a level was recorded: stored steps from low to high, `per_unit` to the unit."""

    name: str
    label: str
    unit: str
    low: int
    high: int
    per_unit: int

    def shown(self, stored: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Return uint8 of the same shape: 0 at the lower bound, 255 at the upper."""
        span = max(self.high - self.low, 1)
        return ((stored.astype(np.int64) - self.low) * 255 // span).astype(np.uint8)

    def value(self, shown: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return float64 of the same shape, in the unit, to 1/255 of the range."""
        return (
            self.low + shown.astype(np.float64) * (self.high - self.low) / 255.0
        ) / self.per_unit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One column of single replicates over time, as bytes.

    keyframes: uint8[dense, k, n], the whole column at each keyframe tick; the changes at tick t
    of replicate d are rows[indptr[d, t]:indptr[d, t+1]] int32 with values uint8.
    """

    keyframes: NDArray[np.uint8]
    indptr: NDArray[np.int64]
    rows: NDArray[np.int32]
    values: NDArray[np.uint8]

    def at(self, tick: int, replicate: int, keyframe_ticks: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Return uint8[n]: the nearest keyframe before, with the changes since."""
        frame = int(np.searchsorted(keyframe_ticks, tick, side="right")) - 1
        state = self.keyframes[replicate, frame].copy()
        for later in range(int(keyframe_ticks[frame]) + 1, tick + 1):
            start, end = self.indptr[replicate, later : later + 2]
            state[self.rows[start:end]] = self.values[start:end]
        return state


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Trajectory:
    """The telemetry of an ensemble; replay reads it and never calls the engine.

    flows, stock: int32[replicates, horizon+1, segments, regions, alternatives], personas who
    entered an alternative at a tick (behind a gate: who chose it; 0 at tick 0), and who have it;
    level_sums: int64[replicates, horizon+1, segments, regions, levels], in stored steps;
    level_bins: int32[..., levels, 20], personas by equal parts of the level's range;
    tick_digests: uint64[replicates, horizon+1]; tracks: of the first `dense_replicates`, column
    by column ("choice", then each level), at keyframe_ticks int32[k] and changes between.
    """

    alternatives: tuple[str, ...]
    levels: tuple[LevelScale, ...]
    segments: tuple[str, ...]
    regions: tuple[str, ...]
    flows: NDArray[np.int32]
    stock: NDArray[np.int32]
    level_sums: NDArray[np.int64]
    level_bins: NDArray[np.int32]
    tick_digests: NDArray[np.uint64]
    digest: str
    scenario_digest: str
    engine_version: str
    keyframe_ticks: NDArray[np.int32]
    tracks: Mapping[str, Track]
    ledger: tuple[LedgerEntry, ...]

    @property
    def replicates(self) -> int:
        """How many replicates were run."""
        return self.stock.shape[0]

    @property
    def horizon(self) -> int:
        """The last tick."""
        return self.stock.shape[1] - 1

    @property
    def personas(self) -> int:
        """How many personas there are."""
        return int(self.stock[0, 0].sum())

    @property
    def dense_replicates(self) -> int:
        """How many replicates carry full states."""
        return self.tracks["choice"].keyframes.shape[0]

    def __repr__(self) -> str:
        shares = self.stock[:, -1].sum(axis=(0, 1, 2)) / (self.replicates * self.personas)
        stock = ", ".join(
            f"{name} {share:.1%}" for name, share in zip(self.alternatives, shares, strict=True)
        )
        levels = "".join(
            f", mean {scale.label} {float(self.level_means(scale.name)[:, -1].mean()):.4g}"
            for scale in self.levels
        )
        return (
            f"Trajectory({self.personas:,} personas, {self.horizon} ticks, "
            f"{self.replicates} replicates; mean stock at tick {self.horizon}: {stock}{levels}; "
            f"{self.digest[:12]})"
        )

    def _repr_html_(self) -> str:
        size = f"{self.personas:,} personas, {self.horizon} ticks, {self.replicates} replicates"
        rows = {
            "run": size,
            "at the last tick": "median (90 % of the replicates)",
        }
        for position, name in enumerate(self.alternatives):
            low, median, high = interval(self.shares()[:, -1, position])
            rows[f"share of {name}"] = f"{median:.1%} ({low:.1%} to {high:.1%})"
        for scale in self.levels:
            low, median, high = interval(self.level_means(scale.name)[:, -1])
            mean = f"{median:.4g} ({low:.4g} to {high:.4g}) {scale.unit}"
            rows[f"mean {scale.label}"] = mean.strip()
        rows["event scripts"] = "; ".join(entry.label or entry.variable for entry in self.ledger)
        rows |= {"digest": self.digest[:12], "engine": self.engine_version}
        return html_table("Trajectory", rows)

    def shares(self, metric: str = "stock") -> NDArray[np.float64]:
        """Return float64[replicates, horizon+1, alternatives], shares from 0 to 1.

        metric: "stock", of everyone, or "flows", of those who entered one (nan for nobody).
        RequestError: another metric.
        """
        if metric not in ("stock", "flows"):
            raise RequestError(f"is '{metric}'.", field="metric", fix="Use 'stock' or 'flows'.")
        counted = self.stock if metric == "stock" else self.flows
        return shares(counted.sum(axis=(2, 3)))

    def level_means(self, name: str) -> NDArray[np.float64]:
        """Return float64[replicates, horizon+1], the mean of a level over everyone, in its unit.

        RequestError: no level of this name.
        """
        position = self._level(name)
        sums = self.level_sums[..., position].sum(axis=(2, 3))
        return sums / (self.levels[position].per_unit * self.personas)

    def state_at(self, tick: int, replicate: int = 0) -> NDArray[np.uint8]:
        """Return uint8[n], the alternative of each persona, from the nearest keyframe before.

        RequestError: a tick beyond the horizon, a replicate whose states were not recorded.
        """
        self._check_recorded(tick, replicate)
        return self.tracks["choice"].at(tick, replicate, self.keyframe_ticks)

    def level_at(self, name: str, tick: int, replicate: int = 0) -> NDArray[np.float64]:
        """Return float64[n], a level of each persona, as recorded: to 1/255 of its range.

        RequestError: no level of this name, a tick beyond the horizon, a replicate whose states
        were not recorded.
        """
        self._check_recorded(tick, replicate)
        scale = self.levels[self._level(name)]
        return scale.value(self.tracks[name].at(tick, replicate, self.keyframe_ticks))

    def to_arrow(self) -> Any:
        """Return a long pyarrow.Table: `tables.arrow_table` says what its columns hold.

        MissingExtra: pyarrow is not installed.
        """
        from agentverse_engine.results.tables import arrow_table  # loaded by those who want it

        return arrow_table(self)

    def to_pandas(self) -> Any:
        """Return the long table as a pandas.DataFrame, its labels categorical.

        MissingExtra: pandas is not installed.
        """
        from agentverse_engine.results.tables import pandas_frame

        return pandas_frame(self)

    def to_polars(self) -> Any:
        """Return the long table as a polars.DataFrame, its labels categorical.

        MissingExtra: polars is not installed.
        """
        from agentverse_engine.results.tables import polars_frame

        return polars_frame(self)

    def plot(
        self,
        *outcomes: str,
        metric: str = "stock",
        baseline: "Trajectory | None" = None,
        axes: Any = None,
    ) -> Any:
        """Draw shares of alternatives, or the mean of one level, and return the matplotlib axes.

        outcomes: alternatives (none: all), or the name of one level; metric as in `shares`. Each
        is a median with bands of 50 % and 90 % of the replicates; `baseline` is drawn grey and
        dashed. Raises RequestError for an unknown outcome or a baseline of other outcomes or
        ticks, MissingExtra without matplotlib.
        """
        from agentverse_engine.results.plotting import Fan, draw_fans

        chosen = self._drawable(outcomes)
        if baseline is not None:
            self._check_comparable(baseline, chosen)
        fans = [
            Fan(
                label=name,
                values=self._over_time(name, metric),
                baseline=None if baseline is None else baseline._over_time(name, metric),
            )
            for name in chosen
        ]
        unit = "share"
        if chosen[0] not in self.alternatives:
            scale = self.levels[self._level(chosen[0])]
            unit = f"mean {scale.label}" + (f" ({scale.unit})" if scale.unit else "")
        of = "personas" if metric == "stock" else "those who entered one"
        return draw_fans(fans, unit=unit, of=of, axes=axes)

    def _drawable(self, outcomes: tuple[str, ...]) -> tuple[str, ...]:
        chosen = outcomes or self.alternatives
        levels = tuple(scale.name for scale in self.levels)
        unknown = [name for name in chosen if name not in self.alternatives + levels]
        if unknown:
            raise RequestError(
                f"'{unknown[0]}' is neither an alternative nor a level.",
                field="outcomes",
                fix=f"Use one of: {', '.join(self.alternatives + levels)}.",
            )
        if len(chosen) > 1 and not set(chosen) <= set(self.alternatives):
            raise RequestError(
                "mix a level with something else.",
                field="outcomes",
                fix="Draw each level by itself: it has a unit of its own.",
            )
        return chosen

    def _check_comparable(self, baseline: "Trajectory", chosen: tuple[str, ...]) -> None:
        held = (*baseline.alternatives, *(scale.name for scale in baseline.levels))
        if baseline.horizon != self.horizon or not set(chosen) <= set(held):
            raise RequestError(
                f"has {baseline.horizon} ticks of {', '.join(held)}.",
                field="baseline",
                fix=f"Use a run of {self.horizon} ticks that has {', '.join(chosen)}.",
            )

    def _over_time(self, name: str, metric: str) -> NDArray[np.float64]:
        if name in self.alternatives:
            return self.shares(metric)[:, :, self.alternatives.index(name)]
        return self.level_means(name)

    def _level(self, name: str) -> int:
        names = [scale.name for scale in self.levels]
        if name not in names:
            raise RequestError(
                f"'{name}' is no level.",
                field="name",
                fix=f"Use one of: {', '.join(names) or 'none in this pack'}.",
            )
        return names.index(name)

    def _check_recorded(self, tick: int, replicate: int) -> None:
        whole(tick, field="tick", least=0, most=self.horizon, error=RequestError)
        if at_least("replicate", replicate, 0) >= self.dense_replicates:
            raise RequestError(
                f"{replicate} has no recorded states.",
                field="replicate",
                fix=f"Use one below {self.dense_replicates}, or record more with dense_replicates.",
            )
