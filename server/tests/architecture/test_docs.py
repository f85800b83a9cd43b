"""What the documents name exists: paths, links, make targets, compiler examples."""

import re
from pathlib import Path

import pytest

from agentverse.entrypoints.tables import metadata

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CORPORA = [ROOT / "server/tests/compiler" / name for name in ("heating.txt", "review.txt")]
MODELS = ROOT / "docs/reference/models.md"
GUIDE = ROOT / "docs/guides/ask-a-question.md"
ACCEPTANCE = ROOT / "docs/reference/acceptance.md"
ROOTS = ("engine/", "server/", "web/", "contracts/", "docs/", "tools/", ".ci/")


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def paths_named_in(text: str) -> set[str]:
    """Whatever stands in backticks and starts like a path of this repository."""
    quoted = re.findall(r"`([^`\s]+)`", text)
    files = {name.split("::")[0] for name in quoted}
    return {name for name in files if name.startswith(ROOTS) and "*" not in name}


def ids_of_tests_in(text: str) -> set[tuple[str, str]]:
    """File and function of whatever stands in backticks in the form of a test's id."""
    return set(re.findall(r"`([^`\s]+)::(test_\w+)`", text))


def test_pages_are_found() -> None:
    assert {"README.md", "ARCHITECTURE.md", "docs/guides/ask-a-question.md"} <= {
        page_id(page) for page in PAGES
    }


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_paths_named_in_a_page_exist(page: Path) -> None:
    missing = [name for name in paths_named_in(page.read_text()) if not (ROOT / name).exists()]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_ids_of_tests_in_a_page_exist(page: Path) -> None:
    missing = [
        f"{file}::{name}"
        for file, name in ids_of_tests_in(page.read_text())
        if not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)
    ]

    assert missing == []


def test_every_line_of_the_acceptance_is_shown_or_waits_for_something_named() -> None:
    gaps, rooms = ACCEPTANCE.read_text().split("\n## Rooms before guests")
    lines = [_lines(part) for part in (gaps, rooms)]

    assert [len(part) for part in lines] == [50, 24]
    assert [line for part in lines for line, shown, waits in part if not shown and not waits] == []


def _lines(text: str) -> list[tuple[str, str, str]]:
    rows = re.findall(r"^\| (.+) \| (.*) \| (.*) \|$", text, re.MULTILINE)
    return [row for row in rows if row[0] != "line"]


# What somebody who is new asks, the module that the page leads to, and what must stand in it.
ASKED = {
    "Where is a driver of a difference computed?": ("comparisons/drivers.py", "def explain"),
    "Where would another reason of a cancellation go?": ("tasks/lifecycle.py", "def cancel"),
    "Where is a question turned into event scripts?": ("asks/compiling.py", "def compile_question"),
    "Where does a column of a file become what a template uses?": (
        "runs/role_columns.py",
        "def taken_of",
    ),
    "Where is an outcome's share computed?": ("runs/outcomes.py", "def values"),
    "Where is a run's scenario put together?": ("runs/spec.py", "class RunSpec"),
    "Where is a permission given to a role?": ("identity/roles.py", "permissions_of"),
    "Where is an error turned into a problem document?": (
        "platform/http/problems.py",
        "def problem_document",
    ),
    "Where is one tick computed?": ("execution/advancing.py", "def advance"),
    "Where does a body of a new endpoint go for the tenancy matrix?": (
        "server/tests/architecture/test_tenancy_matrix.py",
        "BODIES",
    ),
}


@pytest.mark.parametrize("question", ASKED)
def test_page_that_a_newcomer_reads_answers_ten_questions(question: str) -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    ending, stands = ASKED[question]
    (path,) = {name for name in paths_named_in(page) if name.endswith(ending)}

    assert stands in (ROOT / path).read_text(), question


def test_every_model_of_the_seed_names_its_table_or_what_it_waits_for() -> None:
    rows = re.findall(r"^\| (.+) \| (.*) \| (.*) \|$", MODELS.read_text(), re.MULTILINE)
    models = {model: (re.findall(r"`(\w+)`", named), state) for model, named, state in rows[1:]}

    assert len(models) == 13
    for model, (named, state) in models.items():
        assert state.startswith("stands" if named else "waits for"), model
        for table in named:
            assert not metadata.tables[table].c.tenant_id.nullable, table
    # A table with a model's own name would have to be told.
    waiting = {f"{model.lower()}s" for model, (named, _) in models.items() if not named}
    waiting |= {"persona_templates", "persona_records", "studies", "focus_groups", "data_sources"}
    waiting |= {"listings", "marketplace_listings"}
    assert waiting.isdisjoint(metadata.tables)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_make_targets_named_in_a_page_exist(page: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(), re.MULTILINE))

    assert named - known == set()


def test_examples_of_the_ask_guide_are_in_the_tested_corpus() -> None:
    corpus = {line.strip() for file in CORPORA for line in file.read_text().splitlines()}
    rows = re.findall(r"^\| (.+) \| `(.+)` \|$", GUIDE.read_text(), re.MULTILINE)
    examples = [(question, result) for question, result in rows if question != "question"]

    assert len(examples) > 20
    for question, result in examples:
        reason = re.fullmatch(r"[a-z_0-9 ]+", result) is not None
        assert f"{question} => {'! ' if reason else ''}{result}" in corpus
