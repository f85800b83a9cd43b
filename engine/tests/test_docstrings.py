"""Every public name says what it is: arrays with dtype and shape, and the errors that it raises."""

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import agentverse_engine as av
from agentverse_engine import errors
from agentverse_engine.reference import simulate_reference

PACKAGES = (
    *(av, av.codec, av.diagnostics, av.ensembles, av.estimation, av.hybrid, av.networks),
    *(av.packs, av.planning, av.rules, av.scaling, av.synthesis),
)
ARRAY = re.compile(r"ArrayLike|NDArray|Floats|Integers|Booleans")
SHAPE = re.compile(r"(?:float|int|uint|bool)\d*\[|\bbool\[|0 or 1 \[")
ERRORS = {name for name, value in vars(errors).items() if inspect.isclass(value)}


def public() -> Iterator[tuple[str, Any]]:
    """Yield what each package offers, once; values such as rules and aliases of types are shown
    by other pages."""
    seen: set[int] = {id(simulate_reference)}
    yield "simulate_reference", simulate_reference
    for package in PACKAGES:
        names = getattr(package, "__all__", None) or [
            name for name in vars(package) if not name.startswith("_")
        ]
        for name in names:
            value = getattr(package, name)
            ours = str(getattr(value, "__module__", "")).startswith("agentverse_engine")
            checked = ours and (inspect.isfunction(value) or inspect.isclass(value))
            if checked and id(value) not in seen:
                seen.add(id(value))
                yield f"{package.__name__.removeprefix('agentverse_engine')}.{name}", value


PUBLIC = dict(public())
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
VALUES = {name: value for name, value in PUBLIC.items() if dataclasses.is_dataclass(value)}


def words(value: Any) -> str:
    return inspect.getdoc(value) or ""


def raised(function: Callable[..., object]) -> set[str]:
    """Return the engine's errors that the function itself raises."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc)
    names = {
        call.func.id
        for call in calls
        if isinstance(call, ast.Call)
        if isinstance(call.func, ast.Name)
    }
    return names & ERRORS


def test_there_is_much_to_check() -> None:
    assert len(FUNCTIONS) > 60
    assert len(VALUES) > 40


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_begins_with_one_sentence(name: str) -> None:
    text = words(PUBLIC[name])
    assert text
    first = text.partition("\n\n")[0]
    assert first.rstrip().endswith((".", ":")), first
    if dataclasses.is_dataclass(PUBLIC[name]):  # Python writes a signature where there is no text
        assert not text.startswith(f"{PUBLIC[name].__name__}(")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_gives_dtype_and_shape_of_its_arrays(name: str) -> None:
    function = FUNCTIONS[name]
    signature = inspect.signature(function)
    arrays = [
        parameter.name
        for parameter in signature.parameters.values()
        if ARRAY.search(str(parameter.annotation)) and "Mapping" not in str(parameter.annotation)
    ]
    text = words(function)
    for argument in arrays:
        assert re.search(rf"\b{argument}\b", text), f"{argument} is not described"
    if arrays or ARRAY.search(str(signature.return_annotation)):
        assert SHAPE.search(text), text


@pytest.mark.parametrize("name", VALUES)
def test_a_public_value_gives_dtype_and_shape_of_its_arrays(name: str) -> None:
    kind = VALUES[name]
    for item in dataclasses.fields(kind):
        if ARRAY.search(str(item.type)) and not item.name.startswith("_"):
            assert re.search(rf"\b{item.name}\b", words(kind)), f"{item.name} is not described"
            assert SHAPE.search(words(kind))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_names_the_errors_that_it_raises(name: str) -> None:
    function = FUNCTIONS[name]
    missing = {error for error in raised(function) if error not in words(function)}
    assert missing == set()
