"""The package needs numpy and numba only, and reads no clock, environment or global random."""

import ast
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest

import agentverse_engine as av

SOURCES = sorted(Path(av.__file__).parent.rglob("*.py"))
ALLOWED = {"numpy", "numba", "agentverse_engine"}
FORBIDDEN_MODULES = {"random", "time", "datetime", "socket", "urllib", "http", "secrets", "uuid"}
FORBIDDEN_NAMES = {"environ", "getenv", "urandom", "default_rng", "open", "print"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_source_imports_and_touches_nothing_impure(source: Path) -> None:
    imported: set[str] = set()
    named: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Attribute):
            named.add(node.attr)
        elif isinstance(node, ast.Name):
            named.add(node.id)
    assert imported <= ALLOWED | sys.stdlib_module_names
    assert not imported & FORBIDDEN_MODULES
    assert not named & FORBIDDEN_NAMES


def test_package_declares_only_what_it_imports() -> None:
    declared = requires("agentverse-engine") or []
    assert sorted(name.split(">")[0] for name in declared) == ["numba", "numpy"]
    assert version("agentverse-engine") == av.__version__


def test_public_surface_is_what_it_says() -> None:
    assert all(hasattr(av, name) for name in av.__all__)
    assert av.__all__ == sorted(av.__all__)
