"""One file name, one meaning: a name stands twice only if it is a word of every context."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[3]
SERVER = ROOT / "server/src/agentverse"
# What each context may have, with the same meaning in all of them; ARCHITECTURE.md says which.
VOCABULARY: Final = frozenset(
    f"{name}.py"
    for name in (
        *("__init__", "routes", "commands", "jobs", "repository", "models", "schemas"),
        *("permissions", "errors", "lifecycle", "listing", "executing", "conversion"),
    )
)


def repeated(files: Iterable[Path]) -> set[str]:
    """Names of several files."""
    counts = Counter(file.name for file in files)
    return {name for name, count in counts.items() if count > 1}


def test_file_name_stands_once_or_is_a_word_of_every_context() -> None:
    clashes = repeated(SERVER.rglob("*.py")) - VOCABULARY
    assert not clashes, f"give each meaning its own name: {sorted(clashes)}"


def test_word_of_the_vocabulary_is_used_twice_and_explained() -> None:
    stale = VOCABULARY - repeated(SERVER.rglob("*.py"))
    assert not stale, f"no longer shared by contexts: {sorted(stale)}"
    page = (ROOT / "ARCHITECTURE.md").read_text()
    missing = {name for name in VOCABULARY if f"`{name}`" not in page}
    assert not missing, f"ARCHITECTURE.md does not say what they are: {sorted(missing)}"


def test_new_clash_is_found() -> None:
    files = [*SERVER.glob("runs/*.py"), SERVER / "asks/intervals.py", SERVER / "asks/jobs.py"]
    assert repeated(files) - VOCABULARY == {"intervals.py"}
