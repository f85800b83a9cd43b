"""Run the browser journeys in a real Chromium: $CHROMIUM, the system's, else an installed one.

Under CI a missing browser is a failure, never a skip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def starts(path: str) -> bool:
    """Ubuntu's chromium-browser may be a stub that only tells to install a snap."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def system_browser() -> str | None:
    found = (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *APPLICATIONS)
    return next((path for path in found if path and starts(path)), None)


def install_with_apt() -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    tell("installing Chromium with apt")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    )
    return all(
        subprocess.run(command, env=environment, stdout=sys.stderr).returncode == 0
        for command in commands
    )


def install_with_playwright() -> bool:
    tell("installing Chromium with Playwright")
    npm = str(ROOT / ".cache" / "bin" / "npm")
    environment = {**os.environ, "PATH": f"{ROOT / '.cache' / 'bin'}:{os.environ['PATH']}"}
    command = [npm, "exec", "--", "playwright", "install", "chromium"]
    return (
        subprocess.run(command, cwd=ROOT / "web", env=environment, stdout=sys.stderr).returncode
        == 0
    )


def tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def run_journeys(browser: str | None) -> int:
    environment = {**os.environ, "PATH": f"{ROOT / '.cache' / 'bin'}:{os.environ['PATH']}"}
    if browser is not None:
        environment["CHROMIUM"] = browser
    command = [str(ROOT / ".cache" / "bin" / "npm"), "--prefix", "web", "run", "--silent", "e2e"]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def main() -> int:
    browser = system_browser()
    if browser is None and install_with_apt():
        browser = system_browser()
    if browser is not None or install_with_playwright():
        return run_journeys(browser)
    tell("NO BROWSER: the journeys were not run. Install Chromium or set CHROMIUM to its path.")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
