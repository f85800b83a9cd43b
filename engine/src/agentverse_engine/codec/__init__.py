"""Telemetry as bytes: three Parquet files of a run, exact, versioned, sought by keyframe.

`encode` and `decode` turn a Trajectory into files and back; `seek` reads one state out of them
and nothing else. Needs `agentverse-engine[tables]`.
"""

from agentverse_engine.codec.parts import Keyframes, Part, Series, Source
from agentverse_engine.codec.telemetry import (
    FORMAT_VERSION,
    decode,
    decode_keyframes,
    decode_series,
    encode,
    load,
    save,
    seek,
)

__all__ = [
    "FORMAT_VERSION",
    "Keyframes",
    "Part",
    "Series",
    "Source",
    "decode",
    "decode_keyframes",
    "decode_series",
    "encode",
    "load",
    "save",
    "seek",
]
