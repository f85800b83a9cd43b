"""Rules are pure: their code, and what it calls, is searched for what is not, before it compiles.

A rule may read its arguments and constants only. A generator, a clock, a file or a variable that
changes would give one scenario two digests.
"""

import builtins
import ctypes
import dis
import inspect
import io
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from agentverse_engine.errors import RuleError

DRAW = "Read a draw instead, as an argument: draw, draw_2, draw_3, draw_4, fine_draw, fine_draw_2."
CLOCK = "Read `tick`, or make it a parameter that event scripts move."
OUTSIDE = "Read it before, and hand it over as a constant of the pack."
CHANGES = "Keep what a persona remembers in a level, and fixed numbers in constants of the pack."
HIDDEN = "Call plain functions that are written in Python."

# Modules no part of which a rule may use, and what to do instead.
MODULES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("random", "_random", "secrets", "uuid", "numpy.random"), ("a generator", DRAW)
    ),
    **dict.fromkeys(("time", "datetime", "calendar", "zoneinfo"), ("a clock", CLOCK)),
    **dict.fromkeys(
        (
            *("os", "posix", "nt", "io", "_io", "sys", "pathlib", "shutil", "tempfile", "glob"),
            *("socket", "ssl", "urllib", "http", "subprocess", "multiprocessing", "threading"),
            *("asyncio", "logging", "pickle", "sqlite3", "csv", "platform", "gc", "weakref"),
        ),
        ("something outside the run", OUTSIDE),
    ),
    **dict.fromkeys(("ctypes", "_ctypes", "cffi", "importlib"), ("hidden code", HIDDEN)),
}
BUILTINS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("open", "input", "print"), ("something outside the run", OUTSIDE)),
    **dict.fromkeys(("exec", "eval", "compile", "__import__"), ("hidden code", HIDDEN)),
    **dict.fromkeys(
        ("globals", "locals", "vars", "setattr", "delattr"), ("variables that change", CHANGES)
    ),
    **dict.fromkeys(("id", "hash"), ("a number of this process", OUTSIDE)),
}
NUMPY_FILES = frozenset({"load", "loadtxt", "genfromtxt", "fromfile", "memmap", "save", "savetxt"})
OBJECT_MODE = frozenset({"objmode", "objmode_context"})
STORES = {
    "STORE_GLOBAL": "assigns a variable of its module",
    "DELETE_GLOBAL": "deletes a variable of its module",
    "IMPORT_NAME": "imports within the rule",
}
OURS = "agentverse_engine."
MUTABLE = (list, dict, set, bytearray, np.ndarray)


class Impurity(NamedTuple):
    """What a function does that no rule may, and what to do instead."""

    what: str
    fix: str


def check_pure(field: str, function: Callable[..., Any]) -> None:
    """Raise a RuleError naming the first generator, clock, file or changing variable.

    field: of the error; function: plain Python, not compiled. What it calls is searched as well,
    as far as it is written in Python; functions of this package are known to be pure.
    """
    for impurity in _impurities(function, frozenset()):
        raise RuleError(f"{impurity.what}.", field=field, fix=impurity.fix)


def _impurities(function: Any, above: frozenset[CodeType]) -> Iterator[Impurity]:
    plain = getattr(function, "py_func", function)
    code = plain.__code__
    if code in above or (plain.__module__ or "").startswith(OURS):
        return
    yield from _defaults(plain)
    means = {**vars(builtins), **plain.__globals__, **inspect.getclosurevars(plain).nonlocals}
    yield from _of_code(code, means, above | {code})


def _defaults(plain: Any) -> Iterator[Impurity]:
    by_name: dict[str, Any] = plain.__kwdefaults__ or {}
    in_order: tuple[Any, ...] = plain.__defaults__ or ()
    values = (*in_order, *by_name.values())
    for value in values:
        if isinstance(value, MUTABLE):
            kind = str(type(value).__name__)  # pyright: ignore[reportUnknownArgumentType]
            what = f"'{plain.__name__}' has a default argument that can change, a {kind}"
            yield Impurity(what, CHANGES)


