"""Filling telemetry while a batch runs: counts always, full states for some replicates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.execution.state import State
from agentverse_engine.kernels.device_functions import BINS
from agentverse_engine.results.ledger import event_ledger
from agentverse_engine.results.trajectory import LevelScale, Track, Trajectory
from agentverse_engine.scenario.scenario import Scenario
from agentverse_engine.version import ENGINE_VERSION

Scalar = TypeVar("Scalar", bound=np.generic)
Change = tuple[NDArray[np.int32], NDArray[np.uint8]]


@dataclass(slots=True, kw_only=True, eq=False)
class BatchRecord:
    """The telemetry of replicates first … first+R-1; arrays as in Trajectory, cells flattened.

    keyframes, changes: of the dense replicates of the batch, by column, replicate and tick.
    started: int32[R, scripts].
    """

    first: int
    flows: NDArray[np.int32]
    stock: NDArray[np.int32]
    level_sums: NDArray[np.int64]
    level_bins: NDArray[np.int32]
    tick_digests: NDArray[np.uint64]
    started: NDArray[np.int32]
    keyframes: dict[tuple[str, int, int], NDArray[np.uint8]]
    changes: dict[tuple[str, int, int], Change]

    @property
    def replicates(self) -> int:
        return self.stock.shape[0]


class Recorder:
    """Collects a batch tick by tick."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        first: int,
        count: int,
        dense_replicates: int,
        keyframe_every: int,
    ) -> None:
        self.scenario = scenario
        self.dense = range(first, min(dense_replicates, first + count))
        self.keyframe_every = keyframe_every
        self.scales = level_scales(scenario)
        self._bytes: dict[tuple[int, int], NDArray[np.uint8]] = {}  # as last shown
        population, ticks = scenario.population, scenario.horizon + 1
        cells = len(population.segments) * len(population.regions)
        counts = (count, ticks, cells, len(scenario.pack.alternatives))
        levels = (count, ticks, cells, len(self.scales))
        self.record = BatchRecord(
            first=first,
            flows=np.zeros(counts, dtype=np.int32),
            stock=np.zeros(counts, dtype=np.int32),
            level_sums=np.zeros(levels, dtype=np.int64),
            level_bins=np.zeros((*levels, BINS), dtype=np.int32),
            tick_digests=np.zeros((count, ticks), dtype=np.uint64),
            started=np.full((count, len(scenario.event_scripts)), -1, dtype=np.int32),
            keyframes={},
            changes={},
        )

    def start(self, state: State) -> None:
        """Record tick 0."""
        self._count(state, 0)
        self._frames(state, 0)

    def note(self, state: State, flows: NDArray[np.int32], tick: int) -> None:
        """Record a tick; `next_…` still hold the state before it."""
        self._count(state, tick)
        self.record.flows[:, tick] = flows
        for replicate in self.dense:
            batch_index = replicate - self.record.first
            self._change(
                "choice",
                state.choice[:, batch_index],
                state.next_choice[:, batch_index],
                tick,
                batch_index,
            )
            for position, scale in enumerate(self.scales):
                old = self._bytes.get((position, batch_index))
                if old is None:
                    old = scale.shown(state.next_levels[position, :, batch_index])
                new = scale.shown(state.levels[position, :, batch_index])
                self._change(scale.name, new, old, tick, batch_index)
                self._bytes[position, batch_index] = new
        self._frames(state, tick)

    def _count(self, state: State, tick: int) -> None:
        record = self.record
        record.stock[:, tick] = state.stock
        record.level_sums[:, tick] = state.level_sums
        record.level_bins[:, tick] = state.level_bins
        record.tick_digests[:, tick] = state.digest

    def _change(
        self,
        column: str,
        new: NDArray[np.uint8],
        old: NDArray[np.uint8],
        tick: int,
        batch_index: int,
    ) -> None:
        rows = np.flatnonzero(new != old).astype(np.int32)
        self.record.changes[column, self.record.first + batch_index, tick] = (rows, new[rows])

    def _frames(self, state: State, tick: int) -> None:
        if tick % self.keyframe_every:
            return
        for replicate in self.dense:
            batch_index = replicate - self.record.first
            frames = self.record.keyframes
            frames["choice", replicate, tick] = state.choice[:, batch_index].copy()
            for position, scale in enumerate(self.scales):
                shown = self._bytes.get((position, batch_index))
                if shown is None:
                    shown = scale.shown(state.levels[position, :, batch_index])
                frames[scale.name, replicate, tick] = shown


