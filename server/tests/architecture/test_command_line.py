"""The command line and the contract that it writes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentverse.entrypoints.api import contract
from agentverse.entrypoints.cli import CONTEXT_COMMANDS, app

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("fastapi", "sqlalchemy", "numpy", "numba", "pyarrow", "procrastinate", "psycopg")


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in ("serve", "worker", "db", "openapi", *CONTEXT_COMMANDS):
        assert name in shown


def test_help_imports_nothing_heavy() -> None:
    """The reason why help answers at once."""
    code = (
        "import sys; from agentverse.entrypoints.cli import app; "
        "app(['--help'], standalone_mode=False); print('LOADED', *sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = shown.stdout.split("LOADED ")[1].split()
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.parametrize("name", CONTEXT_COMMANDS)
def test_every_context_command_exists(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0, shown.output


def test_contract_is_fresh() -> None:
    """Run `agentverse openapi --output contracts/openapi.json` and review the difference."""
    assert json.loads((ROOT / "contracts" / "openapi.json").read_text()) == contract()


def test_contract_is_the_same_twice() -> None:
    assert json.dumps(contract(), sort_keys=True) == json.dumps(contract(), sort_keys=True)
