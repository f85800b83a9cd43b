"""Every folder of the server has its place: a layer, walls around its tables, doors that open."""

import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agentverse.entrypoints import api, cli, tables, worker
from agentverse.platform.http.context_router import PermissionRoute

ROOT = Path(__file__).resolve().parents[3]
SERVER = ROOT / "server/src/agentverse"
ENGINE = ROOT / "engine/src/agentverse_engine"
# Where a forbidden import is planted: in a folder that has no leave of its own.
INSIDE = {"agentverse": "universe", "agentverse_engine": "inputs"}
# No contexts: the entry points, what has no product words, and the history of the schema.
NO_CONTEXT = {"entrypoints", "platform", "migrations"}


def contracts() -> list[dict[str, Any]]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return document["tool"]["importlinter"]["contracts"]


def layers(package: str = "agentverse") -> list[list[str]]:
    """Top first; those of one line may not import one another."""
    layered = (one for one in contracts() if one["type"] == "layers")
    lines = next(one for one in layered if one["containers"] == [package])["layers"]
    return [[name.strip(" ()") for name in line.split("|")] for line in lines]


def contexts(folder: Path) -> set[str]:
    return {found.parent.name for found in folder.glob("*/__init__.py")} - NO_CONTEXT


def missing_places(folder: Path) -> set[str]:
    """What a context has and nobody knows of, as `context: place`."""
    protected = {
        module
        for contract in contracts()
        if contract["type"] == "protected"
        for module in contract["protected_modules"]
    }
    routes = (route for router in api.ROUTERS for route in router.routes)
    known = {
        "models.py": {models.__name__.split(".")[1] for models in tables.CONTEXTS},
        "jobs.py": {jobs.__name__.split(".")[1] for jobs in worker.HANDLERS},
        "routes.py": {
            route.endpoint.__module__.split(".")[1]
            for route in routes
            if isinstance(route, PermissionRoute)
        },
        "commands.py": {module.split(".")[1] for module, _ in cli.CONTEXT_COMMANDS.values()},
    }
    missing: set[str] = set()
    for context in contexts(folder):
        if context not in {name for line in layers() for name in line}:
            missing.add(f"{context}: layers")
        for file, registered in known.items():
            if (folder / context / file).exists() and context not in registered:
                missing.add(f"{context}: {file}")
        for file in ("models", "repository"):
            module = f"agentverse.{context}.{file}"
            if (folder / context / f"{file}.py").exists() and module not in protected:
                missing.add(f"{context}: protected {file}")
    return missing


def test_every_context_has_its_places() -> None:
    assert missing_places(SERVER) == set()


def test_context_without_places_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.mkdir()
    files = ("__init__", "models", "repository", "routes", "commands", "jobs")
    for name in files:
        (planted / f"{name}.py").touch()
    assert missing_places(tmp_path) == {
        "planted: layers",
        "planted: models.py",
        "planted: jobs.py",
        "planted: routes.py",
        "planted: commands.py",
        "planted: protected models",
        "planted: protected repository",
    }


# --- the walls hold ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the import check says of a copy in which each wall is climbed once."""
    copy = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    for package in ("server/src/agentverse", "engine/src/agentverse_engine"):
        shutil.copytree(ROOT / package, copy / Path(package).name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for low, high in walls():
        plant(copy, low, high)
    for source, forbidden in fences():
        plant(copy, f"{source}.{INSIDE.get(source, '')}".strip("."), forbidden)
    for door in doors():
        (copy / "agentverse/platform" / f"planted_{door.replace('.', '_')}.py").write_text(
            f"import agentverse.{door}\n"
        )
    for table in protected_tables():
        (copy / "agentverse/entrypoints" / f"planted_{table.replace('.', '_')}.py").write_text(
            f"import agentverse.{table}\n"
        )
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=copy,
        env={"PYTHONPATH": str(copy), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return re.sub(r"\s+", " ", done.stdout)


def plant(copy: Path, importer: str, imported: str) -> None:
    """Let a package or module of the copy import what it may not."""
    place = copy / importer.replace(".", "/")
    file = place / f"planted_{imported.replace('.', '_')}.py"
    with (file if place.is_dir() else place.with_suffix(".py")).open("a") as source:
        source.write(f"import {imported}\n")


def walls() -> list[tuple[str, str]]:
    """Each layer with the one above it, and the two of a line with one another."""
    return [
        (f"{folder.name}.{low}", f"{folder.name}.{high}")
        for folder in (SERVER, ENGINE)
        for low, high in _walls(folder)
    ]


def _walls(folder: Path) -> list[tuple[str, str]]:
    def exists(name: str) -> bool:
        return (folder / name).is_dir() or (folder / f"{name}.py").is_file()

    lines = [[name for name in line if exists(name)] for line in layers(folder.name)]
    lines = [line for line in lines if line]
    upward = [(low[0], high[-1]) for high, low in pairwise(lines)]
    beside = [pair for line in lines for pair in pairwise(line)]
    return upward + beside


def fences() -> list[tuple[str, str]]:
    """What may not be imported at all, and from where."""
    return [
        (source, forbidden)
        for contract in contracts()
        if contract["type"] == "forbidden"
        for source in contract["source_modules"]
        for forbidden in contract["forbidden_modules"]
    ]


def doors() -> list[str]:
    return sorted(
        f"{file.parent.name}.{file.stem}"
        for name in ("routes", "commands", "jobs")
        for file in SERVER.glob(f"*/{name}.py")
    )


def protected_tables() -> list[str]:
    return sorted(
        f"{file.parent.name}.{file.stem}"
        for name in ("models", "repository")
        for file in SERVER.glob(f"*/{name}.py")
    )


@pytest.mark.parametrize(("low", "high"), walls())
def test_upward_import_is_refused(check: str, low: str, high: str) -> None:
    assert f"{low} is not allowed to import {high}" in check


def test_fences_stand_where_they_did() -> None:
    """The next test asks only for those that the contracts name."""
    assert set(fences()) >= {
        *(("agentverse.compiler", name) for name in ("agentverse.platform", "sqlalchemy")),
        *(("agentverse_engine", name) for name in ("agentverse", "pydantic", "ray", "pyarrow")),
        *(("agentverse", name) for name in ("sqlalchemy", "fastapi", "aiohttp", "procrastinate")),
    }


@pytest.mark.parametrize(("source", "forbidden"), fences())
def test_import_of_what_is_fenced_off_is_refused(check: str, source: str, forbidden: str) -> None:
    assert f"{source} is not allowed to import {forbidden}" in check


@pytest.mark.parametrize("door", doors())
def test_call_of_a_door_from_inside_is_refused(check: str, door: str) -> None:
    assert f"planted_{door.replace('.', '_')} -> agentverse.{door}" in check


@pytest.mark.parametrize("table", protected_tables())
def test_import_of_another_contexts_tables_is_refused(check: str, table: str) -> None:
    assert f"planted_{table.replace('.', '_')} -> agentverse.{table}" in check