def level_scales(scenario: Scenario) -> tuple[LevelScale, ...]:
    """Return how the levels of a scenario's pack are stored."""
    return tuple(
        LevelScale(
            name=level.name,
            label=level.label,
            unit=level.unit,
            low=level.low,
            high=level.high,
            per_unit=level.per_unit,
        )
        for level in scenario.pack.levels
    )


def merged(
    scenario: Scenario,
    records: Iterable[BatchRecord],
    *,
    dense_replicates: int,
    keyframe_every: int,
) -> Trajectory:
    """Return the trajectory of batches that together hold every replicate once."""
    ordered = sorted(records, key=lambda record: record.first)
    population, scales = scenario.population, level_scales(scenario)
    shape = (
        scenario.replicates,
        scenario.horizon + 1,
        len(population.segments),
        len(population.regions),
    )
    flows = _joined([record.flows for record in ordered]).reshape(*shape, -1)
    stock = _joined([record.stock for record in ordered]).reshape(*shape, -1)
    sums = _joined([record.level_sums for record in ordered]).reshape(*shape, len(scales))
    bins = _joined([record.level_bins for record in ordered]).reshape(*shape, len(scales), BINS)
    digests = _joined([record.tick_digests for record in ordered])
    started = _joined([record.started for record in ordered])
    frames = np.arange(0, scenario.horizon + 1, keyframe_every, dtype=np.int32)
    dense = min(dense_replicates, scenario.replicates)
    columns = ("choice", *(scale.name for scale in scales))
    return Trajectory(
        alternatives=scenario.pack.alternatives,
        levels=scales,
        segments=population.segments,
        regions=population.regions,
        flows=flows,
        stock=stock,
        level_sums=sums,
        level_bins=bins,
        tick_digests=digests,
        digest=trajectory_digest(digests, flows, stock, sums, bins),
        scenario_digest=scenario.digest,
        engine_version=ENGINE_VERSION,
        keyframe_ticks=frames,
        tracks={column: _track(scenario, ordered, column, dense, frames) for column in columns},
        ledger=event_ledger(scenario, started),
    )


def _joined(parts: Sequence[NDArray[Scalar]]) -> NDArray[Scalar]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _track(
    scenario: Scenario,
    records: Sequence[BatchRecord],
    column: str,
    dense: int,
    frames: NDArray[np.int32],
) -> Track:
    none = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint8))
    keyframes = np.zeros((dense, frames.size, len(scenario.population)), dtype=np.uint8)
    indptr = np.zeros((dense, scenario.horizon + 2), dtype=np.int64)
    parts: list[Change] = []
    end = 0
    for replicate in range(dense):
        record = next(one for one in reversed(records) if one.first <= replicate)
        for position, tick in enumerate(frames.tolist()):
            keyframes[replicate, position] = record.keyframes[column, replicate, tick]
        for tick in range(scenario.horizon + 1):
            change = record.changes.get((column, replicate, tick), none)
            parts.append(change)
            indptr[replicate, tick] = end
            end += change[0].size
        indptr[replicate, -1] = end
    return Track(
        keyframes=keyframes,
        indptr=indptr,
        rows=np.concatenate([none[0], *(rows for rows, _ in parts)]),
        values=np.concatenate([none[1], *(values for _, values in parts)]),
    )


def trajectory_digest(
    tick_digests: NDArray[np.uint64],
    flows: NDArray[np.int32],
    stock: NDArray[np.int32],
    level_sums: NDArray[np.int64] | None = None,
    level_bins: NDArray[np.int32] | None = None,
) -> str:
    """Hash what happened, and not what was asked: a branch that changes nothing is its parent."""
    digest = sha256(f"agentverse trajectory 1 {flows.shape}".encode())
    for array in (tick_digests.astype("<u8"), flows.astype("<i4"), stock.astype("<i4")):
        digest.update(np.ascontiguousarray(array).data)
    if level_sums is not None and level_bins is not None and level_sums.size:
        digest.update(np.ascontiguousarray(level_sums.astype("<i8")).data)
        digest.update(np.ascontiguousarray(level_bins.astype("<i4")).data)
    return digest.hexdigest()
