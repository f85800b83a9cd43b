"""Trajectory to stored files and back, by the engine's codec; and what a run's row keeps of it.

Three files: `series` (counts and levels per replicate, tick and group), `keyframes` (state of
every persona every few ticks), `deltas` (the changes of each tick). Files of format version 1,
written before there were levels, stay readable.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from agentverse.runs import starting_points
from agentverse.runs.errors import TelemetryUnreadable
from agentverse.runs.intervals import RunSeries
from agentverse.runs.outcomes import Outcome, values_of
from agentverse.runs.schemas import EventMark, OutcomeKind, ShareKind
from agentverse_engine import Trajectory, codec
from agentverse_engine.errors import CodecError

FORMAT_VERSION: Final = codec.FORMAT_VERSION
ArtifactKind = codec.Part


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStates:
    """Which states of single personas a run stored: its keyframe ticks, how many replicates
    and personas."""

    ticks: tuple[int, ...]
    replicates: int
    personas: int


def encode(trajectory: Trajectory) -> dict[ArtifactKind, bytes]:
    """The three files of a run; the same trajectory gives the same bytes."""
    return codec.encode(trajectory)


def summarise(trajectory: Trajectory, metrics: Sequence[ShareKind]) -> dict[str, Any]:
    """Per replicate the outcome over the whole run: what lists and maps show without a file."""
    series = series_of(trajectory)

    def whole_run(kind: OutcomeKind) -> dict[str, list[float | None]]:
        names = series.names(kind)
        outcomes = [
            Outcome(kind=kind, of=name, first_tick=1, last_tick=series.horizon) for name in names
        ]
        return dict(zip(names, map(_finite, values_of(series, outcomes)), strict=True))

    marks = [mark.model_dump() for mark in _marks(trajectory)]
    return {
        "from_tick": 1,
        "to_tick": series.horizon,
        "shares": {metric: whole_run(metric) for metric in metrics},
        "levels": whole_run("level_mean"),
        "events": marks,
        "start_drift": starting_points.summarised(trajectory),
    }


def series_of(counted: Trajectory | codec.Series) -> RunSeries:
    return RunSeries(
        alternatives=tuple(counted.alternatives),
        segments=tuple(counted.segments),
        regions=tuple(counted.regions),
        installs=counted.flows,
        stock=counted.stock,
        levels=tuple(counted.levels),
        level_sums=counted.level_sums,
    )


def decode_series(data: bytes) -> RunSeries:
    """Raises TelemetryUnreadable."""
    with _readable():
        return series_of(codec.decode_series(data))


def stored_states(data: bytes) -> StoredStates:
    """Raises TelemetryUnreadable."""
    with _readable():
        keyframes = codec.decode_keyframes(data)
    return StoredStates(
        ticks=tuple(int(tick) for tick in keyframes.ticks),
        replicates=keyframes.columns["choice"].shape[0],
        personas=keyframes.columns["choice"].shape[2],
    )


def choices_at(
    keyframes: BinaryIO | bytes, deltas: BinaryIO | bytes, tick: int, *, replicate: int = 0
) -> tuple[NDArray[np.uint8], int]:
    """uint8[personas] at a tick, and how many of them differ from the tick before.

    Raises TelemetryUnreadable.
    """
    with _readable():
        state = codec.seek(keyframes, deltas, tick=tick, replicate=replicate)
        if tick == 0:
            return state, 0
        before = codec.seek(keyframes, deltas, tick=tick - 1, replicate=replicate)
    return state, int(np.count_nonzero(state != before))


def choices_of(
    keyframes: BinaryIO | bytes,
    deltas: BinaryIO | bytes,
    persona: int,
    horizon: int,
    *,
    replicate: int = 0,
) -> NDArray[np.uint8]:
    """uint8[horizon+1], of one persona. Raises TelemetryUnreadable."""
    with _readable():
        return np.array(
            [
                codec.seek(keyframes, deltas, tick=tick, replicate=replicate)[persona]
                for tick in range(horizon + 1)
            ],
            dtype=np.uint8,
        )


@contextmanager
def _readable() -> Generator[None]:
    try:
        yield
    except CodecError as error:
        raise TelemetryUnreadable(
            f"The stored telemetry cannot be read: {error} Run the node again with this release."
        ) from error


def _finite(values: NDArray[np.float64]) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: float) -> float | None:
    """JSON knows no nan: nobody in scope, or nothing installed, is null."""
    return float(value) if np.isfinite(value) else None


def _marks(trajectory: Trajectory) -> list[EventMark]:
    return [
        EventMark(
            label=entry.label,
            variable=entry.variable,
            start_tick=entry.first_tick,
            end_tick=entry.last_tick,
            personas=entry.personas,
            mean_before=_number(entry.mean_before),
            mean_after=_number(entry.mean_after),
        )
        for entry in trajectory.ledger
    ]
