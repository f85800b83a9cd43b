"""Version 3: choices and levels; changes as whole columns of differences modulo 256.

`series` has a row per (replicate, tick, segment, region); `keyframes` and `deltas` have one per
(replicate, tick), whose cells are uint8[n] as bytes. A row group of `keyframes` is one keyframe,
one of `deltas` the ticks after a keyframe up to the next: a seek reads one of each. zstd shrinks
differences, mostly 0, further than lists of who changed. Those of a level lie in the order of its
values in the tick before, equals in the order of personas: who stood alike often moves alike.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.codec.parquet import WAY_OUT, Column, StoredFile, Tag, reading, write
from agentverse_engine.codec.parts import Instant, Keyframes, Part, Series, States
from agentverse_engine.errors import CodecError
from agentverse_engine.execution.recording import trajectory_digest
from agentverse_engine.results.trajectory import LedgerEntry, LevelScale, Track, Trajectory

NUMBER = 3
CHOICE = "choice"
MEANS = ("mean_before", "mean_after")  # nan for nobody in scope, which JSON does not know


Order = NDArray[np.intp] | slice  # of personas
OrderOf = Callable[[str, NDArray[np.uint8]], Order]


def order_before(stored_name: str, before: NDArray[np.uint8]) -> Order:
    """Return the order of a column's differences, given its values in the tick before.

    Few choices change in a tick, and those of choices that are alike do not change alike.
    """
    if stored_name == CHOICE:
        return slice(None)
    return np.argsort(before, kind="stable")


def series_bytes(trajectory: Trajectory, digests: dict[str, str]) -> bytes:
    """Return the series; digests: the SHA-256 of the other two parts."""
    columns = _series_columns(trajectory)
    tag: Tag = {
        "alternatives": trajectory.alternatives,
        "levels": [asdict(scale) for scale in trajectory.levels],
        "segments": trajectory.segments,
        "regions": trajectory.regions,
        "shape": trajectory.stock.shape[:-1],
        "bins": trajectory.level_bins.shape[-1],
        "digest": trajectory.digest,
        "scenario_digest": trajectory.scenario_digest,
        "engine_version": trajectory.engine_version,
        "ledger": [_entry_terms(entry) for entry in trajectory.ledger],
        "parts": digests,
    }
    empty = {name: column[:0] for name, column in columns.items()}
    return write([columns], _tagged("series", tag), empty=empty)


def keyframes_bytes(trajectory: Trajectory) -> bytes:
    """Return whole columns, a row group per keyframe of a replicate."""
    ticks = trajectory.keyframe_ticks
    groups = (
        _state_group(
            replicate,
            [int(tick)],
            {
                name: [track.keyframes[replicate, position]]
                for name, track in trajectory.tracks.items()
            },
        )
        for replicate in range(trajectory.dense_replicates)
        for position, tick in enumerate(ticks)
    )
    return write(
        groups, _tagged("keyframes", _states_tag(trajectory)), empty=_no_states(trajectory)
    )


def deltas_bytes(trajectory: Trajectory) -> bytes:
    """Return the differences from tick to tick, a row group from one keyframe to the next."""
    tag = _tagged("deltas", _states_tag(trajectory))
    return write(_delta_groups(trajectory), tag, empty=_no_states(trajectory))


def series(stored: StoredFile) -> Series:
    """Read the counts, and raise a CodecError if they do not have the digest."""
    with reading("series"):
        tag = stored.tag
        shape = tuple(int(size) for size in tag["shape"])
        scales = tuple(LevelScale(**terms) for terms in tag["levels"])
        names = [scale.name for scale in scales]
        digests = stored.numbers("tick_digest", np.uint64).reshape(*shape[:2], -1)
        counts = Series(
            version=stored.tag["version"],
            alternatives=tuple(tag["alternatives"]),
            levels=scales,
            segments=tuple(tag["segments"]),
            regions=tuple(tag["regions"]),
            flows=_stacked(stored, "flows", tag["alternatives"], shape),
            stock=_stacked(stored, "stock", tag["alternatives"], shape),
            level_sums=_stacked(stored, "sum", names, shape, np.int64),
            level_bins=_bins(stored, names, shape),
            tick_digests=digests[:, :, 0].copy(),
            digest=tag["digest"],
            scenario_digest=tag["scenario_digest"],
            engine_version=tag["engine_version"],
            ledger=tuple(_entry(terms) for terms in tag["ledger"]),
        )
    if counts.digest != _digest_of(counts):
        raise CodecError(
            "does not have the digest it was stored with.", field="series", fix=WAY_OUT
        )
    return counts


def keyframes(stored: StoredFile) -> Keyframes:
    """Read every keyframe of every column."""
    held = _states(stored)
    shape = (held.replicates, len(held.ticks), held.personas)
    with reading("keyframes"):
        columns = {
            name: np.concatenate(
                [np.zeros(0, np.uint8), *stored.arrays(_stored_name(name), size=held.personas)]
            ).reshape(shape)
            for name in held.columns
        }
    return Keyframes(ticks=np.asarray(held.ticks, dtype=np.int32), columns=columns)


def state(
    frames: StoredFile, deltas: StoredFile, wanted: Instant, order_of: OrderOf = order_before
) -> NDArray[np.uint8]:
    """Return a keyframe plus the differences since, modulo 256."""
    held = _states(frames)
    held.check_holds(wanted)
    if frames.tag["digest"] != deltas.tag["digest"] or held != _states(deltas):
        raise CodecError("belong to another run.", field="deltas", fix="Give the parts of one run.")
    name, frame = _stored_name(wanted.column), held.frame(wanted.tick)
    row = wanted.replicate * len(held.ticks) + frame
    column = frames.arrays(name, size=held.personas, row_group=row)[0].copy()
    steps = wanted.tick - held.ticks[frame]
    if steps:
        group = wanted.replicate * len(_spans(held.ticks, held.horizon)) + frame
        for change in deltas.arrays(name, size=held.personas, row_group=group)[:steps]:
            column[order_of(name, column)] += change
    return column


def trajectory(
    counts: Series, frames: StoredFile, deltas: StoredFile, order_of: OrderOf = order_before
) -> Trajectory:
    """Return the trajectory that the three parts hold."""
    assert counts.tick_digests is not None  # noqa: S101  this version has them
    whole, held = keyframes(frames), _states(deltas)
    return Trajectory(
        alternatives=counts.alternatives,
        levels=counts.levels,
        segments=counts.segments,
        regions=counts.regions,
        flows=counts.flows,
        stock=counts.stock,
        level_sums=counts.level_sums,
        level_bins=counts.level_bins,
        tick_digests=counts.tick_digests,
        digest=counts.digest,
        scenario_digest=counts.scenario_digest,
        engine_version=counts.engine_version,
        keyframe_ticks=whole.ticks,
        tracks={
            name: _track(
                states,
                deltas.arrays(_stored_name(name), size=held.personas),
                held,
                partial(order_of, _stored_name(name)),
            )
            for name, states in whole.columns.items()
        },
        ledger=counts.ledger,
    )


def _track(
    whole: NDArray[np.uint8],
    changes: list[NDArray[np.uint8]],
    held: States,
    order_of: Callable[[NDArray[np.uint8]], Order],
) -> Track:
    indptr = np.zeros((held.replicates, held.horizon + 2), dtype=np.int64)
    rows, values = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.uint8)]
    end, follow = 0, iter(changes)
    for replicate in range(held.replicates):
        indptr[replicate, :2] = end
        now = whole[replicate, 0].copy()
        for tick in range(1, held.horizon + 1):
            change = next(follow, now[:0])
            _check_fits(now, change)
            before = now.copy()
            now[order_of(before)] += change
            rows.append(np.flatnonzero(now != before).astype(np.int32))
            values.append(now[rows[-1]])
            end += rows[-1].size
            indptr[replicate, tick + 1] = end
            if tick in held.ticks:
                _check_fits(now, whole[replicate, held.ticks.index(tick)], same=True)
    return Track(
        keyframes=whole, indptr=indptr, rows=np.concatenate(rows), values=np.concatenate(values)
    )


def _check_fits(now: NDArray[np.uint8], other: NDArray[np.uint8], *, same: bool = False) -> None:
    if now.size != other.size or (same and not np.array_equal(now, other)):
        raise CodecError("do not lead to the next keyframe.", field="deltas", fix=WAY_OUT)


def _delta_groups(trajectory: Trajectory) -> Iterator[dict[str, Column]]:
    spans = _spans(tuple(trajectory.keyframe_ticks.tolist()), trajectory.horizon)
    for replicate in range(trajectory.dense_replicates):
        now = {name: track.keyframes[replicate, 0].copy() for name, track in _tracks(trajectory)}
        for start, end in spans:
            ticks = list(range(start + 1, end + 1))
            yield _state_group(
                replicate,
                ticks,
                {
                    name: [_difference(name, track, replicate, tick, now[name]) for tick in ticks]
                    for name, track in _tracks(trajectory)
                },
            )


def _difference(
    name: str, track: Track, replicate: int, tick: int, now: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return uint8[n], what changed modulo 256, in stored order; bring `now` to the tick."""
    start, end = track.indptr[replicate, tick : tick + 2]
    rows, values = track.rows[start:end], track.values[start:end]
    order = order_before(_stored_name(name), now)
    change = np.zeros_like(now)
    change[rows] = values - now[rows]
    now[rows] = values
    return change[order]


