"""What the engine offers, as its sources say it: each name with its syntax tree and docstring."""

import ast
import dataclasses
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import agentverse_engine as av
from agentverse_engine import errors
from agentverse_engine.reference import simulate_reference

# The engine, and the examples by which the reading itself is tested.
SOURCES: Final = (Path(av.__file__).parents[1], Path(__file__).parent / "data")
PACKAGES: Final = (
    *(av, av.codec, av.diagnostics, av.ensembles, av.estimation, av.hybrid, av.networks),
    *(av.packs, av.planning, av.rules, av.scaling, av.synthesis),
)
ERRORS: Final = {name for name, value in vars(errors).items() if inspect.isclass(value)}
# Modules whose functions check arguments for others: what they raise, their caller raises.
CHECKING: Final = ("agentverse_engine.numerics.", "agentverse_engine.optional")

Function = ast.FunctionDef
Definition = ast.FunctionDef | ast.ClassDef


@dataclasses.dataclass(frozen=True)
class PublicName:
    """A function, class or method that the engine offers; name: as a caller finds it."""

    name: str
    module: str
    qualified: str

    @property
    def definition(self) -> Definition:
        return definitions(self.module)[self.qualified]

    @property
    def words(self) -> str:
        return ast.get_docstring(self.definition) or ""

    @property
    def errors(self) -> set[str]:
        return _raised(self.module, self.qualified, set())


@cache
def tree_of(module: str) -> ast.Module | None:
    """The syntax tree of a module of ours; None for what is no file."""
    paths = [root.joinpath(*module.split(".")) for root in SOURCES]
    files = [file for path in paths for file in (path.with_suffix(".py"), path / "__init__.py")]
    return next((ast.parse(file.read_text()) for file in files if file.is_file()), None)


@cache
def definitions(module: str) -> dict[str, Definition]:
    """Functions, classes and methods of a module by qualified name."""
    tree = tree_of(module)
    found: dict[str, Definition] = {}
    for node in tree.body if tree else []:
        if isinstance(node, Definition):
            found[node.name] = node
        if isinstance(node, ast.ClassDef):
            methods = (item for item in node.body if isinstance(item, Function))
            found |= {f"{node.name}.{item.name}": item for item in methods}
    return found


@cache
def origins(module: str) -> dict[str, tuple[str, str]]:
    """Module and name that each imported name stands for."""
    tree = tree_of(module)
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree or ast.Module([], []))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def public_names() -> Iterator[PublicName]:
    """Yield what each package offers, once, and the public methods of its classes."""
    seen: set[int] = set()
    for path, value in _offered():
        ours = str(getattr(value, "__module__", "")).startswith("agentverse_engine")
        if not ours or id(value) in seen or path.removeprefix(".") in ERRORS:
            continue
        seen.add(id(value))
        if inspect.isfunction(value):
            plain = inspect.unwrap(value)
            yield PublicName(path, plain.__module__, plain.__qualname__)
        elif inspect.isclass(value):
            yield PublicName(path, value.__module__, value.__qualname__)
            yield from _methods(path, value)


def _offered() -> Iterator[tuple[str, Any]]:
    yield "reference.simulate_reference", simulate_reference
    for package in PACKAGES:
        names = getattr(package, "__all__", None) or [
            name for name in vars(package) if not name.startswith("_")
        ]
        for name in names:
            yield (
                f"{package.__name__}.{name}".removeprefix("agentverse_engine."),
                vars(package)[name],
            )


def _methods(path: str, kind: type) -> Iterator[PublicName]:
    for name in vars(kind):
        qualified = f"{kind.__qualname__}.{name}"
        if not name.startswith("_") and qualified in definitions(kind.__module__):
            yield PublicName(f"{path}.{name}", kind.__module__, qualified)


def _raised(module: str, qualified: str, seen: set[tuple[str, str]]) -> set[str]:
    """Errors raised by a function itself, by the private ones of its module and class that it
    calls, and by those that check arguments; of a class: when a value of it is made."""
    definition = definitions(module).get(qualified)
    if definition is None or (module, qualified) in seen:
        return set()
    seen.add((module, qualified))
    if isinstance(definition, ast.ClassDef):
        made = (f"{qualified}.{name}" for name in ("__init__", "__post_init__"))
        return {error for name in made for error in _raised(module, name, seen)}
    found: set[str] = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.Raise) and node.exc is not None:
            found |= _named_error(module, node.exc)
        if isinstance(node, ast.Call):
            found |= _handed_over(node)
            for place in _followed(module, qualified.rpartition(".")[0], ast.unparse(node.func)):
                found |= _raised(*place, seen)
    return found


def _named_error(module: str, raised: ast.expr) -> set[str]:
    """The error of `raise X(…)`, or what a function returns that makes it: `raise _broken(…)`."""
    name = ast.unparse(raised.func if isinstance(raised, ast.Call) else raised)
    maker = definitions(module).get(name)
    returned = ast.unparse(maker.returns) if isinstance(maker, Function) and maker.returns else ""
    return {name, returned} & ERRORS


def _handed_over(call: ast.Call) -> set[str]:
    """Errors that a function is given to raise: `finite(value, field="x", error=ModelError)`."""
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return {value.id for value in given if isinstance(value, ast.Name)} & ERRORS


def _followed(module: str, owner: str, called: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of a called function, if what it raises is its caller's."""
    head, _, rest = called.partition(".")
    if head in ("self", "cls") and rest.startswith("_"):
        yield module, f"{owner}.{rest}"
    elif called.startswith("_") and called in definitions(module):
        yield module, called
    elif head in origins(module):
        source, name = origins(module)[head]
        if tree_of(f"{source}.{name}") is not None:  # a module that was imported
            source, name = f"{source}.{name}", rest
        if source.startswith(CHECKING) or "_checks" in source:
            yield source, name
