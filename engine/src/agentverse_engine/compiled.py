"""The one untyped boundary: numba's decorator with a type, and an honest compile cache."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def inlined(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a scalar function that kernels call; it is stored inside their machine code."""
    return cast("Callable[Parameters, Result]", numba.njit(nogil=True, fastmath=False)(function))


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a kernel that releases the GIL; later processes load it from the cache."""
    try:
        kernel = numba.njit(nogil=True, fastmath=False, cache=True)(function)
    except RuntimeError:  # no folder to write a cache into: compile anew in each process
        kernel = numba.njit(nogil=True, fastmath=False)(function)
    else:
        _tie_cache_to_package(kernel)
    return cast("Callable[Parameters, Result]", kernel)


def machine_code(kernel: object) -> str:
    """Return the assembly of every signature a kernel was called with (compiled anew: a cached
    kernel does not tell)."""
    used = cast("Any", kernel)
    fresh = numba.njit(nogil=True, fastmath=False)(used.py_func)
    for signature in used.signatures:
        fresh.compile(signature)
    return "\n".join(fresh.inspect_asm().values())


def machine_code_of(
    function: Callable[..., object], arguments: tuple[object, ...], *, fastmath: bool
) -> str:
    """Return the assembly of a plain function for some arguments."""
    fresh = cast("Any", numba.njit(fastmath=fastmath)(function))
    fresh(*arguments)
    return "\n".join(fresh.inspect_asm().values())


def _tie_cache_to_package(kernel: Any) -> None:
    """Numba watches only the kernel's own file; a changed callee would leave stale code behind."""
    cache_file = kernel._cache._cache_file
    cache_file._source_stamp = (cache_file._source_stamp, _package_stamp())


@cache
def _package_stamp() -> str:
    stamp = sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        stamp.update(source.read_bytes())
    return stamp.hexdigest()
