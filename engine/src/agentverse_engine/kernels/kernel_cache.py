"""A pack's rules fused into one kernel: source text made of the pack, compiled once, cached.

The loop is generated, so that a rule is only its behaviour; the rules themselves are compiled as
they stand and inlined. Text and cache depend on the pack's shape and code, never on its numbers.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from agentverse_engine.kernels import device_functions
from agentverse_engine.kernels.codegen import kernel_text
from agentverse_engine.numerics import rng
from agentverse_engine.numerics.compiled import (
    code_terms,
    compiled_text,
    inlined,
    inlined_with_bounds,
)
from agentverse_engine.packs.pack import Pack
from agentverse_engine.rules.purity import OURS, check_pure

_kernels: dict[tuple[object, ...], Callable[..., None]] = {}


def fused(pack: Pack) -> Callable[..., None]:
    """Return the kernel of a pack, called with ARGUMENTS; built once per process and pack shape.

    It reads rows of `choice` uint8[n, R] and `levels` int32[K, n, R] and writes rows first …
    last-1 of `next_choice` and `next_levels`; adds to flows and stock_change int32[R, cells, J],
    digest_change uint64[R], level_sums int64[R, cells, K], level_bins int32[R, cells, K, BINS].
    A level that is no number stops it, with fault int64[3] = (level + 1, row, replicate); so does
    a choice that is no alternative, with -1.
    """
    functions = tuple(item.plain for item in (*pack.rules, *pack.filters))
    text = kernel_text(pack)
    code = repr([code_terms(function) for function in functions])  # a global may have changed
    key = (text, functions, code, tuple(rule.purpose for rule in pack.rules))
    if key not in _kernels:
        for item in (*pack.rules, *pack.filters):  # what they call may have changed since
            check_pure(f"{pack.name}.{item.name}", item.plain)
        _kernels[key] = compiled_text(
            text, name="tick", module_file=__file__, scope=_scope(pack), functions=functions
        )
    return _kernels[key]


def _scope(pack: Pack) -> dict[str, object]:
    """Return what the kernel's names mean."""
    scope: dict[str, object] = {"__name__": __name__, "np": np, "math": math}
    for name in ("row_hash", "level_hash", "overlaid", "write_values", "stored_level"):
        scope[name] = getattr(device_functions, name)
    scope |= {"level_bin": device_functions.level_bin, "partner_of": device_functions.partner_of}
    scope |= {"philox": rng.philox, "fine_uniform": rng.fine_uniform, "fine_of": rng.fine_of}
    scope |= {"coarse_uniform": rng.coarse_uniform, "PEER": rng.PEER}
    for rule in pack.rules:
        scope[f"rule_{rule.name}"] = _device_function(rule.plain)
        scope[f"PURPOSE_{rule.name}"] = np.uint64(rule.purpose)
    for item in pack.filters:
        scope[f"filter_{item.name}"] = _device_function(item.plain)
    return scope


def _device_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a rule. Our own are tested; in those of others an index outside an array is an error,
    where compiled code would read what lies behind it."""
    own_module = (function.__module__ or "").startswith(OURS)
    return inlined(function) if own_module else inlined_with_bounds(function)
