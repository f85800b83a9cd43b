"""Writing the newest version of the format, and reading each version by its own reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.codec import version_1, version_2, version_3
from agentverse_engine.codec.parquet import WAY_OUT, StoredFile
from agentverse_engine.codec.parts import Instant, Keyframes, Part, Series, Source
from agentverse_engine.errors import CodecError
from agentverse_engine.results.trajectory import Trajectory

FORMAT_VERSION: Final = version_3.NUMBER
PARTS: Final[tuple[Part, ...]] = ("series", "keyframes", "deltas")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one version of the format is read; pinned, so that old telemetry stays readable."""

    series: Callable[[StoredFile], Series]
    keyframes: Callable[[StoredFile], Keyframes]
    state: Callable[[StoredFile, StoredFile, Instant], NDArray[np.uint8]]
    trajectory: Callable[[Series, StoredFile, StoredFile], Trajectory] | None


READERS: Final[Mapping[int, Reader]] = {
    1: Reader(
        series=version_1.series,
        keyframes=version_1.keyframes,
        state=version_1.state,
        trajectory=None,
    ),
    2: Reader(
        series=version_3.series,
        keyframes=version_3.keyframes,
        state=version_2.state,
        trajectory=version_2.trajectory,
    ),
    3: Reader(
        series=version_3.series,
        keyframes=version_3.keyframes,
        state=version_3.state,
        trajectory=version_3.trajectory,
    ),
}


def encode(trajectory: Trajectory) -> dict[Part, bytes]:
    """Return the three files of a run; the same trajectory gives the same bytes.

    `series`: the counts of every replicate, with labels, ledger and digests; `keyframes` and
    `deltas`: the states of the dense replicates. MissingExtra: pyarrow is not installed.
    """
    keyframes = version_3.keyframes_bytes(trajectory)
    deltas = version_3.deltas_bytes(trajectory)
    digests = {"keyframes": _digest(keyframes), "deltas": _digest(deltas)}
    series = version_3.series_bytes(trajectory, digests)
    return {"series": series, "keyframes": keyframes, "deltas": deltas}


def decode(parts: Mapping[Part, bytes]) -> Trajectory:
    """Return the trajectory, equal in every array, its digest and the files' verified.

    Raises CodecError for damaged or missing parts, for an unknown version, and for version 1,
    which did not store a whole trajectory (its series, keyframes and states can be read).
    MissingExtra: pyarrow is not installed.
    """
    missing = [part for part in PARTS if part not in parts]
    if missing:
        raise CodecError("is missing.", field=missing[0], fix=f"Give all of: {', '.join(PARTS)}.")
    stored = StoredFile(parts["series"], "series")
    reader = _reader(stored)
    if reader.trajectory is None:
        raise CodecError(
            f"has format version {stored.tag['version']}, which holds no whole trajectory.",
            field="series",
            fix="Read it with decode_series, decode_keyframes and seek.",
        )
    for part in PARTS[1:]:
        if _digest(parts[part]) != stored.tag["parts"][part]:
            raise CodecError("is not what was stored with the series.", field=part, fix=WAY_OUT)
    frames = StoredFile(parts["keyframes"], "keyframes")
    changes = StoredFile(parts["deltas"], "deltas")
    return reader.trajectory(reader.series(stored), frames, changes)


def decode_series(source: Source) -> Series:
    """Return the counts of every replicate; their digest is verified (not that of version 1).

    CodecError: damaged bytes, or a version that is not known. MissingExtra: pyarrow is not
    installed.
    """
    stored = StoredFile(source, "series")
    return _reader(stored).series(stored)


def decode_keyframes(source: Source) -> Keyframes:
    """Return every stored keyframe.

    CodecError: damaged bytes, or a version that is not known. MissingExtra: pyarrow is not
    installed.
    """
    stored = StoredFile(source, "keyframes")
    return _reader(stored).keyframes(stored)


def seek(
    keyframes: Source, deltas: Source, *, tick: int, replicate: int = 0, column: str = "choice"
) -> NDArray[np.uint8]:
    """Return uint8[n] at a tick: alternatives, or a level by name as `LevelScale.shown`.

    Reads one keyframe and the changes up to the next, of this column alone. Raises RequestError
    for what was not recorded, CodecError for damaged bytes or an unknown version. MissingExtra:
    pyarrow is not installed.
    """
    frames, changes = StoredFile(keyframes, "keyframes"), StoredFile(deltas, "deltas")
    reader = _reader(frames)
    if _reader(changes) is not reader:
        raise CodecError(
            "have another format version than the keyframes.",
            field="deltas",
            fix="Give the parts of one run.",
        )
    return reader.state(frames, changes, Instant(tick=tick, replicate=replicate, column=column))


def save(trajectory: Trajectory, folder: str | Path) -> None:
    """Write the three files, `series.parquet` and so on, into a folder, made if need be.

    MissingExtra: pyarrow is not installed.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    for part, data in encode(trajectory).items():
        (Path(folder) / f"{part}.parquet").write_bytes(data)


def load(folder: str | Path) -> Trajectory:
    """Return the trajectory saved in a folder; raises CodecError as `decode` does.

    MissingExtra: pyarrow is not installed.
    """
    paths: dict[Part, Path] = {part: Path(folder) / f"{part}.parquet" for part in PARTS}
    return decode({part: path.read_bytes() for part, path in paths.items() if path.is_file()})


def _reader(stored: StoredFile) -> Reader:
    version = stored.tag.get("version")
    if version not in READERS:
        raise CodecError(
            f"has format version {version}; this release reads "
            f"{', '.join(str(readable) for readable in READERS)}.",
            field=stored.part,
            fix="Read it with the release that wrote it or a newer one, or run the scenario again.",
        )
    return READERS[version]


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
