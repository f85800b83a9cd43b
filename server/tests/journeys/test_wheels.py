"""The two wheels alone, in an empty environment: no make, no Node, no checkout."""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[3]
UV = Path(sys.executable).with_name("uv")
READY = re.compile(r"^AgentVerse is ready: (http://127\.0\.0\.1:\d+)/sign-in#token=\S+$")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not one of pytest's, whose mode bars the account that the database runs under."""
    made = Path(tempfile.mkdtemp(prefix="agentverse-wheels-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def wheels(folder: Path) -> dict[str, Path]:
    for package in ("engine", "server"):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(build, cwd=ROOT / package, check=True, stdout=subprocess.DEVNULL)
    return {path.name.partition("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def installed(folder: Path, wheels: dict[str, Path]) -> Path:
    """The folder of commands of an environment that holds the wheels and what they declare."""
    home = folder / "environment"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, home], check=True)
    install = [UV, "pip", "install", "--quiet", "--python", home / "bin" / "python"]
    locked = [*install, "--require-hashes", "-r", ROOT / "requirements.lock"]
    # What `make` has installed lies in uv's cache; only without it is the index asked.
    if subprocess.run([*locked, "--offline"], stderr=subprocess.DEVNULL).returncode:
        subprocess.run(locked, check=True)
    subprocess.run([*install, "--no-deps", *wheels.values()], check=True)
    # Exactly that: a dependency that is used but not declared is not there.
    subprocess.run([UV, "pip", "check", "--quiet", "--python", home / "bin" / "python"], check=True)
    return home / "bin"


def requirements(wheel: Path) -> set[str]:
    """What the wheel needs in any case, by name."""
    with ZipFile(wheel) as archive:
        name = next(entry for entry in archive.namelist() if entry.endswith("/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    return {re.split(r"[^\w-]", line)[0] for line in needed}


def test_the_engine_needs_numpy_and_numba_only(wheels: dict[str, Path]) -> None:
    assert requirements(wheels["agentverse_engine"]) == {"numpy", "numba"}


def test_the_product_carries_the_web_app_and_no_tests(wheels: dict[str, Path]) -> None:
    with ZipFile(wheels["agentverse"]) as archive:
        names = archive.namelist()

    assert "agentverse/web_app/index.html" in names
    assert [name for name in names if "test" in name.partition("/")[2].split("/")[0]] == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def served(folder: Path, installed: Path) -> Iterator[str]:
    """Address of the demo, started where neither make nor Node nor the checkout can be found."""
    nothing = folder / "nothing"
    nothing.mkdir()
    environment = {
        "PATH": str(nothing),
        "HOME": str(nothing),
        "AGENTVERSE_HOME": str(folder / "home"),
    }
    with (folder / "log").open("w") as log:
        demo = subprocess.Popen(
            [installed / "agentverse", "demo", "--port", str(free_port())],
            cwd=nothing,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with demo:
        assert demo.stdout is not None
        found = READY.match(demo.stdout.readline())
        if found is None:
            demo.kill()
            pytest.fail((folder / "log").read_text())
        yield found[1]
        demo.terminate()
    subprocess.run([installed / "agentverse", "db", "stop"], env=environment, check=True)


def read(address: str) -> str:
    answer = httpx2.get(address, timeout=60)
    assert answer.status_code == 200
    return answer.text


def test_the_demo_serves_the_app(served: str) -> None:
    page = read(f"{served}/")
    script = re.search(r'<script[^>]+src="(/assets/[^"]+\.js)"', page)

    assert '<div id="root">' in page
    assert script is not None
    assert "createRoot" in read(served + script[1])
    assert read(f"{served}/api/v1/health/live")