def _spans(ticks: tuple[int, ...], horizon: int) -> list[tuple[int, int]]:
    """Return from keyframe to keyframe, and from the last one to the horizon."""
    return [(start, end) for start, end in pairwise((*ticks, horizon)) if end > start]


def _tracks(trajectory: Trajectory) -> list[tuple[str, Track]]:
    return list(trajectory.tracks.items())


def _state_group(
    replicate: int, ticks: list[int], columns: dict[str, list[NDArray[np.uint8]]]
) -> dict[str, Column]:
    positions: dict[str, Column] = {
        "replicate": np.full(len(ticks), replicate, dtype=np.int32),
        "tick": np.array(ticks, dtype=np.int32),
    }
    return positions | {
        _stored_name(name): [state.tobytes() for state in states]
        for name, states in columns.items()
    }


def _no_states(trajectory: Trajectory) -> dict[str, Column]:
    return _state_group(0, [], {name: [] for name in trajectory.tracks})


def _stored_name(column: str) -> str:
    return column if column == CHOICE else f"level.{column}"


def _states_tag(trajectory: Trajectory) -> Tag:
    return {
        "digest": trajectory.digest,
        "columns": list(trajectory.tracks),
        "replicates": trajectory.dense_replicates,
        "horizon": trajectory.horizon,
        "personas": trajectory.tracks["choice"].keyframes.shape[2],
        "ticks": trajectory.keyframe_ticks.tolist(),
    }


