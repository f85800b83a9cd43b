"""The worked notebooks run from the first cell to the last, and assert what they found."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LONGEST_SECONDS = 200  # for a cell that compiles its kernels on a busy machine; else seconds


@pytest.fixture(autouse=True)
def _own_settings(  # pyright: ignore[reportUnusedFunction]  pytest calls it
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep out of the home folder: no profile, history or kernel of whoever runs the tests."""
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def read(path: Path) -> Any:
    reader: Any = nbformat
    return reader.read(path, as_version=4)


def execute(notebook: Any) -> None:
    """Run all cells as from the folder of the notebooks, over sockets of the file system."""
    with TemporaryDirectory(prefix="av") as folder:  # short: such a socket's path has few bytes
        sockets = {"transport": "ipc", "ip": f"{folder}/k"}
        client: Any = NotebookClient(
            notebook,
            config=Config({"KernelManager": sockets}),
            kernel_name="python3",
            timeout=LONGEST_SECONDS,
            resources={"metadata": {"path": str(FOLDER)}},
        )
        client.execute()


def code_of(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_three_notebooks() -> None:
    assert len(NOTEBOOKS) == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_finds_what_it_says(path: Path) -> None:
    notebook = read(path)
    execute(notebook)
    warned = [
        output.text
        for cell in code_of(notebook)
        for output in cell.outputs
        if output.get("name") == "stderr" and "Warning" in output.text
    ]
    assert warned == []
    assert any(
        "image/png" in output.get("data", {})
        for cell in code_of(notebook)
        for output in cell.outputs
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_results_and_can_fail(path: Path) -> None:
    notebook = read(path)
    nbformat_checks: Any = nbformat
    nbformat_checks.validate(notebook)
    assert all(not cell.outputs and cell.execution_count is None for cell in code_of(notebook))
    assert sum("\nassert " in f"\n{cell.source}" for cell in code_of(notebook)) >= 2


def test_notebook_whose_finding_is_wrong_fails() -> None:
    notebook = read(NOTEBOOKS[0])
    notebook.cells = code_of(notebook)[:1]
    notebook.cells[0].source = "assert 1 + 1 == 3"
    with pytest.raises(CellExecutionError, match="AssertionError"):
        execute(notebook)
