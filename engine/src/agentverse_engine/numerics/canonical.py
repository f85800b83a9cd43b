"""Immutable content, and hashes of it that no machine, process or mapping order can change."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import EngineError


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


def listed(values: object, *, field: str, of: type, error: type[EngineError]) -> tuple[Any, ...]:
    """Return a list or tuple of `of` as a tuple that the caller cannot change, or raise the error.

    A text or a single value is no list of them.
    """
    fix = f"Give a tuple of {of.__name__}, also of one."
    if not isinstance(values, tuple | list):
        raise error(f"is {values!r:.60}.", field=field, fix=fix)
    kept = tuple(cast("Sequence[Any]", values))
    for position, value in enumerate(kept):
        if not isinstance(value, of):
            raise error(f"is {value!r:.60}.", field=f"{field}[{position}]", fix=fix)
    return kept


def freeze(owner: object, values: Mapping[str, object]) -> None:
    """Set attributes of a frozen dataclass, their arrays read-only."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        object.__setattr__(owner, name, value)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that cannot be written through.

    Numba compiles anew for arrays that differ in this, as they would after resuming or unpickling.
    """
    view = array.view()
    view.setflags(write=False)
    return view
