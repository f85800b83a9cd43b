"""The parts of stored telemetry, as arrays: what every version of the format decodes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least, whole
from agentverse_engine.results.trajectory import LedgerEntry, LevelScale

Part = Literal["series", "keyframes", "deltas"]
Source = bytes | BinaryIO  # a file that can seek is read where it is needed, and no further


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """The counts of every replicate; arrays as in `Trajectory`.

    flows, stock: int32[replicates, horizon+1, segments, regions, alternatives]; level_sums:
    int64[replicates, horizon+1, segments, regions, levels]; level_bins: int32[..., levels, 20];
    tick_digests: uint64[replicates, horizon+1].

    Version 1 stored neither tick digests (None), nor the ledger, the scenario and the engine
    (empty); its digest is as stored, unverified.
    """

    version: int
    alternatives: tuple[str, ...]
    levels: tuple[LevelScale, ...]
    segments: tuple[str, ...]
    regions: tuple[str, ...]
    flows: NDArray[np.int32]
    stock: NDArray[np.int32]
    level_sums: NDArray[np.int64]
    level_bins: NDArray[np.int32]
    tick_digests: NDArray[np.uint64] | None
    digest: str
    scenario_digest: str
    engine_version: str
    ledger: tuple[LedgerEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Keyframes:
    """ticks: int32[k]; columns: uint8[dense, k, n] each, "choice" and then the levels."""

    ticks: NDArray[np.int32]
    columns: Mapping[str, NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """One column of one replicate at one tick."""

    tick: int
    replicate: int
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """What the states of a run hold: `replicates` of them, ticks 0 … horizon, n personas."""

    columns: tuple[str, ...]
    replicates: int
    horizon: int
    personas: int
    ticks: tuple[int, ...]

    def frame(self, tick: int) -> int:
        """Return the place of the last keyframe at or before a tick."""
        return int(np.searchsorted(self.ticks, tick, side="right")) - 1

    def check_holds(self, wanted: Instant) -> None:
        """Raise a RequestError for what was not recorded."""
        whole(wanted.tick, field="tick", least=0, most=self.horizon, error=RequestError)
        if at_least("replicate", wanted.replicate, 0) >= self.replicates:
            raise RequestError(
                f"{wanted.replicate} has no stored states.",
                field="replicate",
                fix=f"{self.replicates} have: run again with more dense_replicates to have others.",
            )
        if wanted.column not in self.columns:
            raise RequestError(
                f"'{wanted.column}' is not stored.",
                field="column",
                fix=f"Use one of: {', '.join(self.columns)}.",
            )
