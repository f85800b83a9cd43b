"""An absent library is named together with the command that installs it."""

import sys
from pathlib import Path

import pytest

from agentverse_engine.errors import MissingExtra
from agentverse_engine.optional import require


def test_require_module_that_is_there_returns_it() -> None:
    assert require("numpy.linalg", extra="diagnostics") is sys.modules["numpy.linalg"]


def test_require_absent_package_names_it_and_the_command() -> None:
    with pytest.raises(MissingExtra) as caught:
        require("no_such_package.stats", extra="diagnostics")
    assert caught.value.code == "engine.missing_extra"
    assert caught.value.field == "no_such_package"
    assert "pip install 'agentverse-engine[diagnostics]'" in caught.value.fix
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_require_package_whose_own_need_is_absent_names_that_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_installed.py").write_text("import no_such_package\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    with pytest.raises(MissingExtra) as caught:
        require("half_installed", extra="tables")
    assert caught.value.field == "no_such_package"
    assert "half_installed" in caught.value.message


def test_require_misspelt_submodule_is_not_blamed_on_the_installation() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"numpy\.no_such_module"):
        require("numpy.no_such_module", extra="diagnostics")
