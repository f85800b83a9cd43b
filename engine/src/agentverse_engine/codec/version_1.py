"""Reader of version 1, as the server wrote it in 2026: choices only, changes as rows."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.codec.parquet import StoredFile, reading
from agentverse_engine.codec.parts import Instant, Keyframes, Series, States


def series(stored: StoredFile) -> Series:
    """One row per (replicate, tick, segment, region, alternative), in that order."""
    with reading("series"):
        shape = tuple(int(size) for size in stored.tag["shape"])
        return Series(
            version=1,
            alternatives=tuple(stored.tag["alternatives"]),
            levels=(),
            segments=tuple(stored.tag["segments"]),
            regions=tuple(stored.tag["regions"]),
            flows=stored.numbers("installs", np.int32).reshape(shape),
            stock=stored.numbers("stock", np.int32).reshape(shape),
            level_sums=np.zeros((*shape[:-1], 0), dtype=np.int64),
            level_bins=np.zeros((*shape[:-1], 0, 20), dtype=np.int32),
            tick_digests=None,
            digest=stored.tag["digest"],
            scenario_digest="",
            engine_version="",
            ledger=(),
        )


def keyframes(stored: StoredFile) -> Keyframes:
    """One row per (replicate, keyframe)."""
    with reading("keyframes"):
        ticks = np.asarray(stored.tag["ticks"], dtype=np.int32)
        shape = (int(stored.tag["replicates"]), ticks.size, int(stored.tag["personas"]))
        states = stored.arrays("choices", size=shape[2])
        whole = np.concatenate([np.zeros(0, dtype=np.uint8), *states]).reshape(shape)
        return Keyframes(ticks=ticks, columns={"choice": whole})


def state(frames: StoredFile, deltas: StoredFile, wanted: Instant) -> NDArray[np.uint8]:
    """The nearest keyframe before, with the changes since: the last one of a persona counts."""
    with reading("deltas"):
        indptr = np.asarray(deltas.tag["indptr"], dtype=np.int64)
        held = States(
            columns=("choice",),
            replicates=int(frames.tag["replicates"]),
            horizon=indptr.shape[1] - 2 if indptr.ndim == 2 else 0,
            personas=int(frames.tag["personas"]),
            ticks=tuple(frames.tag["ticks"]),
        )
    held.check_holds(wanted)
    choice = keyframes(frames).columns["choice"][wanted.replicate, held.frame(wanted.tick)].copy()
    with reading("deltas"):
        rows, choices = deltas.numbers("persona", np.int32), deltas.numbers("choice", np.uint8)
        for tick in range(held.ticks[held.frame(wanted.tick)] + 1, wanted.tick + 1):
            start, end = indptr[wanted.replicate, tick : tick + 2]
            choice[rows[start:end]] = choices[start:end]
    return choice
