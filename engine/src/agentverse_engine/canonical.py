"""Immutable content, and hashes of it that no machine, process or mapping order can change."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray


def content_digest(kind: str, *, labels: object, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the sha256 hex of JSON-able labels and named arrays, little-endian, C order."""
    text = json.dumps([kind, labels], ensure_ascii=True, allow_nan=False, default=_plain)
    digest = sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        portable = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        digest.update(f"\n{name} {portable.dtype.str} {portable.shape}\n".encode())
        digest.update(portable.data)
    return digest.hexdigest()


def _plain(value: object) -> object:
    """A number of numpy's hashes as the same number of Python's."""
    if isinstance(value, np.generic):
        return cast("np.generic[Any]", value).item()
    message = f"{type(value).__name__} has no canonical form"
    raise TypeError(message)


def freeze(owner: object, values: Mapping[str, object]) -> None:
    """Set attributes of a frozen dataclass, their arrays read-only."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        object.__setattr__(owner, name, value)
