"""Trajectory to Parquet and back: version-tagged, readable by any Parquet tool.

Three files: `series` (counts per replicate, tick and group), `keyframes` (state of every persona
every few ticks), `deltas` (the changes of each tick). Logged at about 0.1 byte per agent-tick.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from agentverse.runs import parquet
from agentverse.runs.errors import TelemetryUnreadable
from agentverse.runs.intervals import RunSeries, window_shares
from agentverse.runs.schemas import EventMark, Metric
from agentverse_engine import Trajectory

FORMAT_VERSION: Final = 1
TAG: Final = b"agentverse.telemetry"
METRICS: Final[tuple[Metric, ...]] = ("new_installations", "stock")

ArtifactKind = Literal["series", "keyframes", "deltas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframes:
    """choices: uint8[replicates, keyframes, personas], the state at each of `ticks`."""

    ticks: NDArray[np.int32]
    choices: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deltas:
    """Changes applied at tick t of replicate r: the slice indptr[r, t] … indptr[r, t + 1].

    indptr: int64[replicates, horizon + 2]; personas: int32[changes]; choices: uint8[changes].
    """

    indptr: NDArray[np.int64]
    personas: NDArray[np.int32]
    choices: NDArray[np.uint8]


def encode(trajectory: Trajectory) -> dict[ArtifactKind, bytes]:
    """The three files of a run; the same trajectory gives the same bytes."""
    return {
        "series": _encode_series(trajectory),
        "keyframes": _encode_keyframes(trajectory),
        "deltas": _encode_deltas(trajectory),
    }


def summarise(trajectory: Trajectory) -> dict[str, Any]:
    """Per replicate the outcome over the whole run: what lists and maps show without a file."""
    series = series_of(trajectory)
    totals = {
        metric: {
            alternative: _finite(window_shares(series, metric, 1, series.horizon)[:, position])
            for position, alternative in enumerate(series.alternatives)
        }
        for metric in METRICS
    }
    marks = [mark.model_dump() for mark in _marks(trajectory)]
    return {"from_tick": 1, "to_tick": series.horizon, "shares": totals, "events": marks}


def series_of(trajectory: Trajectory) -> RunSeries:
    return RunSeries(
        alternatives=tuple(trajectory.alternatives),
        segments=tuple(trajectory.segments),
        regions=tuple(trajectory.regions),
        installs=trajectory.flows,
        stock=trajectory.stock,
    )


def decode_series(data: bytes) -> RunSeries:
    table, tag = _read(data, "series")
    shape = tuple(int(size) for size in tag["shape"])
    return RunSeries(
        alternatives=tuple(tag["alternatives"]),
        segments=tuple(tag["segments"]),
        regions=tuple(tag["regions"]),
        installs=_numbers(table, "installs").reshape(shape),
        stock=_numbers(table, "stock").reshape(shape),
    )


def decode_keyframes(data: bytes) -> Keyframes:
    table, tag = _read(data, "keyframes")
    states = [np.frombuffer(state, dtype=np.uint8) for state in table["choices"]]
    shape = (int(tag["replicates"]), len(tag["ticks"]), int(tag["personas"]))
    return Keyframes(
        ticks=np.asarray(tag["ticks"], dtype=np.int32), choices=np.stack(states).reshape(shape)
    )


def decode_deltas(data: bytes) -> Deltas:
    table, tag = _read(data, "deltas")
    return Deltas(
        indptr=np.asarray(tag["indptr"], dtype=np.int64),
        personas=_numbers(table, "persona"),
        choices=_numbers(table, "choice"),
    )


def _encode_series(trajectory: Trajectory) -> bytes:
    """One row per (replicate, tick, segment, region, alternative), in that order."""
    shape = trajectory.flows.shape
    grid = np.indices(shape, dtype=np.int16).reshape(len(shape), -1)
    names = ("replicate", "tick", "segment", "region", "alternative")
    columns: dict[str, parquet.Column] = dict(zip(names, grid, strict=True))
    columns["installs"] = trajectory.flows.reshape(-1)
    columns["stock"] = trajectory.stock.reshape(-1)
    tag = {
        "shape": list(shape),
        "alternatives": list(trajectory.alternatives),
        "segments": list(trajectory.segments),
        "regions": list(trajectory.regions),
        "digest": trajectory.digest,
    }
    return _write(columns, "series", tag)


def _encode_keyframes(trajectory: Trajectory) -> bytes:
    keyframes = trajectory.tracks["choice"].keyframes
    dense, count, personas = keyframes.shape
    columns: dict[str, parquet.Column] = {
        "replicate": np.repeat(np.arange(dense, dtype=np.int16), count),
        "tick": np.tile(trajectory.keyframe_ticks.astype(np.int32), dense),
        "choices": [state.tobytes() for state in keyframes.reshape(-1, personas)],
    }
    ticks = [int(tick) for tick in trajectory.keyframe_ticks]
    return _write(columns, "keyframes", {"replicates": dense, "personas": personas, "ticks": ticks})


def _encode_deltas(trajectory: Trajectory) -> bytes:
    track = trajectory.tracks["choice"]
    columns = {"persona": track.rows, "choice": track.values}
    indptr = [[int(at) for at in row] for row in track.indptr]
    return _write(columns, "deltas", {"indptr": indptr})


def _write(
    columns: Mapping[str, parquet.Column], kind: ArtifactKind, tag: Mapping[str, object]
) -> bytes:
    marked = json.dumps({"kind": kind, "version": FORMAT_VERSION, **tag}, sort_keys=True)
    return parquet.write(columns, {TAG: marked.encode()})


def _read(data: bytes, kind: ArtifactKind) -> tuple[dict[str, parquet.Column], dict[str, Any]]:
    columns, tags = parquet.read(data)
    if TAG not in tags:
        raise TelemetryUnreadable("The stored file carries no telemetry tag. Run the node again.")
    marked: dict[str, Any] = json.loads(tags[TAG])
    if marked["kind"] != kind or marked["version"] != FORMAT_VERSION:
        raise TelemetryUnreadable(
            f"The stored file is {marked['kind']} version {marked['version']}; this release reads "
            f"{kind} version {FORMAT_VERSION}. Run the node again with this release."
        )
    return columns, marked


def _numbers(table: Mapping[str, parquet.Column], name: str) -> NDArray[Any]:
    return np.asarray(table[name])


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
