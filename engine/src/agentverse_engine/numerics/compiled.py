"""Numba's decorators with types, and a compile cache that is invalidated when a callee changes."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import inspect
from collections.abc import Callable, Mapping
from enum import Enum, EnumType
from hashlib import sha256
from types import CodeType, ModuleType
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numba.core.errors import NumbaError

COMPILE_ERRORS: tuple[type[Exception], ...] = (NumbaError,)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def inlined(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a scalar function that kernels call; it is stored inside their machine code."""
    return cast("Callable[Parameters, Result]", numba.njit(nogil=True, fastmath=False)(function))


def inlined_with_bounds(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a scalar function in which an index outside an array raises IndexError."""
    checked = numba.njit(nogil=True, fastmath=False, boundscheck=True)
    return cast("Callable[Parameters, Result]", checked(function))


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a kernel that releases the GIL; later processes load it from the cache."""
    try:
        kernel = numba.njit(nogil=True, fastmath=False, cache=True)(function)
    except RuntimeError:  # no folder to write a cache into: compile anew in each process
        kernel = numba.njit(nogil=True, fastmath=False)(function)
    else:
        _tie_cache_to_code(kernel)
        _recompile_without_module(kernel)
    return cast("Callable[Parameters, Result]", kernel)


def compiled_text(
    text: str,
    *,
    name: str,
    module_file: str,
    scope: Mapping[str, object],
    functions: tuple[Callable[..., Any], ...],
) -> Callable[..., None]:
    """Compile a generated kernel `name`, which may use what `scope` names.

    home: the file of the module that generated it; numba keeps the cache beside it.
    Its name in the cache holds a digest of the text and of the code of `functions`, which the
    scope holds compiled: another text, or a rule that was changed in a notebook, never meets
    stale machine code.
    """
    terms = [text, *(code_terms(function) for function in functions)]
    unique = f"{name}_{sha256(repr(terms).encode()).hexdigest()[:20]}"
    named = text.replace(f"def {name}(", f"def {unique}(", 1)
    namespace = dict(scope)
    exec(compile(named, module_file, "exec"), namespace)  # noqa: S102  text we made ourselves
    return compiled(cast("Callable[..., None]", namespace[unique]))


def code_terms(function: Callable[..., Any]) -> tuple[object, ...]:
    """Return what decides a function's machine code: its bytecode, and what its names mean.

    So do the functions inside it, and the numbers and functions that it takes of modules and enums.
    """
    return _terms(function, frozenset())


def _terms(function: Any, above: frozenset[object]) -> tuple[object, ...]:
    plain = getattr(function, "py_func", function)
    code = plain.__code__
    if code in above:
        return ("calls itself",)
    means = {**plain.__globals__, **inspect.getclosurevars(plain).nonlocals}
    return _code_terms(code, means, above | {code})


def _code_terms(
    code: CodeType, means: Mapping[str, Any], above: frozenset[object]
) -> tuple[object, ...]:
    """Return bytecode, constants and the meaning of names; of the functions inside it as well."""
    constants = tuple(
        _code_terms(constant, means, above) if isinstance(constant, CodeType) else constant
        for constant in code.co_consts
    )
    names, free = (
        [(name, _meaning(means.get(name), above, code.co_names)) for name in sorted(named)]
        for named in (code.co_names, code.co_freevars)
    )
    return (code.co_code.hex(), repr(constants), names, free)


def _meaning(value: Any, above: frozenset[object], names: tuple[str, ...]) -> str:
    """names: all those of the code, among which are the attributes that it takes of a module."""
    if hasattr(value, "py_func") or inspect.isfunction(value):
        return repr(_terms(value, above))
    if _is_plain(value):
        return repr(value)
    if isinstance(value, np.ndarray):
        return sha256(np.ascontiguousarray(value).data).hexdigest()
    name = str(getattr(value, "__name__", type(value).__name__))
    if not isinstance(value, ModuleType | EnumType) or value in above:
        return name
    return name + _attributes(value, above | {value}, names)


def _attributes(owner: object, above: frozenset[object], names: tuple[str, ...]) -> str:
    """Return the attributes whose values are stored inside machine code, "" for none."""
    attributes = [(name, getattr(owner, name)) for name in sorted(names) if hasattr(owner, name)]
    kept = [
        (name, _meaning(value, above, names))
        for name, value in attributes
        if _is_plain(value)
        or isinstance(value, np.ndarray | ModuleType | EnumType)
        or hasattr(value, "py_func")
    ]
    return repr(kept) if kept else ""


def _is_plain(value: object) -> bool:
    return isinstance(value, bool | int | float | str | tuple | np.generic | Enum)


def compile_error_summary(error: Exception) -> str:
    """Return what a compile error is about in one line, without numba's advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    messages = [
        line for line in lines if "File" not in line and not line.startswith(("-", "<", "^"))
    ]
    return " ".join(messages[:3])[:300]


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


def _tie_cache_to_code(kernel: Any) -> None:
    """Numba watches only the kernel's own file; a changed callee would leave stale code behind."""
    stamp = sha256(repr(code_terms(kernel.py_func)).encode()).hexdigest()
    cache_file = kernel._cache._cache_file
    cache_file._source_stamp = (cache_file._source_stamp, stamp)


def _recompile_without_module(kernel: Any) -> None:
    """Compile anew where a cached kernel names a module that no longer exists: a script that was
    renamed, a notebook's cell."""
    load = kernel._cache.load_overload

    def load_if_importable(*call: Any) -> Any:
        try:
            return load(*call)
        except ModuleNotFoundError:
            return None

    kernel._cache.load_overload = load_if_importable