def _states(stored: StoredFile) -> States:
    with reading(stored.part):
        return States(
            columns=tuple(stored.tag["columns"]),
            replicates=stored.tag["replicates"],
            horizon=stored.tag["horizon"],
            personas=stored.tag["personas"],
            ticks=tuple(stored.tag["ticks"]),
        )


def _tagged(part: Part, tag: Tag) -> Tag:
    return {"kind": part, "version": NUMBER, **tag}


def _series_columns(trajectory: Trajectory) -> dict[str, NDArray[Any]]:
    cells = trajectory.stock.shape[:-1]
    grid = np.indices(cells, dtype=np.int32).reshape(len(cells), -1)
    columns: dict[str, NDArray[Any]] = dict(
        zip(("replicate", "tick", "segment", "region"), grid, strict=True)
    )
    digests = trajectory.tick_digests[:, :, None, None]
    columns["tick_digest"] = np.broadcast_to(digests, cells).reshape(-1)
    for position, name in enumerate(trajectory.alternatives):
        columns[f"flows.{name}"] = trajectory.flows[..., position].reshape(-1)
        columns[f"stock.{name}"] = trajectory.stock[..., position].reshape(-1)
    for position, scale in enumerate(trajectory.levels):
        columns[f"sum.{scale.name}"] = trajectory.level_sums[..., position].reshape(-1)
        bins = trajectory.level_bins[..., position, :]
        columns[f"bins.{scale.name}"] = bins.reshape(grid.shape[1], -1)
    return columns


def _stacked(
    stored: StoredFile,
    kind: str,
    names: list[str],
    shape: tuple[int, ...],
    dtype: type[np.generic] = np.int32,
) -> NDArray[Any]:
    """Return the columns of one kind side by side, [..., names]."""
    stacked = np.zeros((*shape, len(names)), dtype=dtype)
    for position, name in enumerate(names):
        stacked[..., position] = stored.numbers(f"{kind}.{name}", dtype).reshape(shape)
    return stacked


def _bins(stored: StoredFile, names: list[str], shape: tuple[int, ...]) -> NDArray[np.int32]:
    bins = _stacked(stored, "bins", names, (*shape, int(stored.tag["bins"])))
    return np.ascontiguousarray(bins.swapaxes(-1, -2))


def _digest_of(counts: Series) -> str:
    assert counts.tick_digests is not None  # noqa: S101  read just now
    arrays = (counts.flows, counts.stock, counts.level_sums, counts.level_bins)
    return trajectory_digest(counts.tick_digests, *arrays)


def _entry_terms(entry: LedgerEntry) -> dict[str, Any]:
    terms = asdict(entry)
    return terms | {name: None if math.isnan(terms[name]) else terms[name] for name in MEANS}


def _entry(terms: dict[str, Any]) -> LedgerEntry:
    read: dict[str, Any] = {name: tuple(terms[name]) for name in ("occurred", "started")}
    for name in MEANS:
        read[name] = math.nan if terms[name] is None else terms[name]
    return LedgerEntry(**{**terms, **read})
