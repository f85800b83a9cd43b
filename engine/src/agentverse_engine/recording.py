"""Filling a Trajectory while the run goes on: counts always, full states for some replicates."""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.ledger import event_ledger
from agentverse_engine.scenario import Scenario
from agentverse_engine.state import State
from agentverse_engine.trajectory import Trajectory


class Recorder:
    """Collects telemetry tick by tick; `finish` makes the Trajectory."""

    def __init__(self, scenario: Scenario, *, dense_replicates: int, keyframe_every: int) -> None:
        self.scenario = scenario
        self.dense = min(dense_replicates, scenario.replicates)
        population, ticks = scenario.population, scenario.horizon + 1
        shape = (
            scenario.replicates,
            ticks,
            len(population.segments),
            len(population.regions),
            len(scenario.model.alternatives),
        )
        self.installs: NDArray[np.int32] = np.zeros(shape, dtype=np.int32)
        self.stock: NDArray[np.int32] = np.zeros(shape, dtype=np.int32)
        self.tick_digests: NDArray[np.uint64] = np.zeros(shape[:2], dtype=np.uint64)
        self.keyframe_ticks = np.arange(0, ticks, keyframe_every, dtype=np.int32)
        self.keyframes: NDArray[np.uint8] = np.zeros(
            (self.dense, self.keyframe_ticks.size, len(population)), dtype=np.uint8
        )
        self._changes: dict[tuple[int, int], tuple[NDArray[np.int32], NDArray[np.uint8]]] = {}

    def start(self, state: State, first_replicate: int) -> None:
        """Record tick 0 of a batch."""
        self._count(state, None, first_replicate, 0)
        for replicate in self._dense_in(state, first_replicate):
            self._keep(replicate, 0, state.current[:, replicate - first_replicate])

    def record(
        self, state: State, installs: NDArray[np.int32], first_replicate: int, tick: int
    ) -> None:
        """Record a tick; `current` is the new state, `following` still the one before it."""
        self._count(state, installs, first_replicate, tick)
        for replicate in self._dense_in(state, first_replicate):
            lane = replicate - first_replicate
            new, old = state.current[:, lane], state.following[:, lane]
            rows = np.flatnonzero(new != old).astype(np.int32)
            self._changes[replicate, tick] = (rows, new[rows])
            self._keep(replicate, tick, new)

    def finish(self) -> Trajectory:
        """Return what was recorded."""
        population, scenario = self.scenario.population, self.scenario
        indptr, personas, choices = self._deltas()
        return Trajectory(
            alternatives=scenario.model.alternatives,
            segments=population.segments,
            regions=population.regions,
            installs=self.installs,
            stock=self.stock,
            tick_digests=self.tick_digests,
            digest=trajectory_digest(self.tick_digests, self.installs, self.stock),
            scenario_digest=scenario.digest,
            keyframe_ticks=self.keyframe_ticks,
            keyframes=self.keyframes,
            delta_indptr=indptr,
            delta_personas=personas,
            delta_choices=choices,
            ledger=event_ledger(scenario),
        )

    def _dense_in(self, state: State, first_replicate: int) -> range:
        return range(first_replicate, min(self.dense, first_replicate + state.digest.size))

    def _count(
        self, state: State, installs: NDArray[np.int32] | None, first_replicate: int, tick: int
    ) -> None:
        batch = slice(first_replicate, first_replicate + state.digest.size)
        cell_shape = self.stock.shape[2:]
        self.stock[batch, tick] = state.stock.reshape(-1, *cell_shape)
        self.tick_digests[batch, tick] = state.digest
        if installs is not None:
            self.installs[batch, tick] = installs.reshape(-1, *cell_shape)

    def _keep(self, replicate: int, tick: int, state: NDArray[np.uint8]) -> None:
        frame = np.flatnonzero(self.keyframe_ticks == tick)
        if frame.size:
            self.keyframes[replicate, frame[0]] = state

    def _deltas(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
        none = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint8))
        ticks = range(self.scenario.horizon + 1)
        changes = [
            self._changes.get((replicate, tick), none)
            for replicate in range(self.dense)
            for tick in ticks
        ]
        ends = np.cumsum([0] + [rows.size for rows, _ in changes]).astype(np.int64)
        indptr = np.empty((self.dense, len(ticks) + 1), dtype=np.int64)
        for replicate in range(self.dense):
            start = replicate * len(ticks)
            indptr[replicate] = ends[start : start + len(ticks) + 1]
        personas = np.concatenate([none[0], *(rows for rows, _ in changes)])
        choices = np.concatenate([none[1], *(chosen for _, chosen in changes)])
        return indptr, personas, choices


def trajectory_digest(
    tick_digests: NDArray[np.uint64], installs: NDArray[np.int32], stock: NDArray[np.int32]
) -> str:
    """Hash what happened, and not what was asked: a branch that changes nothing is its parent."""
    digest = sha256(f"agentverse trajectory 1 {installs.shape}".encode())
    for array in (tick_digests.astype("<u8"), installs.astype("<i4"), stock.astype("<i4")):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