def _of_code(
    code: CodeType, means: Mapping[str, Any], above: frozenset[CodeType]
) -> Iterator[Impurity]:
    instructions = list(dis.get_instructions(code))
    yield from _stores(code, instructions)
    modules: list[ModuleType] = []
    for at, step in enumerate(instructions):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF") and step.argval in means:
            for name, value in _path(step.argval, means[step.argval], instructions[at + 1 :]):
                yield from _of_value(name, value, above)
                modules += [value] if isinstance(value, ModuleType) else []
    yield from _through_a_local_name(instructions, modules)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _of_code(constant, means, above)


def _stores(code: CodeType, instructions: list[dis.Instruction]) -> Iterator[Impurity]:
    for step in instructions:
        if step.opname in STORES:
            yield Impurity(f"{STORES[step.opname]}, '{step.argval}'", CHANGES)
        if step.opname == "STORE_DEREF" and step.argval in code.co_freevars:
            yield Impurity(
                f"assigns a variable of the function around it, '{step.argval}'", CHANGES
            )


def _path(name: str, value: Any, following: list[dis.Instruction]) -> Iterator[tuple[str, Any]]:
    """Yield a name with its value, then the attributes of it that the code reads."""
    yield name, value
    for step in following:
        if step.opname not in ("LOAD_ATTR", "LOAD_METHOD", "PUSH_NULL", "CACHE"):
            return
        if step.opname in ("PUSH_NULL", "CACHE"):
            continue
        if not isinstance(value, ModuleType | type) or not hasattr(value, step.argval):
            return
        name, value = f"{name}.{step.argval}", getattr(value, step.argval)
        yield name, value


def _through_a_local_name(
    instructions: list[dis.Instruction], modules: list[ModuleType]
) -> Iterator[Impurity]:
    """A module may have been given another name within the rule; its attributes keep theirs."""
    for step in instructions:
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            for module in modules:
                value = getattr(module, step.argval, None)
                yield from _refused(f"{module.__name__}.{step.argval}", value)


def _of_value(name: str, value: Any, above: frozenset[CodeType]) -> Iterator[Impurity]:
    yield from _refused(name, value)
    if hasattr(value, "py_func") or inspect.isfunction(value):
        yield from _impurities(value, above)


def _refused(name: str, value: Any) -> Iterator[Impurity]:
    short = name.rpartition(".")[2]
    if inspect.isbuiltin(value) and getattr(builtins, short, None) is value and short in BUILTINS:
        kind, fix = BUILTINS[short]
        yield Impurity(f"uses '{name}', {kind}", fix)
    if short in NUMPY_FILES and getattr(np, short, None) is value and value is not None:
        yield Impurity(f"uses '{name}', something outside the run", OUTSIDE)
    if short in OBJECT_MODE and type(value).__module__.startswith("numba."):
        yield Impurity(f"uses '{name}', hidden code", HIDDEN)
    if _is_generator(value):
        yield Impurity(f"uses '{name}', a generator", DRAW)
    if isinstance(value, io.IOBase):
        yield Impurity(f"uses '{name}', something outside the run", OUTSIDE)
    if isinstance(value, ctypes._SimpleCData | ctypes._CFuncPtr):  # pyright: ignore
        yield Impurity(f"uses '{name}', hidden code", HIDDEN)
    if isinstance(value, (list, dict, set, bytearray)):
        kind = str(type(value).__name__)  # pyright: ignore[reportUnknownArgumentType]
        yield Impurity(f"uses '{name}', a {kind} that can change", CHANGES)
    for module in _modules_of(value):
        if module in MODULES:
            kind, fix = MODULES[module]
            yield Impurity(f"uses '{name}', {kind}", fix)


def _is_generator(value: Any) -> bool:
    kinds = np.random.Generator | np.random.RandomState | np.random.BitGenerator
    return isinstance(value, kinds) or type(value).__module__ in ("random", "_random")


def _modules_of(value: Any) -> Iterator[str]:
    """Yield the modules that a value is of, from the outermost in: numpy, numpy.random, ..."""
    owner = getattr(value, "__self__", None)
    if isinstance(value, ModuleType):
        module = value.__name__
    elif _is_generator(owner):
        module = "random"
    elif callable(value):
        module = str(getattr(value, "__module__", None) or "")
    else:
        return
    if module == "builtins":
        return
    parts = module.split(".")
    yield from (".".join(parts[: size + 1]) for size in range(len(parts)))
