"""Write the hash-locked requirements, or say whether they still belong to the manifests."""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = ("pyproject.toml", "engine/pyproject.toml", "server/pyproject.toml")
PACKAGES = ("engine/pyproject.toml", "server/pyproject.toml")
LOCKS: dict[str, tuple[str, ...]] = {
    "requirements.lock": PACKAGES,
    "requirements-dev.lock": (
        *(*PACKAGES, "--all-extras", "--group", "pyproject.toml:dev"),
        *("-c", "requirements.lock"),
    ),
    "requirements-engine.lock": (
        *("engine/pyproject.toml", "--group", "pyproject.toml:engine-test"),
        *("-c", "requirements-dev.lock"),
    ),
    "requirements-bench.lock": (
        *("--group", "pyproject.toml:bench"),
        *("-c", "requirements-dev.lock"),
    ),
    "requirements-node.lock": (
        *("--group", "pyproject.toml:node", "--no-annotate"),
        *("-c", "requirements-dev.lock"),
    ),
    "requirements-bootstrap.lock": (
        *("--group", "pyproject.toml:bootstrap", "--no-annotate"),
        *("-c", "requirements-dev.lock"),
    ),
}
MARK = "# inputs sha256:"


def inputs_digest() -> str:
    """Digest of everything that decides what gets locked, and of nothing else."""
    declared: list[object] = [LOCKS, compile_command("x", ())]
    for manifest in MANIFESTS:
        table = tomllib.loads((ROOT / manifest).read_text("utf-8"))
        project = table.get("project", {})
        declared.append([project.get("dependencies"), project.get("requires-python")])
        declared.append([project.get("optional-dependencies"), table.get("dependency-groups")])
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()


def compile_command(output: str, inputs: tuple[str, ...]) -> list[str]:
    # "fewest": one numpy for every Python, or the same scenario could round differently.
    return [
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-header", "--fork-strategy", "fewest"),
        *("--no-emit-package", "agentverse-engine", "--output-file", output, *inputs),
    ]


def write(upgrade: bool) -> None:
    uv = str(ROOT / ".venv" / "bin" / "uv")
    for name, inputs in LOCKS.items():
        print(f"  {name}", flush=True)
        command = [uv, *compile_command(name, inputs)[1:], *(["--upgrade"] if upgrade else [])]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        path = ROOT / name
        path.write_text(f"{MARK} {inputs_digest()}\n{path.read_text('utf-8')}", "utf-8")


def stale_locks() -> list[str]:
    expected = f"{MARK} {inputs_digest()}"
    return [
        name for name in LOCKS if (ROOT / name).read_text("utf-8").partition("\n")[0] != expected
    ]


def main() -> int:
    if sys.argv[1:] in (["write"], ["upgrade"]):
        write(upgrade=sys.argv[1] == "upgrade")
        return 0
    stale = stale_locks()
    print(f"stale: {', '.join(stale)}. Run `make lock`." if stale else "locks are fresh")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
