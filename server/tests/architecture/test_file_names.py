"""One file name, one meaning: a name stands twice only in the vocabulary or with a reason."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

SERVER = Path(__file__).resolve().parents[3] / "server/src/agentverse"
# What each context may have, with the same meaning in all of them.
VOCABULARY: Final = frozenset(
    f"{name}.py"
    for name in (
        *("__init__", "routes", "commands", "jobs", "repository", "models", "schemas"),
        *("permissions", "errors", "lifecycle"),
    )
)
# Stands twice: the same meaning in each, or one of them is only what its own folder says.
ALLOWED: Final = {
    "addresses.py": "identity: of mail; platform/outgoing: of the network",
    "administration.py": "of the platform realm: what it does to tenants; its database sessions",
    "admission.py": "llm: of a credential; platform/http: of a request",
    "attempts.py": "identity: to sign in; llm: to have an answer from a provider",
    "base.py": "what the modules of a folder share",
    "conversion.py": "plans and hybrids: wire types to the engine's and back",
    "executing.py": "runs, plans, hybrids: what the job does",
    "idempotency.py": "platform: digests of requests; tasks: keys that were used",
    "listing.py": "runs, tasks: as their readers see them",
    "outcomes.py": "runs: what is read of a run; llm: how an attempt ended",
    "persons.py": "identity: who signs in; platform/db: the session of their directory",
    "reading.py": "audit: entries; populations: files",
    "reporting.py": "asks: an answer for people and programs; llm: calls and what they cost",
    "roles.py": "identity: of members; platform/db: of the database",
    "router.py": "llm: of calls to models; platform/http: of requests",
    "running.py": "platform/jobs: an attempt at a job; platform/limited: work in a child",
    "sealing.py": "platform: secrets; audit: chains of entries",
    "serving.py": "entrypoints: `agentverse serve`; platform/limited: what forks children",
    "windows.py": "comparisons: of ticks; llm: of budgets, by the clock",
    "wire.py": "platform: the base of wire types; llm/providers: OpenAI's format read",
    "working.py": "platform/jobs: the queue's worker; tasks: the worker's side of one task",
}


def unexplained(files: Iterable[Path]) -> set[str]:
    """Names of several files that neither the vocabulary nor a reason allows."""
    counts = Counter(file.name for file in files)
    return {name for name, count in counts.items() if count > 1} - VOCABULARY - set(ALLOWED)


def test_file_name_stands_once_or_with_a_reason() -> None:
    clashes = unexplained(SERVER.rglob("*.py"))
    assert not clashes, f"rename one of each, or say in ALLOWED what both mean: {sorted(clashes)}"


def test_new_clash_is_found() -> None:
    files = [*SERVER.glob("runs/*.py"), SERVER / "asks/intervals.py", SERVER / "asks/jobs.py"]
    assert unexplained(files) == {"intervals.py"}
