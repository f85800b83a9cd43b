"""INTERIM while contexts are being written: import what imports."""

import contextlib
from importlib import import_module
from types import ModuleType


def importable(part: str) -> list[ModuleType]:
    found: list[ModuleType] = []
    for context in ("llm", "populations", "runs", "universe"):
        with contextlib.suppress(ImportError):
            found += [import_module(f"agentverse.{context}.{part}")]
    return found
