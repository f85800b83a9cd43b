"""No word of heating where people meet other files: in what server, engine and web app can say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
HEATING: Final = re.compile(
    r"\bheat(ing|er|ers)?\b|heat pump|furnace|boiler|radiator|central gas|new installation",
    re.IGNORECASE,
)
# The data of heating themselves with their demo, and words that questions and columns may use.
ABOUT_HEATING: Final = (
    "server/src/agentverse/populations/datasets/heating.py",
    "server/src/agentverse/populations/datasets/__init__.py",
    "server/src/agentverse/asks/demonstrating.py",
    "server/src/agentverse/entrypoints/cli.py",
    "server/src/agentverse/compiler/lexicon.py",
    "server/src/agentverse/compiler/targets.py",
)
COMMENTS: Final = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)


def said(source: str) -> Iterator[str]:
    """Every text of a module that is no docstring."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    for node in texts:
        if isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def python_faults(folder: str) -> list[str]:
    modules = sorted((ROOT / folder).rglob("*.py"))
    assert len(modules) > 50
    named = {path: path.relative_to(ROOT).as_posix() for path in modules}
    return [
        f"{name}: {text!r}"
        for path, name in named.items()
        if name not in ABOUT_HEATING and "/migrations/" not in name
        for text in said(path.read_text())
        if HEATING.search(text)
    ]


def test_server_and_engine_have_no_word_of_heating() -> None:
    assert python_faults("server/src") == []
    assert python_faults("engine/src") == []


def test_the_web_app_has_no_word_of_heating() -> None:
    pages = [
        path
        for path in sorted((ROOT / "web/src").rglob("*.ts*"))
        if ".test." not in path.name and "generated" not in path.parts
    ]
    assert len(pages) > 200
    faults = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in pages
        for line in COMMENTS.sub("", path.read_text()).splitlines()
        if HEATING.search(line)
    ]
    assert faults == []


def test_a_word_of_heating_is_seen_in_what_is_said_and_not_in_what_explains() -> None:
    module = '"""Heat pumps."""\nname = f"buys {1} heat pumps"  # a furnace\n'
    assert [text for text in said(module) if HEATING.search(text)] == [" heat pumps"]
    assert not HEATING.search(COMMENTS.sub("", "/** heat pump */ const x = 1; // furnace"))
    assert HEATING.search(COMMENTS.sub("", "const address = 'https://x/heat pump';"))
