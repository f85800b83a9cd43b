"""What a run recorded: counts of every replicate, states of some, digests of all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import RequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One script's record: in which replicates it occurred, when, for whom, and what it moved.

    first_tick, last_tick: ticks with an intensity above 0. The means are over the personas in
    scope at `measured_tick` (full intensity), after the scripts before it in the list (`before`)
    and after itself as well (`after`), within the variable's range.
    """

    event: int
    label: str
    variable: str
    occurred: tuple[bool, ...]
    first_tick: int
    last_tick: int
    measured_tick: int
    personas: int
    mean_before: float
    mean_after: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Trajectory:
    """The telemetry of an ensemble; replay reads it and never calls the engine.

    installs, stock: int32[replicates, horizon+1, segments, regions, alternatives], personas who
    chose an alternative at a tick (0 at tick 0), and who have it; tick_digests: uint64[replicates,
    horizon+1]. For the first `dense` replicates: keyframes uint8[dense, k, n] at keyframe_ticks
    int32[k]; changes at tick t of replicate d at delta_indptr[d, t] … delta_indptr[d, t+1] of
    delta_personas int32 (rows) and delta_choices uint8.
    """

    alternatives: tuple[str, ...]
    segments: tuple[str, ...]
    regions: tuple[str, ...]
    installs: NDArray[np.int32]
    stock: NDArray[np.int32]
    tick_digests: NDArray[np.uint64]
    digest: str
    scenario_digest: str
    keyframe_ticks: NDArray[np.int32]
    keyframes: NDArray[np.uint8]
    delta_indptr: NDArray[np.int64]
    delta_personas: NDArray[np.int32]
    delta_choices: NDArray[np.uint8]
    ledger: tuple[LedgerEntry, ...]

    @property
    def replicates(self) -> int:
        return self.stock.shape[0]

    @property
    def horizon(self) -> int:
        return self.stock.shape[1] - 1

    @property
    def personas(self) -> int:
        return int(self.stock[0, 0].sum())

    @property
    def dense_replicates(self) -> int:
        """How many replicates carry full states."""
        return self.keyframes.shape[0]

    def __repr__(self) -> str:
        shares = self.stock[:, -1].sum(axis=(0, 1, 2)) / (self.replicates * self.personas)
        stock = ", ".join(
            f"{name} {share:.1%}" for name, share in zip(self.alternatives, shares, strict=True)
        )
        return (
            f"Trajectory({self.personas:,} personas, {self.horizon} ticks, "
            f"{self.replicates} replicates; mean stock at tick {self.horizon}: {stock}; "
            f"{self.digest[:12]})"
        )

    def state_at(self, tick: int, replicate: int = 0) -> NDArray[np.uint8]:
        """Return uint8[n], the alternative of each persona, from the nearest keyframe before."""
        if not 0 <= tick <= self.horizon:
            raise RequestError(
                f"is {tick}.", field="tick", fix=f"Use a tick from 0 to {self.horizon}."
            )
        if not 0 <= replicate < self.dense_replicates:
            raise RequestError(
                f"{replicate} has no recorded states.",
                field="replicate",
                fix=f"Use one below {self.dense_replicates}, or record more with dense_replicates.",
            )
        frame = int(np.searchsorted(self.keyframe_ticks, tick, side="right")) - 1
        state = self.keyframes[replicate, frame].copy()
        for later in range(int(self.keyframe_ticks[frame]) + 1, tick + 1):
            start, end = self.delta_indptr[replicate, later : later + 2]
            state[self.delta_personas[start:end]] = self.delta_choices[start:end]
        return state
