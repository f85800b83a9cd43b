"""The compile cache never serves code that was compiled from other sources."""

import shutil
import subprocess
import sys
from pathlib import Path

import agentverse_engine as av

PROGRAM = """
from agentverse_engine import mathematics
print(mathematics.exponentials([0.0])[0], sum(mathematics._exponentials.stats.cache_hits.values()))
"""


def test_a_changed_callee_is_compiled_anew(tmp_path: Path) -> None:
    package = tmp_path / "agentverse_engine"
    shutil.copytree(Path(av.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))

    def run() -> list[str]:
        command = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert run() == ["1.0", "0"]
    assert run() == ["1.0", "1"]
    # A file the kernel's own module does not even import.
    errors = package / "errors.py"
    errors.write_text(errors.read_text() + "\nCHANGED = True\n")
    assert run() == ["1.0", "0"]
