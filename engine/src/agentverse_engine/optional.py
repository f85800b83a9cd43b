"""The libraries beyond numpy and numba: loaded when first needed, never by `import`."""

from importlib import import_module
from types import ModuleType
from typing import Literal

from agentverse_engine.errors import MissingExtra

Extra = Literal["diagnostics", "plot", "progress", "ray", "tables"]


def require(module: str, *, extra: Extra) -> ModuleType:
    """Import a module such as `scipy.stats`, which `agentverse-engine[extra]` brings.

    What is read from it is untyped: annotate the values taken out. Raises `MissingExtra`, whose
    field is the package that is absent: the module's own, or one that it needs in turn. A package
    that is there but lacks the module raises Python's `ModuleNotFoundError`.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        absent = missing.name or module
        if absent.startswith(f"{module.partition('.')[0]}."):
            raise
        raise MissingExtra(
            f"the package is not installed; {module} needs it.",
            field=absent,
            fix=f"Install it: pip install 'agentverse-engine[{extra}]'",
        ) from missing
