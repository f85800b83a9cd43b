"""A public operation says in its docstring which errors it raises itself."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

SERVER: Final = Path(__file__).resolve().parents[3] / "server/src/agentverse"
# Doors answer with what operations raise; their reference is generated from the routes.
DOORS: Final = {"routes.py", "commands.py", "jobs.py"}
MODULES: Final = sorted(
    path.relative_to(SERVER)
    for path in SERVER.rglob("*.py")
    if path.name not in DOORS and path.parts[len(SERVER.parts)] not in ("migrations", "entrypoints")
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(module: str) -> ast.Module | None:
    """A module of the server by its dotted name; None for what is no file of ours."""
    path = SERVER.parent.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((ast.parse(file.read_text()) for file in files if file.is_file()), None)


@cache
def error_names() -> frozenset[str]:
    """AgentVerseError and all that derives from it."""
    bases: dict[str, set[str]] = {}
    for module in MODULES:
        for node in ast.parse((SERVER / module).read_text()).body:
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(ast.unparse(base) for base in node.bases)
    found = {"AgentVerseError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return frozenset(found)


def functions_of(tree: ast.Module) -> dict[str, Function]:
    return {node.name: node for node in tree.body if isinstance(node, Function)}


def origins(tree: ast.Module) -> dict[str, str]:
    """Dotted name of what each name imported at the top stands for."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def made_by(call: ast.expr, tree: ast.Module) -> str:
    """The error that a function returns which is called in `raise refused()`."""
    dotted = ast.unparse(call)
    head, _, rest = dotted.partition(".")
    origin = origins(tree).get(head)
    module, _, name = f"{origin}.{rest}".rstrip(".").rpartition(".") if origin else ("", "", dotted)
    home = tree_of(module) if origin else tree
    function = functions_of(home).get(name) if home else None
    return ast.unparse(function.returns) if function is not None and function.returns else ""


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """What runs when the function does, without the functions it only defines."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Function | ast.Lambda):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def raised_by(function: Function, tree: ast.Module, seen: frozenset[str]) -> set[str]:
    """Errors raised in the body, and in the private functions of its module that it calls."""
    near, found = functions_of(tree), set[str]()
    for node in own_nodes(function):
        if isinstance(node, ast.Raise) and node.exc is not None:
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            names = {ast.unparse(made).rpartition(".")[2], made_by(made, tree)}
            found |= names & error_names()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name.startswith("_") and name in near and name not in seen:
                found |= raised_by(near[name], tree, seen | {name})
    return found


def unnamed(tree: ast.Module) -> list[str]:
    """Public functions of a module, each with the errors that its docstring does not name."""
    found: list[str] = []
    for name, function in functions_of(tree).items():
        words = set(re.findall(r"\w+", ast.get_docstring(function) or ""))
        missing = raised_by(function, tree, frozenset()) - words
        if missing and not name.startswith("_"):
            found.append(f"{name}: {', '.join(sorted(missing))}")
    return found


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_public_operation_names_the_errors_it_raises(module: Path) -> None:
    found = unnamed(ast.parse((SERVER / module).read_text()))
    assert not found, f"say in the docstring “Raises X when …”: {found}"


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("raise NotFound('x')", ["get: NotFound"]),
        ("'''Raises NotFound.'''\n    raise NotFound('x')", []),
        ("'''The thing.'''\n    _check()", ["get: NotFound"]),
        ("raise _gone()", ["get: NotFound"]),
        ("raise key_authentication._refused()", ["get: InvalidCredential"]),
        ("raise ValueError('x')", []),
        ("return lambda: _check()", []),
    ],
)
def test_error_that_no_docstring_names_is_found(body: str, missing: list[str]) -> None:
    module = (
        "from agentverse.identity import key_authentication\n"
        f"def get():\n    {body}\n"
        "def _check():\n    raise NotFound('x')\n"
        "def _gone() -> NotFound:\n    return NotFound('x')\n"
    )
    assert unnamed(ast.parse(module)) == missing
