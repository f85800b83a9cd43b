"""Every extra is installed here, can be loaded, and is loaded by nothing but the wish for it."""

import json
import subprocess
import sys
from functools import cache
from typing import get_args

import pytest

from agentverse_engine.errors import MissingExtra
from agentverse_engine.optional import Extra, require

MODULES: dict[Extra, tuple[str, ...]] = {
    "diagnostics": (
        "SALib.sample.sobol",
        "optuna",
        "scipy.stats",
        "scoringrules",
        "statsmodels.api",
    ),
    "plot": ("matplotlib.figure",),
    "progress": ("tqdm.auto",),
    "ray": ("ray",),
    "tables": ("pandas", "polars", "pyarrow.parquet"),
}
PACKAGES = {module.partition(".")[0] for modules in MODULES.values() for module in modules}


@cache
def loaded_by(statement: str) -> set[str]:
    """Run a statement in a new interpreter and tell which of the extras' modules it loaded."""
    report = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, check=True, text=True, timeout=60
    )
    return {name for name in json.loads(done.stdout) if name.partition(".")[0] in PACKAGES}


@pytest.mark.parametrize(
    ("module", "extra"), [(module, extra) for extra in MODULES for module in MODULES[extra]]
)
def test_require_module_of_an_extra_returns_it(module: str, extra: Extra) -> None:
    assert require(module, extra=extra).__name__ == module


def test_every_extra_has_a_module_here() -> None:
    assert sorted(MODULES) == sorted(get_args(Extra))


def test_require_absent_package_raises_beside_installed_extras() -> None:
    with pytest.raises(MissingExtra, match="no_such_package"):
        require("no_such_package", extra="ray")


def test_import_of_the_engine_loads_no_extra() -> None:
    # Numba looks at the version of scipy where there is one; that much is not ours.
    assert loaded_by("import agentverse_engine") == loaded_by("import numba")


def test_import_of_an_extra_is_noticed() -> None:
    # The guard of the test above: it would see a library, or more of scipy than its version.
    loaded = loaded_by("import agentverse_engine, tqdm, scipy.stats")
    assert {"tqdm", "scipy.stats"} <= loaded - loaded_by("import numba")
