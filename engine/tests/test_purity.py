"""The core needs numpy and numba only, and reads no clock, environment or global random.

A few modules at the boundary may load the libraries of their extras; `extras/` tests that they do
so late. The import-linter contracts in pyproject.toml say the same of the import graph.
"""

import ast
import re
import sys
from importlib.metadata import requires, version
from pathlib import Path
from typing import get_args

import pytest

import agentverse_engine as av
from agentverse_engine.optional import Extra

PACKAGE = Path(av.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
ALLOWED = {"numpy", "numba", "agentverse_engine"}
FORBIDDEN_MODULES = {"random", "time", "datetime", "socket", "urllib", "http", "secrets", "uuid"}
FORBIDDEN_NAMES = {"environ", "getenv", "urandom", "default_rng", "open", "print"}
LOADING = {"import_module", "__import__", "agentverse_engine.optional"}
# The file or folder below the package, and the extras whose libraries it may load.
BOUNDARY: dict[str, set[Extra]] = {
    "codec": {"tables"},
    "diagnostics": {"diagnostics"},
    "execution/progress.py": {"progress"},
    "results/plotting.py": {"plot"},
    "results/tables.py": {"tables"},
    "scaling": {"ray"},
}


def declared() -> dict[str, set[str]]:
    """Read the packages of each extra from the metadata; those of no extra are under ""."""
    found: dict[str, set[str]] = {}
    for line in requires("agentverse-engine") or []:
        package, marked = re.match(r"[\w-]+", line), re.search(r"extra == ['\"](\w+)", line)
        assert package
        found.setdefault(marked[1] if marked else "", set()).add(package[0])
    return found


def place_of(source: Path) -> str:
    """Name the file; or the folder of the boundary that it is in."""
    name = source.relative_to(PACKAGE).as_posix()
    folder = name.partition("/")[0]
    return folder if folder in BOUNDARY else name


def names_in(source: Path) -> tuple[set[str], set[str]]:
    """Return the modules that a source imports and every other name it uses."""
    imported: set[str] = set()
    named: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            named.add(node.attr)
        elif isinstance(node, ast.Name):
            named.add(node.id)
    return imported, named


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_source_imports_and_touches_nothing_impure(source: Path) -> None:
    imported, named = names_in(source)
    packages = {name.partition(".")[0] for name in imported}
    brought = {name for extra in BOUNDARY.get(place_of(source), ()) for name in declared()[extra]}
    foreign = {name for name in packages if name.lower() not in brought}  # SALib, declared salib
    assert foreign <= ALLOWED | sys.stdlib_module_names
    assert not packages & FORBIDDEN_MODULES
    assert not named & FORBIDDEN_NAMES


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_source_outside_the_boundary_loads_nothing_by_name(source: Path) -> None:
    imported, named = names_in(source)
    place = place_of(source)
    boundary = {"agentverse_engine.optional"} if place in BOUNDARY else set[str]()
    expected = {"import_module"} if place == "optional.py" else boundary
    assert LOADING & (imported | named) <= expected


def test_package_requires_only_numpy_and_numba_without_extras() -> None:
    assert declared()[""] == {"numba", "numpy"}
    assert version("agentverse-engine") == av.__version__


def test_package_declares_each_extra_that_can_be_asked_for() -> None:
    assert sorted(declared()) == sorted(["", *get_args(Extra)])
    assert set().union(*BOUNDARY.values()) == set(get_args(Extra))


def test_public_surface_is_what_it_says() -> None:
    assert all(hasattr(av, name) for name in av.__all__)
    assert av.__all__ == sorted(av.__all__)
