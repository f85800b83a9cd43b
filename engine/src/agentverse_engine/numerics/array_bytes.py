"""Named arrays as bytes: a header line with kind and digest, then an npz."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import CheckpointError

LABELS = "labels"
DIGEST_BYTES = 32
FASTEST = 1  # of zlib's levels: what compresses at all does so at once, the rest is noise

Arrays = dict[str, NDArray[Any]]


def packed(
    kind: str, labels: Mapping[str, object], arrays: Mapping[str, NDArray[Any]], *, compressed: bool
) -> bytes:
    """Return one line with `kind`, the sha256 of the rest, and an npz of labels and arrays."""
    text = np.frombuffer(json.dumps(labels).encode(), dtype=np.uint8)
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    body = BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, array in sorted({LABELS: text, **arrays}.items()):
            member = zipfile.ZipInfo(f"{name}.npy")  # dated 1980: the same arrays, the same bytes
            file = BytesIO()
            np.save(file, array, allow_pickle=False)
            archive.writestr(member, file.getbuffer(), method, FASTEST)
    content = body.getbuffer()
    return b"".join((f"{kind}\n".encode(), sha256(content).digest(), content))


def unpacked(kind: str, packet: bytes) -> tuple[dict[str, Any], Arrays]:
    """Return the labels and the arrays, read-only; CheckpointError for anything but whole bytes."""
    start = len(f"{kind}\n".encode())
    if packet[:start] != f"{kind}\n".encode():
        raise _broken(f"do not begin with '{kind}'.")
    content = memoryview(packet)[start + DIGEST_BYTES :]
    if sha256(content).digest() != packet[start : start + DIGEST_BYTES]:
        raise _broken("are cut short or were changed.")
    try:
        with np.load(BytesIO(content), allow_pickle=False) as archive:
            arrays: Arrays = {name: archive[name] for name in archive.files}
        labels = json.loads(arrays.pop(LABELS).tobytes())
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as fault:
        raise _broken(f"cannot be read: {fault}.") from fault
    for array in arrays.values():
        array.setflags(write=False)
    return labels, arrays


def _broken(message: str) -> CheckpointError:
    return CheckpointError(message, field="bytes", fix="Use the bytes as to_bytes returned them.")
